//! What is refused before it is asked anything, each by its own code.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
};

use countersign_core::chain::Namespace;
use countersign_plugin_host::{Grant, Isolation, PluginSet};

use super::{Directory, load, only, verify};

async fn code(directory: &Directory, grant: Grant) -> &'static str {
    match load(directory, grant).await {
        Ok(_) => "loaded",
        Err(error) => error.refusal.code(),
    }
}

#[tokio::test]
async fn each_specimen_is_refused_by_its_own_rule() {
    for isolation in [Isolation::InProcess, Isolation::Process] {
        refusals(&Directory::new(isolation)).await;
    }
}

async fn refusals(directory: &Directory) {
    for (specimen, expected) in [
        ("good", "loaded"),
        ("no_symbol", "CS-P011"),
        ("symbol_is_a_function", "CS-P011"),
        ("wrong_magic", "CS-P030"),
        ("zero_size", "CS-P031"),
        ("newer_major", "CS-P032"),
        ("null_function", "CS-P033"),
        ("unknown_flag", "CS-P034"),
        ("not_utf8", "CS-P035"),
        ("other_namespace", "CS-P041"),
        ("address_is_key", "CS-P043"),
        ("wrong_self_test", "CS-P051"),
        ("says_yes", "CS-P051"),
    ] {
        let grant = directory.build(specimen, &[]);
        assert_eq!(code(directory, grant).await, expected, "{specimen}");
    }
}

#[tokio::test]
async fn what_a_library_asks_of_the_loader_is_read_before_it_is_loaded() {
    let directory = Directory::new(Isolation::InProcess);
    let marker = directory.file("ran");
    let runs = format!("-DZOO_FILE=\"{}\"", marker.display());
    for (flag, expected) in [
        ("-Wl,-rpath,/opt/lib,--disable-new-dtags", "CS-P012"),
        ("-Wl,-rpath,/opt/lib,--enable-new-dtags", "CS-P012"),
        ("-Wl,-z,execstack", "CS-P012"),
        ("a library of somebody's", "CS-P013"),
    ] {
        let library = stranger(&directory);
        let flags = match expected {
            "CS-P013" => [runs.as_str(), "-Wl,--no-as-needed", library.as_str()].to_vec(),
            _ => [runs.as_str(), flag].to_vec(),
        };
        let grant = directory.build("constructor", &flags);
        assert_eq!(code(&directory, grant).await, expected, "{flag}");
        assert!(!marker.exists(), "{flag}: its constructor ran");
    }
}

/// A library that nobody pinned.
fn stranger(directory: &Directory) -> String {
    let built = directory.build("no_symbol", &["-Wl,-soname,libstranger.so.1"]);
    directory.file(&built.file).display().to_string()
}

#[tokio::test]
async fn what_is_not_the_pinned_library_does_not_run() {
    let directory = Directory::new(Isolation::InProcess);
    let marker = directory.file("ran");
    let runs = format!("-DZOO_FILE=\"{}\"", marker.display());
    let mut grant = directory.build("constructor", &[&runs]);
    grant.sha256[0] ^= 1;
    assert_eq!(code(&directory, grant).await, "CS-P003");
    for (name, bytes) in [
        ("empty", &b""[..]),
        ("text", b"#!/bin/sh\n"),
        ("cut", b"\x7fELF\x02\x01\x01"),
    ] {
        fs::write(directory.file(name), bytes).unwrap();
        let grant = directory.grant("constructor", name);
        assert_eq!(code(&directory, grant).await, "CS-P010", "{name}");
    }
    assert!(!marker.exists());
}

#[tokio::test]
async fn a_file_that_others_can_change_is_refused() {
    let directory = Directory::new(Isolation::InProcess);
    let good = directory.build("good", &[]);
    let path = directory.file(&good.file);
    let set_mode = |path: &std::path::Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    set_mode(&path, 0o777);
    assert_eq!(
        code(&directory, good.clone()).await,
        "CS-P002",
        "a file that others can write to"
    );
    set_mode(&path, 0o755);
    set_mode(directory.path(), 0o777);
    assert_eq!(
        code(&directory, good.clone()).await,
        "CS-P001",
        "a directory that others can write to"
    );
    set_mode(directory.path(), 0o1777);
    assert_eq!(
        code(&directory, good.clone()).await,
        "CS-P001",
        "sticky is not enough"
    );
    set_mode(directory.path(), 0o755);
    symlink(&path, directory.file("link.so")).unwrap();
    for (file, what) in [
        ("link.so", "a symbolic link"),
        ("../good.so", "a path"),
        ("", "no name"),
        (".", "a directory"),
        ("missing.so", "no file"),
    ] {
        let grant = Grant {
            file: file.to_owned(),
            ..good.clone()
        };
        assert_eq!(code(&directory, grant).await, "CS-P002", "{what}");
    }
    assert_eq!(code(&directory, good).await, "loaded");
}

