//! A throw-away PostgreSQL for tests: a cluster of its own, of the installed binaries, which never touches a
//! running one.
//!
//! [`Cluster::shared`] is one for a whole test program, and [`Cluster::create_database`] a fresh database in it.
//! A cluster ends with its program, however that ends. PostgreSQL refuses to run as root: root runs it as the user
//! `postgres`, or `nobody`.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// A running cluster. Dropping it ends it and removes its files.
pub struct Cluster {
    shell: Mutex<Shell>,
    binaries: PathBuf,
    directory: PathBuf,
    port: u16,
    password: String,
    databases: AtomicU64,
}

/// What runs the cluster, and ends it when its standard input closes.
struct Shell {
    child: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    postmaster: u32,
}

/// How long a cluster may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);

impl Cluster {
    /// The one of this program, started when it is first asked for.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// Starts a cluster of its own, for a test that stops or kills it.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start.
    pub fn start() -> Self {
        let binaries = binaries().expect(
            "PostgreSQL is installed: initdb and postgres are in PATH or in /usr/lib/postgresql/*/bin",
        );
        let directory = tempfile::Builder::new().prefix("countersign-pg-").tempdir();
        let directory = directory.expect("a temporary directory").keep();
        let password = password();
        let port = free_port();
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", include_str!("cluster.sh"), "cluster"])
            .args([&binaries, &directory])
            .arg(port.to_string())
            // Not that of the tests, which may be one that the user cannot enter.
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if let Some((user, group)) = user() {
            chown(&directory, Some(user), Some(group)).expect("root may give files away");
            command.uid(user).gid(group);
        }
        let mut child = command.spawn().expect("a shell runs");
        let mut orders = child.stdin.take().expect("stdin is piped");
        let answers = BufReader::new(child.stdout.take().expect("stdout is piped"));
        writeln!(orders, "{password}").expect("the shell listens");
        let mut shell = Shell {
            child,
            orders: Some(orders),
            answers,
            postmaster: 0,
        };
        shell.wait_for_postmaster(&directory);
        let cluster = Self {
            shell: Mutex::new(shell),
            binaries,
            directory,
            port,
            password,
            databases: AtomicU64::new(0),
        };
        cluster.wait();
        cluster
    }

    /// A fresh database; returns its `postgres://` URL, which holds the password.
    pub fn create_database(&self) -> String {
        let name = format!("test{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    /// The URL of a database that is there.
    pub fn url(&self, database: &str) -> String {
        let Self { password, port, .. } = self;
        format!("postgres://countersign:{password}@127.0.0.1:{port}/{database}")
    }

    /// The directory of its programs.
    pub fn binaries(&self) -> &Path {
        &self.binaries
    }

    /// The password in its URLs.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Host and port.
    pub fn address(&self) -> (Ipv4Addr, u16) {
        (Ipv4Addr::LOCALHOST, self.port)
    }

    /// The directory of its unix socket.
    pub fn socket_directory(&self) -> &Path {
        &self.directory
    }

    /// Runs SQL in a database, or in that of a URL, as `psql` does; returns its rows, with `|` between columns.
    ///
    /// # Panics
    /// When the SQL fails.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        let url = match database.starts_with("postgres://") {
            true => database.to_owned(),
            false => self.url(database),
        };
        let ran = self.psql(&url, sql);
        let (rows, fault) = (text(&ran.stdout), text(&ran.stderr));
        assert!(ran.status.success(), "{sql}: {fault}{}", self.log());
        rows
    }

    /// Has here what a database of another cluster holds now, under the same name and for the same user.
    ///
    /// # Panics
    /// When it cannot be copied.
    pub fn copy_from(&self, other: &Self, url: &str) {
        let (_, name) = url.rsplit_once('/').expect("a database");
        let dump = Command::new(other.binaries.join("pg_dump"))
            .args(["--dbname", url])
            .current_dir("/")
            .output();
        let dump = dump.expect("pg_dump runs");
        assert!(dump.status.success(), "{}", text(&dump.stderr));
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        let mut psql = Command::new(self.binaries.join("psql"))
            .args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1"])
            .arg(self.url(name))
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("psql runs");
        let mut input = psql.stdin.take().expect("stdin is piped");
        input.write_all(&dump.stdout).expect("psql reads");
        drop(input);
        assert!(psql.wait().expect("psql ends").success(), "{}", self.log());
        let role = format!("ALTER ROLE countersign PASSWORD '{}'", other.password);
        self.sql("postgres", &role);
    }

