//! nginx as it runs in its container: a master, and workers that a reload replaces.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command},
    time::{Duration, Instant},
};

use countersign_tests::proxy::free_port;
use tempfile::TempDir;

use super::{NODES, address, put};

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
        Self::start_with(SITE, &servers)
    }

    fn start_with(site: &str, servers: &[(String, u16)]) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let port = free_port();
        let site = put(site, "listen 80;", &format!("listen 127.0.0.1:{port};"));
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

/// The `X-Forwarded-For` with which a server is asked, when this is what a client sent.
fn forwarded(site: &str, sent: &str) -> String {
    let upstream = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = upstream.local_addr().expect("an address").port();
    let servers = [NODES[0], NODES[1]].map(|name| (address(name), port));
    let nginx = Nginx::start_with(site, &servers);
    let mut client = TcpStream::connect(("127.0.0.1", nginx.port)).expect("nginx listens");
    write!(
        client,
        "GET / HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {sent}\r\n\r\n"
    )
    .expect("it is sent");
    let (asked, _) = upstream.accept().expect("nginx asks");
    let lines = BufReader::new(asked).lines().map_while(Result::ok);
    let mut headers = lines.take_while(|line| !line.is_empty());
    let found = headers.find_map(|line| line.strip_prefix("X-Forwarded-For: ").map(str::to_owned));
    found.expect("nginx says where the request comes from")
}

#[test]
fn a_client_cannot_say_where_it_comes_from() {
    assert_eq!(forwarded(SITE, "203.0.113.7"), "127.0.0.1");
}

/// The lines of the file for it, without their `#`.
#[test]
fn what_ends_tls_in_front_says_where_a_request_comes_from() {
    let site = put(
        SITE,
        "# set_real_ip_from 10.83.0.1;",
        "set_real_ip_from 127.0.0.1;",
    );
    let site = put(&site, "# real_ip_header ", "real_ip_header ");
    assert_eq!(forwarded(&site, "192.0.2.1, 203.0.113.7"), "203.0.113.7");
}
