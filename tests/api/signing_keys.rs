//! `countersign signing-key`, and what a running server makes of the keys.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use countersign_core::{Clock, clock::SystemClock};
use countersign_tests::{Server, binary};
use serde_json::Value;
use tempfile::TempDir;
use time::OffsetDateTime;

use crate::{
    jwks::{keys, kid, verified},
    wallet,
};

/// Longer than anything here may take: a server looks for new keys every five seconds.
const PATIENCE: Duration = Duration::from_secs(30);

fn command(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command
        .arg("signing-key")
        .args(arguments)
        .current_dir(directory);
    command
}

fn run(directory: &Path, arguments: &[&str]) -> Output {
    let output = command(directory, arguments).output();
    output.expect("the binary runs")
}

fn stdout(directory: &Path, arguments: &[&str]) -> String {
    let output = run(directory, arguments);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("output is text")
}

fn fault(directory: &Path, arguments: &[&str]) -> String {
    let output = run(directory, arguments);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr).expect("output is text")
}

/// Makes a new key; returns its name and what was said.
fn rotate(directory: &Path, flags: &[&str]) -> (String, String) {
    let said = stdout(directory, &[&["rotate"], flags].concat());
    let kid = said.split(' ').nth(2).expect("a kid").to_owned();
    (kid, said)
}

/// The keys' states by their names, the earliest first.
fn states(directory: &Path) -> Vec<(String, String)> {
    let listed = stdout(directory, &["list", "--json"]);
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    let text = |key: &Value, field: &str| key[field].as_str().expect("a text").to_owned();
    let keys = listed.as_array().expect("a list").iter();
    keys.map(|key| (text(key, "kid"), text(key, "state")))
        .collect()
}

fn kids(keys: &[Value]) -> Vec<String> {
    let kids = keys.iter().map(|key| key["kid"].as_str().expect("a kid"));
    kids.map(str::to_owned).collect()
}

fn later_keys(directory: &Path) -> PathBuf {
    directory.join("countersign-data/signing-keys")
}

/// Every file among the later keys, drafts too.
fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(later_keys(directory));
    let entries = entries.into_iter().flatten();
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("it is there").path())
        .collect();
    files.sort();
    files
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the file is ours");
}

/// The name of a key that signs from this instant on.
fn name_of(instant: OffsetDateTime) -> String {
    let (year, month, day) = instant.to_calendar_date();
    let (hour, minute, second) = instant.to_hms();
    let month = u8::from(month);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z.pem")
}

