//! `deploy/` and `docs/deployment.md`: every command in them, run as printed by programs in place of containers.

mod image;
mod load;
mod moves;
mod nginx;
mod services;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
    time::{Duration, Instant},
};

use countersign_test_postgres::Cluster;
use countersign_tests::{Client, binary, proxy::free_port};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::wallet;
use nginx::Nginx;

const DOCKERFILE: &str = include_str!("../../deploy/Dockerfile");
const COMPOSE: &str = include_str!("../../deploy/compose.yaml");
const CONFIG: &str = include_str!("../../deploy/countersign.toml");
const PAGE: &str = include_str!("../../docs/deployment.md");
const NODES: [&str; 2] = ["node1", "node2"];
/// The service that runs one command and ends.
const COMMAND: &str = "command";
/// A revocation is obeyed by every server after so long.
const BOUND: Duration = Duration::from_secs(2);

/// The arguments of every instruction of this name, each a whole line.
fn instructions(name: &str) -> Vec<&'static str> {
    let lines = DOCKERFILE.lines();
    let prefix = format!("{name} ");
    lines
        .filter_map(|line| line.strip_prefix(prefix.as_str()))
        .collect()
}

/// The words of an instruction that is an array of JSON.
fn words(instruction: &str) -> String {
    let array = &instruction[instruction.find('[').expect("an array")..];
    let words: Vec<String> = serde_json::from_str(array).expect("an array of texts");
    words.join(" ")
}

/// The compose file, with what is referred to in its place.
fn compose() -> Value {
    let mut compose: serde_yaml::Value = serde_yaml::from_str(COMPOSE).expect("YAML");
    compose.apply_merge().expect("merges that can be made");
    serde_json::to_value(compose).expect("no key but texts")
}

/// The `sh` blocks below a heading of the page.
fn blocks(heading: &str) -> Vec<&'static str> {
    let (_, section) = PAGE
        .split_once(&format!("\n## {heading}\n"))
        .expect(heading);
    let section = section.split("\n## ").next().expect("a section");
    let blocks = section.split("```sh\n").skip(1);
    blocks.filter_map(|rest| rest.split("```").next()).collect()
}

/// What the compose file describes, as processes of this machine.
struct Deployment {
    root: TempDir,
    cluster: Cluster,
    nodes: [u16; 2],
    redis_port: u16,
    redis: Option<std::process::Child>,
    nginx: Nginx,
}

impl Deployment {
    fn prepare() -> Self {
        let root = tempfile::tempdir().expect("a temporary directory");
        let here = root.path();
        let nodes = [free_port(), free_port()];
        fs::create_dir_all(here.join("deploy")).expect("it is made");
        fs::create_dir_all(here.join("bin")).expect("it is made");
        let docker = here.join("bin/docker");
        fs::write(&docker, include_str!("deployment/docker.sh")).expect("it is written");
        fs::set_permissions(&docker, PermissionsExt::from_mode(0o755)).expect("it is ours");
        let [entrypoint] = instructions("ENTRYPOINT")[..] else {
            panic!("one entry point");
        };
        let [command] = instructions("CMD")[..] else {
            panic!("one command");
        };
        let [health] = instructions("HEALTHCHECK")[..] else {
            panic!("one health check");
        };
        let start = format!("{} {}", words(entrypoint), words(command));
        fs::write(here.join("start"), start).expect("it is written");
        fs::write(here.join("health"), words(health)).expect("it is written");
        fs::write(here.join("nodes.sh"), environment()).expect("it is written");
        for (name, port) in NODES
            .into_iter()
            .chain([COMMAND])
            .zip(nodes.into_iter().chain([nodes[0]]))
        {
            let config = config(here, port);
            fs::write(here.join(format!("{name}.toml")), config).expect("it is written");
        }
        let cluster = Cluster::start();
        cluster.sql("postgres", "CREATE DATABASE countersign");
        Self {
            nginx: Nginx::start([(address(NODES[0]), nodes[0]), (address(NODES[1]), nodes[1])]),
            redis_port: free_port(),
            redis: None,
            root,
            cluster,
            nodes,
        }
    }

    fn url(&self) -> String {
        format!("http://localhost:{}", self.nginx.port)
    }

    /// Runs a block of the page.
    fn run(&self, script: &str) -> Output {
        let here = self.root.path();
        let path = std::env::var("PATH").unwrap_or_default();
        let (_, postgres) = self.cluster.address();
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c"])
            .arg(script.replace("http://localhost:8080", &self.url()))
            .current_dir(here)
            .env("PATH", format!("{}/bin:{path}", here.display()))
            .env("ROOT", here)
            .env("PROGRAM", binary())
            .env("NGINX", self.nginx.directory())
            .env("NODE1_PORT", self.nodes[0].to_string())
            .env("NODE2_PORT", self.nodes[1].to_string())
            .env("POSTGRES_BINARIES", self.cluster.binaries())
            .env("POSTGRES_PORT", postgres.to_string())
            .env("REDIS_PORT", self.redis_port.to_string())
            .env("NGINX_PORT", self.nginx.port.to_string())
            .output();
        output.expect("bash runs")
    }

