//! The command line.

use std::{
    fs,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output, Stdio},
};

use countersign_alephium::{KeyType, Wallet as AlephiumWallet};
use countersign_ethereum::Wallet;
use countersign_tests::{Server, binary};
use tempfile::TempDir;

struct Shell(TempDir);

impl Shell {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments).current_dir(self.0.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the binary runs")
    }

    fn stdout(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("output is text")
    }

    /// The one sentence a failing command ends with.
    fn fault(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
        String::from_utf8(output.stderr).expect("output is text")
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path)
        .expect("the file is there")
        .permissions()
        .mode()
        & 0o777
}

#[test]
fn a_new_wallet_lies_in_a_private_file_and_signs_as_wallets_do() {
    let shell = Shell::new();
    let address = shell.stdout(&["wallet", "new", "--chain", "ethereum", "--key", "my.key"]);
    assert_eq!(mode(&shell.path("my.key")), 0o600);
    fs::write(shell.path("message"), "a message\nof two lines").expect("a file");
    let by_file = shell.stdout(&[
        "wallet",
        "sign",
        "--key",
        "my.key",
        "--message-file",
        "message",
    ]);
    let mut child = shell.command(&["wallet", "sign", "--key", "my.key"]);
    let mut child = child
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    child
        .stdin
        .take()
        .expect("stdin is piped")
        .write_all(b"a message\nof two lines")
        .expect("it reads");
    let by_stdin = child.wait_with_output().expect("it ends").stdout;
    assert_eq!(by_file.as_bytes(), by_stdin);

    let key = fs::read_to_string(shell.path("my.key")).expect("a key file");
    let wallet = Wallet::from_hex(
        key.trim()
            .strip_prefix("ethereum ")
            .expect("the chain's name"),
    )
    .expect("a key");
    assert_eq!(
        (address.trim(), by_file.trim()),
        (
            wallet.address().as_str(),
            wallet.sign(b"a message\nof two lines").as_str()
        )
    );
}

#[test]
fn an_alephium_wallet_signs_by_its_key_type() {
    let shell = Shell::new();
    for key_type in KeyType::ON_BY_DEFAULT {
        let (name, file) = (key_type.as_str(), format!("{key_type}.key"));
        let described = shell.stdout(&[
            "wallet",
            "new",
            "--chain",
            "alephium",
            "--key-type",
            name,
            "--key",
            &file,
        ]);
        let key = fs::read_to_string(shell.path(&file)).expect("a key file");
        let hex = key
            .trim()
            .strip_prefix(&format!("alephium {name} "))
            .expect("chain and key type");
        let wallet = AlephiumWallet::from_hex(hex, key_type).expect("a key");
        assert_eq!(
            described,
            format!("{}\n{}\n", wallet.address(), wallet.public_key())
        );
        fs::write(shell.path("message"), "a message").expect("a file");
        let sign = [
            "wallet",
            "sign",
            "--chain",
            "alephium",
            "--key",
            &file,
            "--message-file",
            "message",
        ];
        let signature = shell.stdout(&sign);
        assert_eq!(signature.trim(), wallet.sign(b"a message"));
    }
    let fault = shell.fault(&[
        "wallet",
        "sign",
        "--chain",
        "ethereum",
        "--key",
        "default.key",
    ]);
    assert!(fault.contains("another chain"), "{fault}");
}

#[test]
fn a_wallet_is_never_overwritten() {
    let shell = Shell::new();
    shell.stdout(&["wallet", "new", "--chain", "ethereum", "--key", "my.key"]);
    let before = fs::read(shell.path("my.key")).expect("a key file");
    assert!(
        shell
            .fault(&["wallet", "new", "--chain", "ethereum", "--key", "my.key"])
            .contains("never overwritten")
    );
    assert_eq!(fs::read(shell.path("my.key")).expect("a key file"), before);
}

#[test]
fn a_broken_key_file_is_explained_without_showing_it() {
    let shell = Shell::new();
    for text in ["", "ethereum 0x12", "bitcoin 0x12", "0xdeadbeef"] {
        fs::write(shell.path("bad.key"), text).expect("a file");
        let fault = shell.fault(&["wallet", "sign", "--key", "bad.key"]);
        assert!(
            fault.contains("bad.key") && fault.contains("expected"),
            "{fault}"
        );
        assert!(!fault.contains("deadbeef"), "{fault}");
    }
}

