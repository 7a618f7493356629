//! A set on top of another.

use std::fs;

use countersign_plugin_host::{Isolation, PluginSet};

use super::{Directory, load, only, verify};

#[tokio::test]
async fn the_same_grant_keeps_the_plugin_that_runs() {
    let directory = Directory::new(Isolation::InProcess);
    let grant = directory.build("good", &[]);
    let first = load(&directory, grant.clone()).await.unwrap();
    let policy = directory.policy([grant]);
    for _ in 0..20 {
        PluginSet::load(&policy, &[], &first).await.unwrap();
    }
    fs::remove_file(directory.file("good.so")).unwrap();
    assert!(
        PluginSet::load(&policy, &[], &first).await.is_ok(),
        "nothing is read again"
    );
}

#[tokio::test]
async fn a_refused_set_changes_nothing_and_too_many_versions_are_refused() {
    let directory = Directory::new(Isolation::InProcess);
    let name = "-DVERSION=\"0\"";
    let first = load(
        &directory,
        directory.build_as("grower", "unechoed", &[name]),
    )
    .await
    .unwrap();
    let mut codes = vec![];
    for version in 1..=9 {
        let version = format!("-DVERSION=\"{version}\"");
        let grant = directory.build_as("grower", "unechoed", &[&version]);
        let policy = directory.policy([grant]);
        let loaded = PluginSet::load(&policy, &[], &first).await;
        codes.push(loaded.map_or_else(|error| error.refusal.code(), |_| "loaded"));
    }
    assert!(codes.starts_with(&["loaded"; 5]), "{codes:?}");
    assert!(codes.ends_with(&["CS-P062"]), "{codes:?}");
    assert!(
        verify(&*only(&first), "alice", "hello").await.is_ok(),
        "the first one still answers"
    );
}