    fn psql(&self, url: &str, sql: &str) -> std::process::Output {
        let mut psql = Command::new(self.binaries.join("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
            .args(["--set", "ON_ERROR_STOP=1", "--command", sql, url])
            .current_dir("/");
        psql.output().expect("psql runs")
    }

    /// Kills it and starts it again; done when it answers.
    pub fn restart(&self) {
        {
            let mut shell = self.shell();
            let orders = shell.orders.as_mut().expect("open until the end");
            writeln!(orders, "restart").expect("the shell listens");
            shell.wait_for_postmaster(&self.directory);
        }
        self.wait();
    }

    /// Restarts it with a certificate for `localhost` and no other name; returns the file of the authority that issued
    /// it. Needs openssl.
    pub fn speak_tls(&self) -> PathBuf {
        let mut command = Command::new("/bin/sh");
        command
            .args(["-ec", include_str!("certificate.sh"), "certificate"])
            .arg(&self.directory)
            .current_dir("/");
        if let Some((user, group)) = user() {
            command.uid(user).gid(group);
        }
        let made = command.output().expect("a shell runs");
        assert!(made.status.success(), "{}", text(&made.stderr));
        let (key, certificate) = (
            self.directory.join("server.key"),
            self.directory.join("server.crt"),
        );
        for (setting, value) in [
            ("ssl", "on".to_owned()),
            ("ssl_key_file", key.display().to_string()),
            ("ssl_cert_file", certificate.display().to_string()),
        ] {
            self.sql(
                "postgres",
                &format!("ALTER SYSTEM SET {setting} = '{value}'"),
            );
        }
        self.restart();
        self.directory.join("ca.crt")
    }

    /// Restarts it as a standby, which follows nobody and cannot be written to.
    pub fn become_standby(&self) {
        let signal = self.directory.join("data/standby.signal");
        std::fs::write(signal, "").expect("the directory is there");
        self.restart();
    }

    /// Stops all its processes, so that it accepts connections and does not answer.
    pub fn freeze(&self) {
        self.signal("STOP");
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    fn signal(&self, signal: &str) {
        let postmaster = self.shell().postmaster;
        let signalled = |process: u32| {
            let sent = Command::new("kill")
                .args([format!("-{signal}"), process.to_string()])
                .status();
            sent.expect("kill runs")
        };
        // The postmaster first, so that it starts no others meanwhile. One of the others may just have ended.
        assert!(signalled(postmaster).success(), "the postmaster runs");
        for child in children(postmaster) {
            let _ended = signalled(child);
        }
    }

    fn wait(&self) {
        let start = Instant::now();
        let url = self.url("postgres");
        while TcpStream::connect(self.address()).is_err()
            || !self.psql(&url, "SELECT 1").status.success()
        {
            assert!(start.elapsed() < PATIENCE, "no answer: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        log(&self.directory)
    }

    fn shell(&self) -> std::sync::MutexGuard<'_, Shell> {
        self.shell.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut shell = self.shell();
        drop(shell.orders.take());
        let _ended = shell.child.wait();
    }
}

impl Shell {
    fn wait_for_postmaster(&mut self, directory: &Path) {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the shell speaks");
        self.postmaster = line
            .trim()
            .parse()
            .unwrap_or_else(|_| panic!("initdb failed: {}", log(directory)));
    }
}

fn log(directory: &Path) -> String {
    std::fs::read_to_string(directory.join("log")).unwrap_or_default()
}

/// The first directory that has all of the binaries: of `PATH`, then the newest of those where Debian puts them.
fn binaries() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut installed: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
        .collect();
    installed.sort_unstable();
    let installed = installed
        .into_iter()
        .rev()
        .map(|(_, folder)| folder.join("bin"));
    let has_all = |folder: &PathBuf| {
        let mut binaries = ["initdb", "postgres", "psql"].iter();
        binaries.all(|binary| is_executable(&folder.join(binary)))
    };
    std::env::split_paths(&path).chain(installed).find(has_all)
}

fn is_executable(file: &Path) -> bool {
    std::fs::metadata(file).is_ok_and(|found| found.permissions().mode() & 0o111 != 0)
}

/// Who runs it if we are root, with the group: the first of these users that there is.
fn user() -> Option<(u32, u32)> {
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let find = |name: &&str| {
        let line = users
            .lines()
            .find_map(|line| line.strip_prefix(*name)?.strip_prefix(":x:"))?;
        let mut ids = line.split(':').map(str::parse);
        Some((ids.next()?.ok()?, ids.next()?.ok()?))
    };
    let user = || ["postgres", "nobody"].iter().find_map(find);
    is_root.then(|| user().expect("root finds a user to run PostgreSQL as"))
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("it is bound").port()
}

/// Hex of random bytes.
fn password() -> String {
    let mut bytes = [0; 16];
    let mut random = std::fs::File::open("/dev/urandom").expect("random bytes");
    random.read_exact(&mut bytes).expect("random bytes");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn children(process: u32) -> Vec<u32> {
    let file = format!("/proc/{process}/task/{process}/children");
    let list = std::fs::read_to_string(file).unwrap_or_default();
    list.split_whitespace()
        .filter_map(|process| process.parse().ok())
        .collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn databases_of_a_postgres_are_fresh_and_survive_a_restart() {
        let cluster = Cluster::start();
        let (first, second) = (cluster.create_database(), cluster.create_database());
        cluster.sql(&first, "CREATE TABLE t (a int)");
        assert_eq!(cluster.sql(&first, "SELECT count(*) FROM t"), "0");
        assert_eq!(cluster.sql(&second, "SELECT to_regclass('t') IS NULL"), "t");
        cluster.restart();
        assert_eq!(cluster.sql(&first, "SELECT count(*), 1 FROM t"), "0|1");
        assert_eq!(cluster.sql(&first, "SHOW synchronous_commit"), "on");
    }

    #[test]
    fn nothing_of_a_postgres_stays_when_it_ends() {
        let cluster = Cluster::start();
        let (directory, postmaster) = (cluster.directory.clone(), cluster.shell().postmaster);
        cluster.freeze();
        drop(cluster);
        assert!(!directory.exists());
        assert!(!Path::new(&format!("/proc/{postmaster}")).exists());
    }
}