#[test]
fn the_configuration_is_checked_and_shown() {
    let shell = Shell::new();
    assert!(
        shell
            .stdout(&["config", "check"])
            .starts_with("the configuration is valid\n")
    );
    fs::write(
        shell.path("countersign.toml"),
        "[server]\npublic_url = \"https://id.example.com\"\n",
    )
    .expect("a file");
    assert!(
        shell
            .stdout(&["config", "check"])
            .contains("https://id.example.com")
    );
    fs::write(
        shell.path("countersign.toml"),
        "demo = true\n[server]\ntrusted_proxies = [\"10.0.0.0/8\"]\n[limits]\nscale = 5\n",
    )
    .expect("a file");
    let shown = shell.stdout(&["config", "check"]);
    for line in ["10.0.0.0/8", "multiplied by 5", "demo routes      served"] {
        assert!(shown.contains(line), "{shown}");
    }
    assert!(
        shown.contains("metrics          http://127.0.0.1:8080/metrics"),
        "{shown}"
    );
    assert!(
        shell
            .stdout(&["config", "check", "--listen", "127.0.0.1:9"])
            .contains("127.0.0.1:9")
    );
}

#[test]
fn the_configuration_says_where_metrics_are() {
    let shell = Shell::new();
    let public = "[server]\npublic_url = \"https://id.example.com\"\n";
    let internal = "[internal]\nlisten = \"10.0.0.1:9464\"\n";
    for (file, place) in [
        (String::new(), "http://127.0.0.1:8080/metrics"),
        (public.to_owned(), "not served; set internal.listen"),
        (internal.to_owned(), "http://10.0.0.1:9464/metrics"),
        (
            format!("{public}{internal}"),
            "http://10.0.0.1:9464/metrics",
        ),
    ] {
        fs::write(shell.path("countersign.toml"), &file).expect("a file");
        let shown = shell.stdout(&["config", "check"]);
        let line = format!("metrics          {place}\n");
        assert!(shown.contains(&line), "{file}: {shown}");
    }
}

#[test]
fn an_internal_address_that_is_taken_names_the_setting() {
    let shell = Shell::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let mut command = shell.command(&["serve", "--listen", "127.0.0.1:0"]);
    let command = command.env("COUNTERSIGN__INTERNAL__LISTEN", &address);
    let output = command.output().expect("the binary runs");
    let fault = String::from_utf8(output.stderr).expect("output is text");
    assert!(
        !output.status.success() && output.stdout.is_empty(),
        "{fault}"
    );
    assert!(
        fault.contains("internal.listen") && fault.contains(&address),
        "{fault}"
    );
}

#[test]
fn a_wrong_configuration_names_the_key() {
    let shell = Shell::new();
    fs::write(shell.path("bad.toml"), "[server]\nlsten = \"x\"\n").expect("a file");
    let fault = shell.fault(&["config", "check", "--config", "bad.toml"]);
    assert!(
        fault.contains("lsten") && fault.contains("bad.toml"),
        "{fault}"
    );
    assert!(
        shell
            .fault(&["config", "check", "--config", "none.toml"])
            .contains("none.toml")
    );
    assert!(
        shell
            .fault(&["serve", "--listen", "0.0.0.0:0"])
            .contains("server.public_url")
    );
    assert!(
        shell
            .fault(&["serve", "--database-url", "postgres://x"])
            .contains("database.url")
    );
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let shell = Shell::new();
    let listen = |arguments: &[&str], variable: Option<&str>| {
        let mut command = shell.command(&[["config", "check"].as_slice(), arguments].concat());
        command.envs(variable.map(|address| ("COUNTERSIGN__SERVER__LISTEN", address)));
        let output = command.output().expect("the binary runs");
        let text = String::from_utf8(output.stdout).expect("output is text");
        let line = text
            .lines()
            .find(|line| line.starts_with("listens on"))
            .expect("the line");
        line.rsplit(' ').next().expect("an address").to_owned()
    };
    fs::write(
        shell.path("countersign.toml"),
        "[server]\nlisten = \"127.0.0.1:1001\"\n",
    )
    .expect("a file");
    assert_eq!(listen(&[], None), "127.0.0.1:1001");
    assert_eq!(listen(&[], Some("127.0.0.1:1002")), "127.0.0.1:1002");
    assert_eq!(
        listen(&["--listen", "127.0.0.1:1003"], Some("127.0.0.1:1002")),
        "127.0.0.1:1003"
    );
}

