//! All plugins of this repository in one server, beside the chains that are built in.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use countersign_tests::Server;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::{configure, new_projects::countersign};

/// Names, namespaces and how many chain ids of the plugins in Rust.
const IN_RUST: [(&str, &str, usize); 4] = [
    ("bitcoin", "bip122", 3),
    ("cosmos", "cosmos", 8),
    ("solana", "solana", 3),
    ("sui", "sui", 5),
];

fn in_c(directory: &Path) -> PathBuf {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/examples/ed25519-c");
    let library = directory.join("libed25519-c.so");
    let built = Command::new("make")
        .args(["--silent", "--directory"])
        .arg(&example)
        .args([
            "--eval",
            "out: ; $(CC) $(STRICT) $(CFLAGS) $(SHARED) -o $(OUT) $(SOURCES)",
            "out",
        ])
        .arg(format!("OUT={}", library.display()))
        .status();
    assert!(built.expect("make is installed").success());
    library
}

fn stanza(plugins: &Path, library: &Path, name: &str, namespace: &str) -> String {
    let file = format!("{name}.so");
    let bytes = fs::read(library).expect("the library");
    fs::write(plugins.join(&file), &bytes).expect("the directory is ours");
    let pin = hex::encode(Sha256::digest(&bytes));
    format!(
        "[[plugins.load]]\nname = \"{name}\"\nfile = \"{file}\"\nsha256 = \"{pin}\"\n\
         namespaces = [\"{namespace}\"]\naddress_is_key = true\n"
    )
}

#[tokio::test]
async fn five_plugins_serve_beside_the_chains_that_are_built_in() {
    let directory = TempDir::new().expect("a temporary directory");
    let plugins = directory.path().join("plugins");
    fs::create_dir(&plugins).expect("a directory");
    let mut text = stanza(&plugins, &in_c(directory.path()), "ed25519-c", "example");
    for (name, namespace, _) in IN_RUST {
        let library = countersign_tests::build(
            &format!("countersign-plugin-{name}"),
            &format!("libcountersign_plugin_{name}.so"),
        );
        text.push_str(&stanza(&plugins, &library, name, namespace));
    }
    configure(directory.path(), &text);
    let server = Server::start_on(directory, &[]);

    let answer = server.client().get("/auth/chains").await;
    let mut chains = answer.json()["chains"].as_array().expect("a list").clone();
    assert!(
        chains.iter().all(|chain| chain["available"] == true),
        "{chains:#?}"
    );
    chains.sort_by_key(|chain| chain["namespace"].to_string());
    let named = |chain: &Value| chain["namespace"].as_str().expect("a name").to_owned();
    let expected = [
        "alephium", "bip122", "cosmos", "eip155", "example", "solana", "sui",
    ];
    assert_eq!(chains.iter().map(named).collect::<Vec<_>>(), expected);
    for (_, namespace, count) in IN_RUST {
        let chain = chains
            .iter()
            .find(|chain| chain["namespace"] == namespace)
            .expect("it is listed");
        assert_eq!(chain["source"], "plugin");
        assert_eq!(
            chain["chainIds"].as_array().map(Vec::len),
            Some(count),
            "{chain:#}"
        );
    }

    let listed = countersign(server.directory(), &["plugin", "list", "--json"]);
    let listed: Vec<Value> = serde_json::from_str(&listed).expect("JSON");
    assert_eq!(listed.len(), 5);
    assert!(
        listed.iter().all(|plugin| plugin["state"] == "serving"),
        "{listed:#?}"
    );
}
