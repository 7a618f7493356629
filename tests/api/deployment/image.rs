//! The Dockerfile: what it does to an image, as far as it can be seen without one.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use countersign_tests::binary;

use super::{CONFIG, DOCKERFILE, NODES, PAGE, compose, instructions, put};

#[test]
fn the_commands_of_the_image_do_what_they_should() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let toolchain = fs::read_to_string(root.join("rust-toolchain.toml")).expect("it is there");
    let channel = toolchain
        .lines()
        .find_map(|line| line.strip_prefix("channel = \""));
    let channel = channel
        .and_then(|rest| rest.strip_suffix('"'))
        .expect("a channel");
    assert!(
        DOCKERFILE.contains(&format!("FROM rust:{channel}-")),
        "{channel}"
    );
    assert_eq!(instructions("ENV"), [format!("RUSTUP_TOOLCHAIN={channel}")]);
    let [install, build] = instructions("RUN")[..] else {
        panic!("two commands");
    };
    // As all tests build it; a release build differs in its profile alone.
    let debug = put(build, " --release", "");
    assert_eq!(debug, "cargo build --locked --package countersign-server");
    assert!(DOCKERFILE.contains("COPY --from=build /src/target/release/countersign "));
    assert!(binary().ends_with("countersign"));
    let directory = tempfile::tempdir().expect("a temporary directory");
    let dirs = directory.path().join("dirs");
    let install = put(install, "/dirs/", &format!("{}/", dirs.display()));
    let installed = Command::new("sh").args(["-c", &install]).status();
    assert!(installed.expect("sh runs").success());
    let volume = compose()["services"]["node1"]["volumes"][0]
        .as_str()
        .map(str::to_owned);
    let volume = volume.expect("a volume");
    let (_, keys) = volume.split_once(':').expect("a place");
    assert!(CONFIG.contains(&format!("signing_keys_dir = \"{keys}\"")));
    let made = dirs.join(Path::new(keys).file_name().expect("a name"));
    let mode = fs::metadata(made).expect("it is made").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    for line in instructions("COPY") {
        let from = line.split(' ').next().map(PathBuf::from).expect("a source");
        if !line.starts_with("--") {
            assert!(root.join(&from).exists(), "{line}");
        }
    }
}

/// Whether the Dockerfile, the configuration and the compose file say the same.
#[test]
fn the_image_fits_what_runs_it() {
    let known = [
        "FROM",
        "ENV",
        "WORKDIR",
        "COPY",
        "RUN",
        "USER",
        "EXPOSE",
        "HEALTHCHECK",
        "ENTRYPOINT",
        "CMD",
    ];
    let lines = DOCKERFILE.lines();
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (name, _) = line.split_once(' ').expect("an instruction");
        assert!(known.contains(&name), "no test knows of {line}");
    }
    let [user] = instructions("USER")[..] else {
        panic!("one user");
    };
    assert!(!user.starts_with('0'), "{user}");
    assert!(DOCKERFILE.contains(&format!("--chown={user} ")), "{user}");
    let [_, directory] = instructions("WORKDIR")[..] else {
        panic!("two directories");
    };
    assert!(CONFIG.contains(&format!("data_dir = \"{directory}\"")));
    let (uid, gid) = user.split_once(':').expect("a group");
    let tmpfs = format!("{directory}:uid={uid},gid={gid},mode=0700");
    for node in NODES {
        assert_eq!(compose()["services"][node]["tmpfs"][0], tmpfs.as_str());
    }
    let [ports] = instructions("EXPOSE")[..] else {
        panic!("one line of ports");
    };
    for port in ports.split(' ') {
        assert!(
            CONFIG.contains(&format!("listen = \"0.0.0.0:{port}\"")),
            "{port}"
        );
    }
}

/// What the page has written beside the compose file stays out of commits and images.
#[test]
fn what_is_secret_is_ignored() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let made = PAGE.lines().filter_map(|line| line.split_once(" > "));
    let made: Vec<_> = made.map(|(_, file)| file.trim_end_matches(')')).collect();
    assert_eq!(made, [".env", "backup.dump", "keys.tar"]);
    for list in [".gitignore", ".dockerignore"] {
        let text = fs::read_to_string(root.join(list)).expect("it is there");
        for file in &made {
            // Docker knows no leading slash.
            let is_listed = text
                .lines()
                .any(|line| line.trim_start_matches('/') == format!("deploy/{file}"));
            assert!(is_listed, "{list} does not list deploy/{file}");
        }
    }
}