/// Signs in until the token names this key.
async fn token_of(server: &Server, expected: &str) -> String {
    let start = Instant::now();
    let (client, wallet) = (server.client(), wallet());
    loop {
        let token = client.sign_in(&wallet).await.token;
        if kid(&token) == expected {
            return token;
        }
        assert!(start.elapsed() < PATIENCE, "{expected} never signs");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until exactly these keys are published, in whatever order.
async fn published(server: &Server, expected: &[&str]) {
    let start = Instant::now();
    loop {
        let mut kids = kids(&keys(server).await);
        kids.sort();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        if kids == expected {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "{kids:?}, not {expected:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_new_key_is_published_before_it_signs_and_signs_when_its_instant_has_come() {
    let server = Server::start();
    let old = server.client().sign_in(&wallet()).await;
    let first = kid(&old.token);
    let (second, said) = rotate(server.directory(), &[]);
    assert!(
        said.ends_with("the running server publishes it now\n"),
        "{said}"
    );
    assert_eq!(kids(&keys(&server).await), [first.clone(), second.clone()]);
    let before = server.client().sign_in(&wallet()).await;
    assert_eq!(kid(&before.token), first, "its turn is to come");

    // Its turn comes earlier, which the server finds out by itself.
    let file = files(server.directory()).pop().expect("a key");
    let soon = SystemClock.now() + Duration::from_secs(2);
    let moved = fs::rename(&file, file.with_file_name(name_of(soon)));
    moved.expect("the file is ours");
    let token = token_of(&server, &second).await;
    let keys = keys(&server).await;
    assert!(verified(&token, &keys).is_some());
    for session in [&old, &before] {
        let claims = verified(&session.token, &keys).expect("its key is still published");
        assert_eq!(claims["sub"], session.user_id);
        let me = server.client().with_cookie(&session.token);
        let me = me.get("/auth/me").await;
        assert_eq!(me.field("userId"), session.user_id, "it goes on here");
    }
    let expected = [
        (first, "retired".to_owned()),
        (second, "signing".to_owned()),
    ];
    assert_eq!(states(server.directory()), expected);
}

#[tokio::test]
async fn a_key_that_was_replaced_is_published_until_its_tokens_have_expired() {
    let server = Server::start_with(&[("COUNTERSIGN__SESSION__TTL_SECONDS", "1")]);
    let first = kid(&server.client().sign_in(&wallet()).await.token);
    let (second, said) = rotate(server.directory(), &["--at-once"]);
    assert!(said.contains("up to 300 seconds"), "{said}");
    token_of(&server, &second).await;
    published(&server, &[&first, &second]).await;
    published(&server, &[&second]).await;
    let mut list = command(server.directory(), &["list"]);
    let list = list.env("COUNTERSIGN__SESSION__TTL_SECONDS", "1").output();
    let list = String::from_utf8(list.expect("the binary runs").stdout).expect("text");
    let line = list.lines().find(|line| line.starts_with(&first));
    assert!(line.is_some_and(|line| line.contains("expired")), "{list}");
}

#[tokio::test]
async fn of_keys_that_were_made_one_after_the_other_each_has_its_turn() {
    let server = Server::start();
    let first = kid(&server.client().sign_in(&wallet()).await.token);
    let (second, _) = rotate(server.directory(), &["--after", "305"]);
    let (third, _) = rotate(server.directory(), &["--after", "305"]);
    published(&server, &[&first, &second, &third]).await;
    let (fourth, _) = rotate(server.directory(), &["--at-once"]);
    token_of(&server, &fourth).await;
    let expected = [
        (first, "retired"),
        (fourth, "signing"),
        (second, "published"),
        (third, "published"),
    ];
    let expected = expected.map(|(kid, state)| (kid, state.to_owned()));
    assert_eq!(states(server.directory()), expected);
}

#[tokio::test]
async fn after_a_leak_only_the_new_key_is_published_and_no_session_ends() {
    let server = Server::start();
    let session = server.client().sign_in(&wallet()).await;
    rotate(server.directory(), &[]);
    let (new, said) = rotate(server.directory(), &["--leaked"]);
    assert_eq!(said.matches("deleted ").count(), 2, "{said}");
    published(&server, &[&new]).await;
    assert_eq!(verified(&session.token, &keys(&server).await), None);
    token_of(&server, &new).await;
    // The first key is gone for good, and not made again.
    let server = server.kill_and_restart();
    published(&server, &[&new]).await;
    let me = server.client().with_cookie(&session.token);
    assert_eq!(me.get("/auth/me").await.field("userId"), session.user_id);
}

#[tokio::test]
async fn without_a_server_the_next_one_takes_the_key_up() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let none = fault(directory.path(), &["rotate"]);
    assert!(
        none.contains("`countersign serve` makes the first"),
        "{none}"
    );
    assert_eq!(fs::read_dir(directory.path()).expect("ours").count(), 0);

    let directory = with_a_key();
    let (new, said) = rotate(directory.path(), &["--at-once"]);
    assert!(said.contains("no server runs on"), "{said}");
    let server = Server::start_on(directory, &[]);
    token_of(&server, &new).await;
    assert_eq!(keys(&server).await.len(), 2);
}

/// A directory on which a server has run.
fn with_a_key() -> TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let server = Server::start();
    copy_keys(server.directory(), directory.path());
    directory
}

fn copy_keys(from: &Path, to: &Path) {
    let (from, to) = (from.join("countersign-data"), to.join("countersign-data"));
    let copied = Command::new("cp").arg("-r").arg(&from).arg(&to).status();
    assert!(copied.expect("cp runs").success());
    for entry in fs::read_dir(&to).expect("it is there") {
        let path = entry.expect("it is there").path();
        if !path.ends_with("session-signing-key.pem") && !path.ends_with("signing-keys") {
            fs::remove_file(path).expect("the file is ours");
        }
    }
}

#[tokio::test]
async fn servers_with_copies_of_the_keys_publish_and_sign_alike() {
    let one = Server::start();
    let (new, _) = rotate(one.directory(), &["--at-once"]);
    rotate(one.directory(), &[]);
    let directory = tempfile::tempdir().expect("a temporary directory");
    copy_keys(one.directory(), directory.path());
    let other = Server::start_on(directory, &[]);
    assert_eq!(keys(&one).await, keys(&other).await);
    let token = token_of(&other, &new).await;
    assert!(verified(&token, &keys(&one).await).is_some());

    // What comes later is found without anybody telling.
    let (latest, _) = rotate(one.directory(), &["--at-once"]);
    let file = files(one.directory()).into_iter();
    let file = file.filter(|file| {
        !later_keys(other.directory())
            .join(file.file_name().expect("a name"))
            .exists()
    });
    for file in file {
        let name = file.file_name().expect("a name");
        let copied = fs::copy(&file, later_keys(other.directory()).join(name));
        copied.expect("the file is ours");
    }
    token_of(&other, &latest).await;
    assert_eq!(keys(&one).await, keys(&other).await);
}

#[tokio::test]
async fn a_rotation_that_is_killed_leaves_a_whole_key_or_none() {
    let server = Server::start();
    let directory = server.directory();
    for round in 0..20 {
        let mut rotation = command(directory, &["rotate", "--at-once"]);
        let rotation = rotation.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut rotation = rotation.expect("the binary runs");
        tokio::time::sleep(Duration::from_millis(2 * round)).await;
        rotation.kill().expect("it ran");
        rotation.wait().expect("it ends");
        // It reads every key, and would refuse a half one.
        let there = states(directory).len();
        let whole = files(directory).into_iter();
        let whole = whole.filter(|file| !is_draft(file)).count();
        assert_eq!(there, whole + 1);
    }
    let (new, _) = rotate(directory, &["--at-once"]);
    token_of(&server, &new).await;
    assert!(!server.log().contains("stay as they were"));
}

fn is_draft(file: &Path) -> bool {
    let name = file.file_name().expect("a name");
    name.to_string_lossy().starts_with('.')
}

#[test]
fn what_a_killed_rotation_left_is_ignored_and_removed_by_a_later_one() {
    let directory = with_a_key();
    rotate(directory.path(), &[]);
    let draft = later_keys(directory.path()).join(".20261128T041500Z.pem.new");
    let file = fs::File::create(&draft).expect("a file");
    chmod(&draft, 0o600);
    rotate(directory.path(), &[]);
    assert!(draft.exists(), "somebody may be at it");
    let long_ago = std::time::SystemTime::UNIX_EPOCH;
    file.set_modified(long_ago).expect("the file is ours");
    assert_eq!(states(directory.path()).len(), 3);
    rotate(directory.path(), &[]);
    assert!(!draft.exists());
    for file in files(directory.path()) {
        let mode = fs::metadata(&file)
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
    let mode = fs::metadata(later_keys(directory.path()));
    let mode = mode.expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

/// Every command that uses the keys refuses them, with the place and the cure.
fn assert_refused(directory: &Path, words: &[&str]) {
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    let served = Command::new(binary())
        .args(serve)
        .current_dir(directory)
        .output();
    let served = String::from_utf8(served.expect("the binary runs").stderr).expect("text");
    let doctor = Command::new(binary())
        .arg("doctor")
        .current_dir(directory)
        .output();
    let doctor = doctor.expect("the binary runs");
    assert!(!doctor.status.success(), "{doctor:?}");
    let doctor = String::from_utf8(doctor.stdout).expect("text");
    let rotated = fault(directory, &["rotate"]);
    let listed = fault(directory, &["list"]);
    for said in [served, rotated, listed, doctor] {
        for word in words {
            assert!(said.contains(word), "{word}: {said}");
        }
    }
}

#[test]
fn a_key_that_is_open_to_others_or_no_key_is_refused_with_the_cure() {
    let directory = with_a_key();
    rotate(directory.path(), &[]);
    let count = files(directory.path()).len();
    let key = files(directory.path()).pop().expect("a key");
    let name = key
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    chmod(&key, 0o640);
    assert_refused(directory.path(), &[&name, "chmod 600 "]);
    chmod(&key, 0o600);
    chmod(&later_keys(directory.path()), 0o770);
    assert_refused(directory.path(), &["signing-keys", "chmod go-w "]);
    chmod(&later_keys(directory.path()), 0o700);
    let pem = fs::read(&key).expect("the file is ours");
    for junk in [&pem[..pem.len() / 2], b"", b"\xff\xfe"] {
        fs::write(&key, junk).expect("the file is ours");
        assert_refused(
            directory.path(),
            &[&name, "PKCS#8", "restore a backup", ".pem.old"],
        );
    }
    fs::write(&key, pem).expect("the file is ours");
    assert_eq!(states(directory.path()).len(), 2);
    assert_eq!(files(directory.path()).len(), count, "nothing was made");
}

#[test]
fn a_file_that_is_not_named_like_a_key_is_refused_with_the_cure() {
    let directory = with_a_key();
    rotate(directory.path(), &[]);
    for name in ["notes.txt", "20261328T041500Z.pem", "20261128T041500Z.pem~"] {
        let file = later_keys(directory.path()).join(name);
        fs::write(&file, "").expect("a file");
        chmod(&file, 0o600);
        let away = format!("countersign-data/{name}.old");
        assert_refused(
            directory.path(),
            &[name, "20261128T041500Z.pem", "mv ", &away],
        );
        fs::remove_file(file).expect("the file is ours");
    }
    assert_eq!(states(directory.path()).len(), 2);
}

#[tokio::test]
async fn a_running_server_keeps_its_keys_while_the_files_are_wrong() {
    let server = Server::start();
    let (second, _) = rotate(server.directory(), &[]);
    let first = kid(&server.client().sign_in(&wallet()).await.token);
    let junk = later_keys(server.directory()).join("junk");
    fs::write(&junk, "").expect("a file");
    chmod(&junk, 0o600);
    let start = Instant::now();
    while !server.log().contains("stay as they were") {
        assert!(start.elapsed() < PATIENCE, "{}", server.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    published(&server, &[&first, &second]).await;
    fs::remove_file(junk).expect("the file is ours");
    let (third, _) = rotate(server.directory(), &["--at-once"]);
    token_of(&server, &third).await;
}

#[test]
fn a_lead_that_is_too_short_is_refused_with_the_reason() {
    let directory = with_a_key();
    for lead in ["0", "304", "-1", "soon"] {
        let output = run(directory.path(), &["rotate", &format!("--after={lead}")]);
        let said = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(
            said.contains("at least 305") && said.contains("--at-once"),
            "{said}"
        );
    }
    for flags in [["--at-once", "--leaked"], ["--after=305", "--at-once"]] {
        let output = run(directory.path(), &[&["rotate"], &flags[..]].concat());
        assert_eq!(output.status.code(), Some(2), "{output:?}");
    }
    assert!(files(directory.path()).is_empty());
}
