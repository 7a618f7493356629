//! A Redis that a test starts, stalls, kills, and starts again.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// A `redis-server` on a free port, with a password and nothing on disk. Dropping it kills the process.
pub struct Redis {
    port: u16,
    child: Option<Child>,
}

/// In its configuration, and in the URL that servers are given.
const PASSWORD: &str = "the-password-of-redis-in-tests";
/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(20);

impl Redis {
    /// Starts one, and waits until it answers.
    ///
    /// # Panics
    /// Without `redis-server`, which scripts/test installs.
    pub fn start() -> Self {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = free.local_addr().expect("it is bound").port();
        drop(free);
        let mut redis = Self { port, child: None };
        redis.start_again();
        redis
    }

    /// Starts it again after [`kill`](Self::kill), on the same port and without what it knew.
    pub fn start_again(&mut self) {
        let child = Command::new("redis-server")
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no", "--daemonize", "no"])
            .args(["--requirepass", PASSWORD, "--dir", "/"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let child = self.child.insert(child.expect("redis-server runs"));
        let pid = child.id();
        let end = Instant::now() + PATIENCE;
        // Somebody else may have taken the port meanwhile.
        while !self.answers_as(pid) {
            assert!(Instant::now() < end, "redis-server does not answer");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// What servers are given.
    pub fn url(&self) -> String {
        format!("redis://:{PASSWORD}@127.0.0.1:{}", self.port)
    }

    /// The same for a user of Redis whose password is the same.
    pub fn url_as(&self, user: &str) -> String {
        format!("redis://{user}:{PASSWORD}@127.0.0.1:{}", self.port)
    }

    /// What must show nowhere.
    pub fn password(&self) -> &'static str {
        PASSWORD
    }

    /// SIGKILL: whoever is connected learns it at once.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().expect("it was running");
        child.wait().expect("it ends");
    }

    /// SIGSTOP: connections stay, and nothing is answered.
    pub fn stall(&self) {
        self.signal("-STOP");
    }

    /// SIGCONT.
    pub fn resume(&self) {
        self.signal("-CONT");
    }

    /// Forgets everything, scripts included.
    pub fn forget(&self) {
        assert_eq!(self.ask("FLUSHALL").as_deref(), Some("+OK\r\n"));
        assert_eq!(self.ask("SCRIPT FLUSH").as_deref(), Some("+OK\r\n"));
    }

    /// All keys, one a line, as Redis sends them.
    pub fn keys(&self) -> String {
        self.ask("KEYS *").expect("it answers")
    }

    /// What it answers to a command, as far as it sends it at once.
    pub fn ask(&self, command: &str) -> Option<String> {
        let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok()?;
        connection.set_read_timeout(Some(PATIENCE)).ok()?;
        let text = format!("AUTH {PASSWORD}\r\n{command}\r\nQUIT\r\n");
        connection.write_all(text.as_bytes()).ok()?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer).ok()?;
        let answer = answer.strip_prefix("+OK\r\n")?.strip_suffix("+OK\r\n")?;
        Some(answer.to_owned())
    }

    fn answers_as(&self, pid: u32) -> bool {
        let told = self.ask("INFO server").unwrap_or_default();
        told.contains(&format!("\r\nprocess_id:{pid}\r\n"))
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.as_ref().expect("it runs").id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status();
        assert!(sent.expect("kill runs").success());
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // SIGKILL ends one that is stopped, too.
            let _ended = child.kill();
            let _reaped = child.wait();
        }
    }
}
