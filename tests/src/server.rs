//! A server process with a directory of its own.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use countersign_test_postgres::Cluster;
use tempfile::TempDir;

use crate::{Client, Metrics, secrets};

/// A running server. Dropping it kills the process.
pub struct Server {
    child: Child,
    url: String,
    directory: Arc<TempDir>,
    ready_in: Duration,
    /// The URL of its database, if it is one of Postgres.
    database: Option<String>,
    /// Kept open: a server that writes to a closed pipe would fail.
    _stdout: BufReader<ChildStdout>,
}

/// The server's binary: `COUNTERSIGN_BIN`, or the one of this workspace, built once when it is out of date.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| match std::env::var_os("COUNTERSIGN_BIN") {
        // The server starts in another directory.
        Some(path) => std::path::absolute(path).expect("COUNTERSIGN_BIN is a path"),
        None => build("countersign-server", "countersign"),
    })
}

/// Builds a package of this workspace if it is out of date; returns the path of its binary.
pub fn build(package: &str, binary: &str) -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--package", package])
        .status();
    assert!(
        built.expect("cargo runs").success(),
        "{package} does not build"
    );
    let test = std::env::current_exe().expect("a test knows its own path");
    let profile = test
        .parent()
        .and_then(Path::parent)
        .expect("tests lie in target/debug/deps");
    profile.join(binary)
}

/// Where a server listens unless it is to be reached by others.
const LOCAL: &str = "127.0.0.1:0";
/// Sets the database.
const DATABASE: &str = "COUNTERSIGN__DATABASE__URL";
/// How long its last metrics are waited for.
const PATIENCE: Duration = Duration::from_secs(5);

impl Server {
    /// Starts a server without any configuration, in a fresh directory.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts a server with these environment variables, in a fresh directory.
    pub fn start_with(environment: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        Self::start_in(Arc::new(directory), environment)
    }

    /// Starts a server on a fresh database of the Postgres that all tests share.
    pub fn start_on_postgres() -> Self {
        Self::start_on_database(&Cluster::shared().create_database())
    }

    /// Starts a server on this database of Postgres, with a directory of its own. Nothing may show the password.
    pub fn start_on_database(url: &str) -> Self {
        Self::start_with(&[(DATABASE, url)]).on_database(Some(url.to_owned()))
    }

    /// Notes the database it was started on.
    fn on_database(mut self, url: Option<String>) -> Self {
        let password = |url: &String| Some(url.split_once('@')?.0.rsplit_once(':')?.1.to_owned());
        if let Some(password) = url.as_ref().and_then(password) {
            secrets::note_secret(&self.url, &password);
        }
        self.database = url;
        self
    }

    /// Starts a server in a directory that was prepared for it.
    pub fn start_on(directory: TempDir, environment: &[(&str, &str)]) -> Self {
        Self::start_in(Arc::new(directory), environment)
    }

    /// Starts another program that serves, with a configuration that names a free port.
    pub fn start_program(program: &Path, environment: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let log = log_file(directory.path());
        let mut command = Command::new(program);
        command.env("COUNTERSIGN__SERVER__LISTEN", LOCAL);
        Self::run(command, Arc::new(directory), environment, log)
    }