    /// The same, which must succeed; returns what it prints.
    fn done(&self, script: &str) -> String {
        let output = self.run(script);
        let (text, errors) = (&output.stdout, String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8_lossy(text).into_owned();
        assert!(
            output.status.success(),
            "{script}\n{text}\n{errors}{}",
            self.logs()
        );
        text
    }

    fn logs(&self) -> String {
        let log = |name: &str| fs::read_to_string(self.root.path().join(format!("{name}.log")));
        NODES.map(|name| log(name).unwrap_or_default()).concat() + &self.nginx.log()
    }

    /// A secret of `deploy/.env`.
    fn secret(&self, name: &str) -> String {
        let file = fs::read_to_string(self.root.path().join("deploy/.env")).expect("it is made");
        let line = file
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name}=")));
        line.expect("it is in the file").to_owned()
    }

    /// What the images of Postgres and Redis do with their secrets.
    fn start_services(&mut self) {
        let password = self.secret("POSTGRES_PASSWORD");
        let role = format!("ALTER ROLE countersign PASSWORD '{password}'");
        self.cluster.sql("postgres", &role);
        let compose = compose();
        let command = compose["services"]["redis"]["command"]
            .as_array()
            .expect("a command");
        let mut words = command.iter().map(|word| word.as_str().expect("a text"));
        let redis = Command::new(words.next().expect("a program"))
            .args(
                words.map(|word| word.replace("${REDIS_PASSWORD}", &self.secret("REDIS_PASSWORD"))),
            )
            .args([
                "--port",
                &self.redis_port.to_string(),
                "--bind",
                "127.0.0.1",
            ])
            .stdout(std::process::Stdio::null())
            .spawn();
        self.redis = Some(redis.expect("redis-server runs"));
    }

    fn client(&self) -> Client {
        Client::new(self.url())
    }

    fn node(&self, place: usize) -> Client {
        Client::new(format!("http://127.0.0.1:{}", self.nodes[place]))
    }
}

impl Drop for Deployment {
    fn drop(&mut self) {
        for name in NODES {
            if let Ok(pid) = fs::read_to_string(self.root.path().join(name).join("pid")) {
                let _ended = Command::new("kill").args(["-KILL", pid.trim()]).status();
            }
        }
        if let Some(redis) = &mut self.redis {
            let _ended = redis.kill().and_then(|()| redis.wait());
        }
    }
}

/// The variables of both nodes and of commands beside them, which must be the same, as a shell sets them.
fn environment() -> String {
    let compose = compose();
    let without = |name: &str, key: &str| {
        let mut service = compose["services"][name].clone();
        let own = service.as_object_mut().expect("a service").remove(key);
        assert!(own.is_some(), "{name} has no {key} of its own");
        service
    };
    // Each has an address of its own, and nothing else.
    let [first, second] = NODES.map(|name| without(name, "networks"));
    assert_eq!(first, second);
    // This one has none: what runs beside a server cannot have the server's.
    assert_eq!(first, without(COMMAND, "profiles"));
    let variables = first["environment"].as_object().expect("variables");
    let export = |(name, value): (&String, &Value)| {
        let value = value.as_str().expect("a text");
        let value = value
            .replace("@postgres:5432/", "@127.0.0.1:$POSTGRES_PORT/")
            .replace("@redis:6379", "@127.0.0.1:$REDIS_PORT");
        format!("export {name}=\"{value}\"\n")
    };
    variables.iter().map(export).collect()
}

/// The fixed address of a service.
fn address(service: &str) -> String {
    let compose = compose();
    let address = &compose["services"][service]["networks"]["default"]["ipv4_address"];
    address.as_str().expect("an address").to_owned()
}

/// The configuration of a node that listens on this port.
fn config(here: &Path, port: u16) -> String {
    let proxy = address("nginx");
    put(CONFIG, "\"0.0.0.0:8080\"", &format!("\"127.0.0.1:{port}\""))
        .replace(
            "\"0.0.0.0:9464\"",
            &format!("\"127.0.0.1:{}\"", free_port()),
        )
        .replace("\"/var/lib/countersign\"", "\"data\"")
        .replace(
            "/var/lib/countersign-keys",
            &here.join("keys").display().to_string(),
        )
        .replace(&proxy, "127.0.0.1")
}

/// Puts something in the place of what must be there.
fn put(text: &str, old: &str, new: &str) -> String {
    assert!(text.contains(old), "{old:?} is not in {text}");
    text.replace(old, new)
}

async fn new_key(client: &Client) -> (Client, String) {
    let session = client.sign_in(&wallet()).await;
    let owner = client.with_bearer(&session.token);
    let body = json!({ "name": "a", "scope": "read", "expiresInDays": 1 });
    let made = owner.post("/perps/me/api-keys", &body).await;
    assert_eq!(made.status, 201, "{made:?}");
    let secret = made.field("secret");
    (owner, secret)
}

