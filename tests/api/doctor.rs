//! `countersign doctor`: each fault is really made, and found with its cure.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
};

use countersign_tests::{Server, binary};
use sea_orm::{ConnectionTrait, Database};
use tempfile::TempDir;

/// A place to look at, with or without something in it.
struct Patient(TempDir);

impl Patient {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    /// One whose server was started and stopped.
    fn with_data() -> Self {
        let patient = Self::new();
        let migrated = patient.run("migrate", &[]);
        assert!(migrated.status.success(), "{migrated:?}");
        patient
    }

    fn data(&self, file: &str) -> std::path::PathBuf {
        self.0.path().join("countersign-data").join(file)
    }

    fn run(&self, command: &str, environment: &[(&str, &str)]) -> Output {
        Command::new(binary())
            .args([command, "--listen", "127.0.0.1:0"])
            .current_dir(self.0.path())
            .envs(environment.iter().copied())
            .output()
            .expect("the binary runs")
    }

    /// What is said, and whether it is a failure.
    fn examine(&self, environment: &[(&str, &str)]) -> (String, bool) {
        let output = self.run("doctor", environment);
        let text = String::from_utf8(output.stdout).expect("output is text");
        (text, !output.status.success())
    }

    /// Asserts that this line is there, with this cure below it; `problem` alone fails the command.
    fn assert_found(&self, environment: &[(&str, &str)], level: &str, words: &str, cure: &str) {
        let (text, failed) = self.examine(environment);
        let mut lines = text.lines();
        let found = lines.find(|line| line.starts_with(level) && line.contains(words));
        assert!(found.is_some(), "no {level} about {words:?}: {text}");
        let below = lines.next().unwrap_or_default();
        assert!(
            below.contains("cure:") && below.contains(cure),
            "no cure {cure:?}: {text}"
        );
        assert_eq!(
            failed,
            text.contains("\nproblem ") || text.starts_with("problem "),
            "{text}"
        );
        assert!(failed || level == "warning", "{text}");
    }
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the file is ours");
}

#[test]
fn where_nothing_is_yet_all_is_well_and_nothing_is_made() {
    let patient = Patient::new();
    let (text, failed) = patient.examine(&[]);
    assert!(
        !failed && text.ends_with("no problems, no warnings\n"),
        "{text}"
    );
    assert!(
        text.lines()
            .rev()
            .skip(1)
            .all(|line| line.starts_with("ok ")),
        "{text}"
    );
    let left: Vec<_> = fs::read_dir(patient.0.path())
        .expect("it is there")
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn beside_a_running_server_all_is_well() {
    let server = Server::start();
    let output = Command::new(binary())
        .args(["doctor", "--listen", server.authority()])
        .current_dir(server.directory())
        .output();
    let output = output.expect("the binary runs");
    let text = String::from_utf8(output.stdout).expect("output is text");
    assert!(output.status.success(), "{text}");
    assert!(text.contains("the running server answers, ready"), "{text}");
    assert_eq!(server.client().get("/health/ready").await.status, 200);
}

#[test]
fn what_others_can_open_is_a_problem() {
    let patient = Patient::with_data();
    let (directory, database) = (patient.data(""), patient.data("countersign.sqlite"));
    chmod(&directory, 0o777);
    patient.assert_found(&[], "problem", "can put a key or a database", "chmod 700 ");
    chmod(&directory, 0o755);
    patient.assert_found(&[], "warning", "can enter it", "chmod 700 ");
    chmod(&directory, 0o700);
    chmod(&database, 0o644);
    patient.assert_found(
        &[],
        "problem",
        "other users of this machine can open it",
        "chmod 600 ",
    );
}

#[test]
fn what_is_no_database_or_key_is_a_problem() {
    let patient = Patient::with_data();
    let write = |file: &str, bytes: &[u8]| {
        fs::write(patient.data(file), bytes).expect("the file is ours");
        chmod(&patient.data(file), 0o600);
    };
    write("session-signing-key.pem", b"no key");
    patient.assert_found(
        &[],
        "problem",
        "session-signing-key.pem",
        "restore a backup",
    );
    fs::remove_file(patient.data("session-signing-key.pem")).expect("the file is ours");
    write("countersign.sqlite", &[b'x'; 8192]);
    patient.assert_found(&[], "problem", "is no SQLite database", "restore a backup");
}

#[tokio::test]
async fn a_schema_of_another_version_is_told() {
    let patient = Patient::with_data();
    let url = format!("sqlite://{}", patient.data("countersign.sqlite").display());
    let database = Database::connect(url).await.expect("the database opens");
    let change = "insert into seaql_migrations values ('m99990101_000001_later', 0)";
    let changed = database.execute_unprepared(change).await;
    changed.expect("the table is there");
    patient.assert_found(&[], "problem", "made by a newer version", "");
    let change = "delete from seaql_migrations where version <> 'm20261123_000001_sign_in'";
    let changed = database.execute_unprepared(change).await;
    changed.expect("the table is there");
    patient.assert_found(&[], "warning", "made by an older version", "");
}

#[test]
fn a_taken_port_is_a_problem() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    let patient = Patient::new();
    let output = Command::new(binary())
        .args(["doctor", "--listen", &address])
        .current_dir(patient.0.path())
        .output();
    let output = output.expect("the binary runs");
    let text = String::from_utf8(output.stdout).expect("output is text");
    assert!(
        !output.status.success() && text.contains("taken by"),
        "{text}"
    );
}