    /// Starts a server at debug level whose log nobody reads any more.
    pub fn start_with_lost_log() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let (reader, log) = std::io::pipe().expect("a pipe");
        let server = Self::spawn(
            Arc::new(directory),
            LOCAL,
            &[("COUNTERSIGN__LOG__FILTER", "debug")],
            log.into(),
        );
        drop(reader);
        server
    }

    /// Starts a server that others than this machine can reach.
    pub fn start_public() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let environment = [
            (
                "COUNTERSIGN__SERVER__PUBLIC_URL",
                "https://auth.example.com",
            ),
            ("COUNTERSIGN__ALLOW_UNSAFE", "true"),
        ];
        Self::start_at("0.0.0.0:0", Arc::new(directory), &environment)
    }

    fn start_in(directory: Arc<TempDir>, environment: &[(&str, &str)]) -> Self {
        Self::start_at(LOCAL, directory, environment)
    }

    fn start_at(listen: &str, directory: Arc<TempDir>, environment: &[(&str, &str)]) -> Self {
        let log = log_file(directory.path());
        Self::spawn(directory, listen, environment, log)
    }

    fn spawn(
        directory: Arc<TempDir>,
        listen: &str,
        environment: &[(&str, &str)],
        log: Stdio,
    ) -> Self {
        let mut command = Command::new(binary());
        command.args(["serve", "--listen", listen]);
        Self::run(command, directory, environment, log)
    }

    fn run(
        mut command: Command,
        directory: Arc<TempDir>,
        environment: &[(&str, &str)],
        log: Stdio,
    ) -> Self {
        let start = Instant::now();
        let mut child = command
            .current_dir(directory.path())
            // Tests sign in more often than people, and what is logged is searched for secrets.
            .env("COUNTERSIGN__LIMITS__SCALE", "1000")
            .env("COUNTERSIGN__DEMO", "true")
            .env("COUNTERSIGN__LOG__FILTER", "debug")
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the server starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("stdout is text");
        let Some(url) = line.trim_end().strip_prefix("listening on ") else {
            let log = std::fs::read_to_string(directory.path().join("log")).unwrap_or_default();
            panic!("expected `listening on URL`, got {line:?}\n{log}");
        };
        Self {
            ready_in: start.elapsed(),
            database: None,
            url: url.to_owned(),
            child,
            directory,
            _stdout: stdout,
        }
    }

    /// Where it listens, as `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Host and port.
    pub fn authority(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// The directory it was started in, which holds its data directory and its log.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// How long it took from the process's start to the line that says where it listens.
    pub fn ready_in(&self) -> Duration {
        self.ready_in
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A client without credentials.
    pub fn client(&self) -> Client {
        Client::new(self.url.clone())
    }

    /// A client of `internal.listen`, whose port is in the log.
    pub fn internal_client(&self) -> Client {
        let log = self.log();
        let (_, rest) = log
            .split_once("\"metrics\":\"")
            .unwrap_or_else(|| panic!("no internal listener: {log}"));
        let (url, _) = rest.split_once("/metrics\"").expect("a URL in quotes");
        self.client().internal(url.to_owned())
    }

    /// What it counts and measures now.
    pub async fn metrics(&self) -> Metrics {
        Metrics::of(&self.client().get("/metrics").await)
    }

    /// The text of its metrics, if it still answers and serves them to clients.
    fn metrics_text(&self) -> Option<String> {
        let mut connection = TcpStream::connect(self.authority()).ok()?;
        connection.set_read_timeout(Some(PATIENCE)).ok()?;
        let host = self.authority();
        let request = format!("GET /metrics HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        connection.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer).ok()?;
        let (head, text) = answer.split_once("\r\n\r\n")?;
        head.starts_with("HTTP/1.1 200 ").then(|| text.to_owned())
    }

    /// Everything logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).expect("the log is text")
    }

    /// SIGKILL, then a new server on the same data.
    pub fn kill_and_restart(mut self) -> Self {
        self.child.kill().expect("the server was running");
        self.child.wait().expect("the server ends");
        let database = self.database.clone();
        let environment = database.as_deref().map(|url| (DATABASE, url));
        let restarted = Self::start_in(self.directory.clone(), environment.as_slice());
        restarted.on_database(database)
    }

    /// SIGTERM; then copies its data to this directory. Returns how the server ended and what it logged.
    pub fn stop_and_keep(self, directory: &Path) -> (ExitStatus, String) {
        let data = self.directory.clone();
        let stopped = self.stop();
        let copied = Command::new("cp")
            .arg("--archive")
            .arg(data.path().join("countersign-data/."))
            .arg(directory)
            .status();
        assert!(copied.expect("cp runs").success());
        stopped
    }

    /// SIGTERM; returns how the server ended and what it logged.
    pub fn stop(mut self) -> (ExitStatus, String) {
        let stopped = Command::new("kill").arg(self.pid().to_string()).status();
        assert!(stopped.expect("kill runs").success());
        let status = self.child.wait().expect("the server ends");
        (status, self.log())
    }
}

fn log_file(directory: &Path) -> Stdio {
    let log = File::options()
        .create(true)
        .append(true)
        .open(directory.join("log"));
    log.expect("a log file").into()
}

impl Drop for Server {
    fn drop(&mut self) {
        if !std::thread::panicking()
            && let Some(metrics) = self.metrics_text()
        {
            secrets::assert_metrics_name_nobody(&self.url, &metrics);
        }
        // It may have ended already.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
        let log = std::fs::read_to_string(self.directory.path().join("log"));
        if let Ok(log) = log
            && !std::thread::panicking()
        {
            secrets::assert_absent(&self.url, &log);
        }
    }
}