#[tokio::test]
async fn the_grant_decides_names_namespaces_and_chains() {
    let directory = Directory::new(Isolation::InProcess);
    let good = directory.build("good", &["-DNAMESPACE=\"toy\""]);
    let changed = |change: fn(&mut Grant)| {
        let mut grant = good.clone();
        change(&mut grant);
        grant
    };
    for (grant, expected) in [
        (changed(|grant| grant.name = "another".into()), "CS-P040"),
        (changed(|grant| grant.namespaces.clear()), "CS-P041"),
        (changed(|grant| grant.address_is_key = true), "CS-P043"),
        (
            changed(|grant| grant.chain_ids = Some(vec!["toy:other".parse().unwrap()])),
            "CS-P044",
        ),
        (
            changed(|grant| grant.config = "{\"a\":1}".into()),
            "CS-P050",
        ),
        (
            changed(|grant| grant.chain_ids = Some(vec!["toy:test".parse().unwrap()])),
            "loaded",
        ),
    ] {
        assert_eq!(code(&directory, grant).await, expected);
    }
    let taken = [Namespace::new("toy").unwrap()];
    let policy = directory.policy([good]);
    let error = PluginSet::load(&policy, &taken, &PluginSet::default()).await;
    assert_eq!(
        error.err().map(|error| error.refusal.code()),
        Some("CS-P042"),
        "built in"
    );
}

#[tokio::test]
async fn two_plugins_do_not_share_a_namespace() {
    let directory = Directory::new(Isolation::InProcess);
    let first = directory.build("good", &[]);
    let second = directory.build("unechoed", &[]);
    let policy = directory.policy([first, second]);
    let error = PluginSet::load(&policy, &[], &PluginSet::default()).await;
    let error = error.err().unwrap();
    assert!(error.plugin.starts_with("unechoed"), "{error}");
    assert_eq!(error.refusal.code(), "CS-P042");
}

#[tokio::test]
async fn an_optional_plugin_that_is_refused_leaves_its_chains_unavailable() {
    let directory = Directory::new(Isolation::InProcess);
    let good = directory.build("good", &[]);
    let mut bad = directory.build("wrong_magic", &[]);
    bad.optional = true;
    bad.namespaces = vec![Namespace::new("bad").unwrap()];
    let policy = directory.policy([bad, good]);
    let set = PluginSet::load(&policy, &[], &PluginSet::default())
        .await
        .unwrap();
    let chains = set.verifiers();
    let available: Vec<_> = chains.iter().map(|chain| chain.is_available()).collect();
    assert_eq!(available, [false, true]);
    assert!(
        verify(&*chains[1], "alice", "hello").await.is_ok(),
        "the other one answers"
    );
}

#[tokio::test]
async fn a_good_one_is_what_its_descriptor_says() {
    let directory = Directory::new(Isolation::InProcess);
    let set = load(&directory, directory.build("good", &[]))
        .await
        .unwrap();
    let chain = only(&set);
    let ids: Vec<_> = chain
        .info()
        .chain_ids
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        (&*chain.info().name, ids),
        ("Toy", vec!["toy:main".to_owned(), "toy:test".to_owned()])
    );
    assert_eq!(chain.parse_chain_id("mainnet").unwrap().reference(), "main");
    assert_eq!(
        chain.format_chain_id(&"toy:main".parse().unwrap()),
        "mainnet"
    );
    assert!(
        chain.parse_chain_id("main").is_err(),
        "messages write it differently"
    );
    assert_eq!(chain.parse_chain_id("test").unwrap().reference(), "test");
    assert_eq!(
        chain.parse_chain_id("unknown").unwrap().reference(),
        "unknown"
    );
}