/// Whether a key stands for somebody.
async fn is_good(client: &Client, key: &str) -> bool {
    let answer = client.with("x-api-key", key).get("/auth/me").await;
    match answer.status {
        200 => answer.json()["userId"].is_string(),
        401 => false,
        _ => panic!("{answer:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_works_as_printed() {
    let mut deployment = Deployment::prepare();
    // `docker compose up` starts what the secrets were made for.
    let [start] = blocks("Start")[..] else {
        panic!("one block");
    };
    let (secrets, up) = start.split_once("docker compose up").expect("it starts");
    deployment.done(secrets);
    deployment.start_services();
    let text = deployment.done(&format!("cd deploy\ndocker compose up{up}"));
    assert_eq!(text, "{\"status\":\"ready\"}");

    services::health_checks_tell(&deployment);
    a_key_is_everywhere_and_then_nowhere(&deployment).await;
    keys_are_rotated(&deployment);
    what_a_backup_has_comes_back(&deployment).await;
    nobody_notices_an_upgrade_or_a_death(&deployment).await;
    for script in blocks("What happens when") {
        let doctor = deployment.run(script);
        let text = String::from_utf8_lossy(&doctor.stdout);
        assert!(
            doctor.status.success() && text.contains("database"),
            "{text}"
        );
    }
    moves::an_installation_moves(&deployment).await;
    let number = PAGE.matches("```sh\n").count();
    assert_eq!(number, 8, "blocks of the page, all of which are run here");
}

async fn a_key_is_everywhere_and_then_nowhere(deployment: &Deployment) {
    let (owner, key) = new_key(&deployment.client()).await;
    for place in [0, 1] {
        assert!(is_good(&deployment.node(place), &key).await);
    }
    let listed = owner.get("/perps/me/api-keys").await;
    let id = listed
        .text
        .split("\"id\":\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let id = id.expect("an id");
    let path = format!("/perps/me/api-keys/{id}");
    let revoked = owner
        .send(owner.request(reqwest::Method::DELETE, &path))
        .await;
    assert_eq!(revoked.status, 204, "{revoked:?}");
    let start = Instant::now();
    for place in [0, 1] {
        while is_good(&deployment.node(place), &key).await {
            assert!(start.elapsed() < BOUND);
        }
    }
    let ask = "curl -s -o /dev/null -w '%{http_code}' http://localhost:8080/authz/ocx/forward-auth";
    assert_eq!(deployment.done(ask), "404", "it is not for clients");
}

fn keys_are_rotated(deployment: &Deployment) {
    let [script] = blocks("Signing keys")[..] else {
        panic!("one block");
    };
    let text = deployment.done(script);
    assert!(
        text.contains("new key") && text.contains("signing") && text.contains("published"),
        "{text}"
    );
}

async fn what_a_backup_has_comes_back(deployment: &Deployment) {
    let [backup, restore, end] = blocks("Backup and restore")[..] else {
        panic!("three blocks");
    };
    let (_, before) = new_key(&deployment.client()).await;
    deployment.done(backup);
    let listed = Command::new("tar")
        .args(["--list", "--file"])
        .arg(deployment.root.path().join("keys.tar"))
        .output()
        .expect("tar runs");
    let listed = String::from_utf8_lossy(&listed.stdout);
    assert!(listed.contains("session-signing-key.pem"), "{listed}");
    for name in ["backup.dump", "keys.tar"] {
        let file = fs::metadata(deployment.root.path().join(name)).expect("it is made");
        assert_eq!(file.permissions().mode() & 0o777, 0o600, "{name}");
    }
    let (_, after) = new_key(&deployment.client()).await;
    deployment.done(restore);
    let count = "docker compose exec -T postgres psql --username countersign --dbname countersign --tuples-only --command \
                 'SELECT count(*) FROM api_key WHERE revoked_at IS NULL'";
    assert_eq!(
        deployment.done(count).trim(),
        "1",
        "the key of before the backup, and no other"
    );
    deployment.done(end);
    for key in [before, after] {
        assert!(!is_good(&deployment.client(), &key).await);
    }
}

/// An upgrade loses no request. A death loses none of those that change nothing.
async fn nobody_notices_an_upgrade_or_a_death(deployment: &Deployment) {
    let (_, key) = new_key(&deployment.client()).await;
    let url = deployment.url();
    let changes = load::start(4, {
        let url = url.clone();
        move |number| load::ask_for_a_nonce(url.clone(), number)
    });
    let checks = load::start(4, move |_| load::check(url.clone(), key.clone()));
    let [script] = blocks("Upgrade without downtime")[..] else {
        panic!("one block");
    };
    let text = tokio::task::block_in_place(|| deployment.done(script));
    assert!(text.contains("up to date"), "{text}");
    assert!(changes.stop().await > 50);
    let pid = fs::read_to_string(deployment.root.path().join("node1/pid")).expect("it runs");
    let killed = Command::new("kill").args(["-KILL", pid.trim()]).status();
    assert!(killed.expect("kill runs").success());
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(checks.stop().await > 50);
    tokio::task::block_in_place(|| deployment.done("docker compose start node1"));
}
