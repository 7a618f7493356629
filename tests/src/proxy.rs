//! nginx and Caddy as children of the program, configured by the blocks of `docs/forward-auth.md`, with directories and
//! ports of their own.

use std::{
    fs::File,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command},
    time::{Duration, Instant},
};

use countersign_core::profile::Profile;
use tempfile::TempDir;

const PAGE: &str = include_str!("../../docs/forward-auth.md");
/// How long a proxy may take to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running proxy. Dropping it ends it.
pub struct Proxy {
    /// Its program.
    pub name: &'static str,
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    child: Child,
    _directory: TempDir,
}

/// The one block of this language in the page.
///
/// # Panics
/// When there is another number of them.
pub fn block(language: &str) -> &'static str {
    let fence = format!("```{language}\n");
    let mut blocks = PAGE.split(fence.as_str()).skip(1);
    let (Some(block), None) = (blocks.next(), blocks.next()) else {
        panic!("not one block of {language}");
    };
    block.split("```").next().expect("a block")
}

/// A port that is free now.
///
/// # Panics
/// When there is none.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

impl Proxy {
    /// nginx in front of an upstream, as documented.
    pub fn nginx(server: &str, upstream: &str, dialect: Profile) -> Self {
        Self::nginx_at(free_port(), server, upstream, dialect)
    }

    /// The same on this port.
    pub fn nginx_at(port: u16, server: &str, upstream: &str, dialect: Profile) -> Self {
        Self::nginx_with(port, &nginx_site(port, server, upstream, dialect))
    }

    /// nginx with this site, which listens on this port.
    ///
    /// # Panics
    /// When it does not start.
    pub fn nginx_with(port: u16, site: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        // One process, so that ending it ends all; everything it writes is in its directory.
        let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {kind};"));
        let main = format!(
            "daemon off; master_process off; pid nginx.pid; error_log error.log; events {{}}\n\
             http {{ access_log off; {} include site.conf; }}\n",
            paths.join(" ")
        );
        let here = directory.path();
        std::fs::write(here.join("site.conf"), site).expect("it is written");
        std::fs::write(here.join("nginx.conf"), main).expect("it is written");
        let mut command = Command::new("nginx");
        command
            .arg("-p")
            .arg(here)
            .arg("-c")
            .arg(here.join("nginx.conf"));
        command.args(["-e", "error.log"]);
        Self::start("nginx", command, port, directory)
    }

    /// Caddy in front of an upstream, as documented.
    ///
    /// # Panics
    /// When it does not start.
    pub fn caddy(server: &str, upstream: &str, dialect: Profile) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let port = free_port();
        let site = put(block("caddyfile"), "\n:8000 {", &format!("\n:{port} {{"));
        let site = addressed(site, server, upstream, dialect);
        let options = "{\n\tadmin off\n\tauto_https off\n\tdefault_bind 127.0.0.1\n}\n\n";
        let here = directory.path();
        std::fs::write(here.join("Caddyfile"), format!("{options}{site}")).expect("it is written");
        let mut command = Command::new("caddy");
        command.args(["run", "--adapter", "caddyfile", "--config"]);
        command.arg(here.join("Caddyfile"));
        for variable in ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"] {
            command.env(variable, here);
        }
        Self::start("caddy", command, port, directory)
    }

    /// Its process id; it is the only one.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    fn start(name: &'static str, mut command: Command, port: u16, directory: TempDir) -> Self {
        let here = directory.path().to_owned();
        let log = || {
            File::options()
                .create(true)
                .append(true)
                .open(here.join("log"))
        };
        command
            .current_dir(&here)
            .stdout(log().expect("a log file"))
            .stderr(log().expect("a log file"));
        let child = command.spawn().unwrap_or_else(|error| {
            panic!("{name} does not start ({error}): install it, or run the tests with `--skip authz::proxies`")
        });
        let mut proxy = Self {
            name,
            port,
            child,
            _directory: directory,
        };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = proxy.child.try_wait().expect("it is our child");
            let is_late = began.elapsed() > PATIENCE;
            assert!(
                ended.is_none() && !is_late,
                "{name} does not listen:\n{}",
                logs(&here)
            );
            std::thread::yield_now();
        }
        proxy
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// The documented site of nginx on this port of 127.0.0.1, with the dialect's endpoint, and where server and upstream are.
pub fn nginx_site(port: u16, server: &str, upstream: &str, dialect: Profile) -> String {
    let site = put(
        block("nginx"),
        "listen 8000;",
        &format!("listen 127.0.0.1:{port};"),
    );
    addressed(site, server, upstream, dialect)
}

/// The dialect's endpoint, and where server and upstream are.
fn addressed(site: String, server: &str, upstream: &str, dialect: Profile) -> String {
    let endpoint = format!("/authz/{}/", dialect.as_str());
    let site = put(&site, "127.0.0.1:8080", server);
    let site = put(&site, "127.0.0.1:3000", upstream);
    put(&site, "/authz/ocx/", &endpoint)
}

fn put(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "docs/forward-auth.md has no {from:?}");
    text.replace(from, to)
}

fn logs(directory: &Path) -> String {
    let read = |name| std::fs::read_to_string(directory.join(name)).unwrap_or_default();
    read("log") + &read("error.log")
}