#[test]
fn a_wrong_environment_variable_is_named() {
    let shell = Shell::new();
    for (name, value) in [
        ("COUNTERSIGN__SERVER__LSTEN", "x"),
        ("COUNTERSIGN__SESSION__TTL_SECONDS", "soon"),
        ("COUNTERSIGN__NOPE", "1"),
    ] {
        let output = shell
            .command(&["config", "check"])
            .env(name, value)
            .output()
            .expect("the binary runs");
        let fault = String::from_utf8(output.stderr).expect("output is text");
        let key = name.rsplit("__").next().expect("a key").to_lowercase();
        assert!(
            !output.status.success() && fault.contains(&key),
            "{name}: {fault}"
        );
    }
}

#[test]
fn migrate_makes_a_private_database() {
    let shell = Shell::new();
    assert!(shell.stdout(&["migrate"]).contains("up to date"));
    assert!(
        shell.stdout(&["migrate"]).contains("up to date"),
        "a second time"
    );
    assert_eq!(mode(&shell.path("countersign-data")), 0o700);
    assert_eq!(
        mode(&shell.path("countersign-data/countersign.sqlite")),
        0o600
    );
}

#[tokio::test]
async fn a_second_server_on_the_same_data_refuses_to_start_and_says_why() {
    let server = Server::start();
    let data = server.directory().join("countersign-data");
    let data = data.to_str().expect("a path in UTF-8");
    let shell = Shell::new();
    for command in ["serve", "migrate"] {
        let fault = shell.fault(&[command, "--listen", "127.0.0.1:0", "--data-dir", data]);
        assert!(
            fault.contains("in use by another countersign server"),
            "{fault}"
        );
    }
    assert_eq!(
        mode(
            &server
                .directory()
                .join("countersign-data/session-signing-key.pem")
        ),
        0o600
    );
}

#[tokio::test]
async fn a_second_server_on_the_same_database_refuses_to_start_wherever_its_data_is() {
    let server = Server::start();
    let database = server
        .directory()
        .join("countersign-data/countersign.sqlite");
    let shell = Shell::new();
    let url = format!("sqlite://{}", database.display());
    let fault = shell.fault(&["serve", "--listen", "127.0.0.1:0", "--database-url", &url]);
    assert!(
        fault.contains("in use by another countersign server"),
        "{fault}"
    );
}

#[test]
fn a_data_directory_may_have_any_name() {
    let shell = Shell::new();
    for name in ["with space", "what?", "50%"] {
        assert!(
            shell
                .stdout(&["migrate", "--data-dir", name])
                .contains("up to date"),
            "{name}"
        );
        assert!(
            shell.path(name).join("countersign.sqlite").exists(),
            "{name}"
        );
    }
}

#[test]
fn a_database_that_others_can_read_is_refused_with_the_cure() {
    let shell = Shell::new();
    shell.stdout(&["migrate"]);
    let database = shell.path("countersign-data/countersign.sqlite");
    fs::set_permissions(database, PermissionsExt::from_mode(0o644)).expect("permissions");
    assert!(
        shell
            .fault(&["serve", "--listen", "127.0.0.1:0"])
            .contains("chmod 600")
    );
}

#[test]
fn a_data_directory_that_others_can_write_to_is_refused_with_the_cure() {
    let shell = Shell::new();
    shell.stdout(&["migrate"]);
    let directory = shell.path("countersign-data");
    fs::set_permissions(directory, PermissionsExt::from_mode(0o777)).expect("permissions");
    assert!(
        shell
            .fault(&["serve", "--listen", "127.0.0.1:0"])
            .contains("chmod go-w")
    );
}

#[test]
fn a_signing_key_that_others_can_read_is_refused_with_the_cure() {
    let shell = Shell::new();
    shell.stdout(&["migrate"]);
    let key = shell.path("countersign-data/session-signing-key.pem");
    fs::write(&key, "x").expect("a file");
    fs::set_permissions(&key, PermissionsExt::from_mode(0o644)).expect("permissions");
    assert!(
        shell
            .fault(&["serve", "--listen", "127.0.0.1:0"])
            .contains("chmod 600")
    );
    fs::set_permissions(&key, PermissionsExt::from_mode(0o600)).expect("permissions");
    assert!(
        shell
            .fault(&["serve", "--listen", "127.0.0.1:0"])
            .contains("PKCS#8")
    );
}
