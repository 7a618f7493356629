//! Proxies as children of the program, configured by the blocks of `docs/forward-auth.md`, with directories and ports of
//! their own.

use std::{
    fs::File,
    io::{Read, Write},
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

/// The blocks of YAML in the page, in their order.
fn yaml(place: usize) -> &'static str {
    let block = PAGE.split("```yaml\n").nth(place + 1);
    let block = block.and_then(|rest| rest.split("```").next());
    block.expect("two blocks of YAML")
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

    /// Traefik in front of an upstream, as documented, but without TLS.
    pub fn traefik(server: &str, upstream: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let (port, here) = (free_port(), directory.path());
        let site = put(yaml(0), "http://10.0.0.2:8080", &format!("http://{server}"));
        let site = put(&site, "http://10.0.0.3:3000", &format!("http://{upstream}"));
        let site = put(&site, "      tls: {}\n", "");
        let main = format!(
            "entryPoints: {{ websecure: {{ address: '127.0.0.1:{port}' }} }}\n\
             providers: {{ file: {{ filename: site.yaml }} }}\n\
             global: {{ checkNewVersion: false, sendAnonymousUsage: false }}\n"
        );
        std::fs::write(here.join("site.yaml"), site).expect("it is written");
        std::fs::write(here.join("main.yaml"), main).expect("it is written");
        let mut command = Command::new("traefik");
        command.arg("--configFile=main.yaml");
        let proxy = Self::start("traefik", command, port, directory);
        // It listens before it has read where requests go.
        let began = Instant::now();
        while proxy.status_of("/auth/chains") == "404" {
            assert!(began.elapsed() < PATIENCE, "traefik has no routes");
            std::thread::yield_now();
        }
        proxy
    }

    /// Envoy in front of an upstream, with the filters that are documented.
    pub fn envoy(server: &str, upstream: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let port = free_port();
        let filters = put(
            yaml(1),
            "http://countersign:8080",
            &format!("http://{server}"),
        );
        let indented = filters
            .lines()
            .map(|line| format!("              {line}\n"));
        let at = |authority: &str| {
            let (host, port) = authority.split_once(':').expect("host and port");
            format!("{{ socket_address: {{ address: {host}, port_value: {port} }} }}")
        };
        let cluster = |name: &str, authority: &str| {
            let endpoint = at(authority);
            format!(
                "    - name: {name}\n      connect_timeout: 1s\n      type: STATIC\n      load_assignment: {{ cluster_name: {name}, \
                 endpoints: [{{ lb_endpoints: [{{ endpoint: {{ address: {endpoint} }} }}] }}] }}\n"
            )
        };
        let main = [
            include_str!("proxy/envoy.yaml").replace("LISTEN", &at(&format!("127.0.0.1:{port}"))),
            indented.collect(),
            "  clusters:\n".into(),
            cluster("countersign", server),
            cluster("app", upstream),
        ];
        std::fs::write(directory.path().join("main.yaml"), main.concat()).expect("it is written");
        let mut command = Command::new("envoy");
        command.args([
            "-c",
            "main.yaml",
            "--concurrency",
            "1",
            "--use-dynamic-base-id",
        ]);
        Self::start("envoy", command, port, directory)
    }

    fn status_of(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: app.example.com\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
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