#[test]
fn a_taken_internal_port_is_a_problem_and_a_free_one_is_not() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    let patient = Patient::new();
    let internal = [("COUNTERSIGN__INTERNAL__LISTEN", address.as_str())];
    patient.assert_found(
        &internal,
        "problem",
        "internal         127.0.0.1:",
        "internal.listen",
    );
    drop(taken);
    let (text, failed) = patient.examine(&internal);
    let told = format!("ok       internal         {address}: free\n");
    assert!(!failed && text.contains(&told), "{text}");
}

#[test]
fn beside_a_server_its_internal_listener_is_its_own() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = free.local_addr().expect("it is bound").to_string();
    drop(free);
    let internal = [("COUNTERSIGN__INTERNAL__LISTEN", address.as_str())];
    let server = Server::start_with(&internal);
    let output = Command::new(binary())
        .args(["doctor", "--listen", server.authority()])
        .current_dir(server.directory())
        .envs(internal)
        .output();
    let text = String::from_utf8(output.expect("the binary runs").stdout).expect("text");
    let told = format!("ok       internal         {address}: the running server answers, ready\n");
    assert!(text.contains(&told), "{text}");
}

#[test]
fn settings_that_surprise_are_told_with_their_cure() {
    let patient = Patient::new();
    let one = |name, value| vec![(name, value)];
    let proxies = "COUNTERSIGN__SERVER__TRUSTED_PROXIES";
    for (environment, level, words, cure) in [
        (
            one(proxies, "0.0.0.0/0"),
            "problem",
            "trusts strangers",
            "server.trusted_proxies",
        ),
        (
            one(proxies, "10.0.0.0/33"),
            "problem",
            "server.trusted_proxies",
            "",
        ),
        (
            one("COUNTERSIGN__DEMO", "true"),
            "warning",
            "demo = true",
            "set demo = false",
        ),
        (
            one("COUNTERSIGN__LIMITS__SCALE", "5"),
            "warning",
            "limits.scale = 5",
            "set limits.scale = 1",
        ),
        (
            one("COUNTERSIGN__SERVER__LISTN", "x"),
            "problem",
            "listn",
            "",
        ),
        (
            one("COUNTERSIGN_DEMO", "true"),
            "warning",
            "COUNTERSIGN_DEMO is not read",
            "COUNTERSIGN__DEMO",
        ),
        (
            one("COUNTERSIGN__SERVER__PUBLIC_URL", "https://id.example.com"),
            "warning",
            "is not trusted",
            "server.trusted_proxies",
        ),
        (
            one("COUNTERSIGN__SERVER__PUBLIC_URL", "https://192.0.2.1"),
            "warning",
            "certificates need one",
            "server.public_url",
        ),
    ] {
        patient.assert_found(&environment, level, words, cure);
    }
}

#[test]
fn a_proxy_on_this_machine_may_come_from_any_of_its_addresses() {
    let (text, failed) = Patient::new().examine(&[
        ("COUNTERSIGN__SERVER__PUBLIC_URL", "https://id.example.com"),
        ("COUNTERSIGN__SERVER__TRUSTED_PROXIES", "127.0.0.2"),
    ]);
    assert!(!failed && text.contains("\nok       proxies"), "{text}");
}

#[test]
fn a_file_that_is_no_configuration_is_a_problem_and_the_rest_is_looked_at() {
    let patient = Patient::new();
    let file = patient.0.path().join("countersign.toml");
    fs::write(&file, "[server]\nlisten = 8080 8081\n").expect("a file");
    let (text, failed) = patient.examine(&[]);
    assert!(failed && text.contains("countersign.toml"), "{text}");
    assert!(text.contains("\nok       clock"), "{text}");
}
