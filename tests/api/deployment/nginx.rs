//! nginx as it runs in its container: a master, and workers that a reload replaces.

use std::{
    fs,
    net::TcpStream,
    path::Path,
    process::{Child, Command},
    time::{Duration, Instant},
};

use countersign_tests::proxy::free_port;
use tempfile::TempDir;

use super::put;

const SITE: &str = include_str!("../../../deploy/nginx.conf");
/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// `deploy/nginx.conf` in front of two servers. Dropping it ends it.
pub(super) struct Nginx {
    pub(super) port: u16,
    child: Child,
    directory: TempDir,
}

impl Nginx {
    /// In front of the servers with these addresses in the file, which listen on these ports of this machine.
    pub(super) fn start(servers: [(String, u16); 2]) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let port = free_port();
        let site = put(SITE, "listen 80;", &format!("listen 127.0.0.1:{port};"));
        let site = servers.iter().fold(site, |site, (address, port)| {
            put(
                &site,
                &format!("server {address}:8080"),
                &format!("server 127.0.0.1:{port}"),
            )
        });
        let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {kind};"));
        // Root's workers would be another user's, who cannot enter the directory.
        let main = format!(
            "daemon off; user root root; pid nginx.pid; error_log error.log; events {{}}\n\
             http {{ access_log off; {} include site.conf; }}\n",
            paths.join(" ")
        );
        let here = directory.path();
        fs::write(here.join("site.conf"), site).expect("it is written");
        fs::write(here.join("nginx.conf"), main).expect("it is written");
        let log = fs::File::create(here.join("log")).expect("a log file");
        let child = Command::new("nginx")
            .arg("-p")
            .arg(here)
            .arg("-c")
            .arg(here.join("nginx.conf"))
            .args(["-e", "error.log"])
            .stderr(log)
            .spawn();
        let child =
            child.expect("nginx runs: install it, or run the tests with `--skip deployment::`");
        let nginx = Self {
            port,
            child,
            directory,
        };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                began.elapsed() < PATIENCE,
                "nginx does not listen: {}",
                nginx.log()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
        nginx
    }

    /// Where its files are.
    pub(super) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// What it says is wrong.
    pub(super) fn log(&self) -> String {
        let read = |name| fs::read_to_string(self.directory().join(name)).unwrap_or_default();
        read("log") + &read("error.log")
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // SIGTERM: the master ends its workers.
        let _ended = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let _reaped = self.child.wait();
    }
}
