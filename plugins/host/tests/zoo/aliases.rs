//! The loader knows a library by the name that it was opened under, and that name holds the number of a descriptor:
//! were the number given to another library's copy, the loader would answer with the first one's code.

use std::{
    fs::{self, File},
    io::Write,
    mem::forget,
    os::fd::{AsRawFd, RawFd},
};

use countersign_core::verifier::VerifyError;
use countersign_plugin_host::{Grant, Isolation};
use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use rustix::fs::{MemfdFlags, memfd_create};

use super::{Directory, alone::is_alone, load, only, verify};

const UNAVAILABLE: Result<(), VerifyError> = Err(VerifyError::Unavailable);

#[tokio::test]
async fn libraries_loaded_one_after_another_answer_with_their_own_code() {
    if !is_alone("aliases::libraries_loaded_one_after_another_answer_with_their_own_code") {
        return;
    }
    let directory = Directory::new(Isolation::InProcess);
    // Under one name, so that nothing but their code tells them apart.
    let first = directory.build_as("twin", "good", &[]);
    let second = directory.build_as("twin", "valid_but_failed", &[]);
    let first = load(&directory, first).await.unwrap();
    let second = load(&directory, second).await.unwrap();
    for round in 1..=2 {
        let asked = verify(&*only(&first), "alice", "misbehave").await;
        assert!(asked.is_ok(), "the first, {round}");
        let asked = verify(&*only(&second), "alice", "misbehave").await;
        assert_eq!(asked.map(drop), UNAVAILABLE, "the second, {round}");
    }
    assert_eq!(copies(), 2, "their copies stay open");
    drop((first, second));
    assert_eq!(copies(), 2, "and do so when nobody uses them any more");
}

#[tokio::test]
async fn a_copy_whose_name_the_loader_knows_is_refused() {
    if !is_alone("aliases::a_copy_whose_name_the_loader_knows_is_refused") {
        return;
    }
    let directory = Directory::new(Isolation::InProcess);
    let known = directory.build_as("twin", "good", &[]);
    let grant = directory.build_as("twin", "valid_but_failed", &[]);
    let copy = copy_of(&directory, &known);
    let number = copy.as_raw_fd();
    let symbol = open_as_the_loader_does(&copy);
    drop(copy);

    let copy = copy_of(&directory, &grant);
    assert_eq!(copy.as_raw_fd(), number);
    assert_eq!(open_as_the_loader_does(&copy), symbol, "there is a trap");
    drop(copy);
    for attempt in 1..=2 {
        let refused = load(&directory, grant.clone()).await.err().unwrap();
        assert_eq!(refused.refusal.code(), "CS-P021", "{attempt}");
    }

    let elsewhere = Grant {
        isolation: Isolation::Process,
        ..grant.clone()
    };
    let set = load(&directory, elsewhere).await.unwrap();
    let asked = verify(&*only(&set), "alice", "misbehave").await;
    assert_eq!(
        asked.map(drop),
        UNAVAILABLE,
        "its own process knows no other"
    );
    drop(set);

    let taken = take(number);
    let set = load(&directory, grant).await.unwrap();
    let asked = verify(&*only(&set), "alice", "misbehave").await;
    assert_eq!(asked.map(drop), UNAVAILABLE, "another number is free");
    drop(taken);
}

/// A copy in memory, as the host makes one.
fn copy_of(directory: &Directory, grant: &Grant) -> File {
    let library = fs::read(directory.file(&grant.file)).expect("it was just built");
    let copy = memfd_create("copy", MemfdFlags::CLOEXEC).expect("there is memory");
    let mut copy = File::from(copy);
    copy.write_all(&library).expect("there is memory");
    copy
}

/// Where the descriptor is in what the loader opens.
fn open_as_the_loader_does(copy: &File) -> usize {
    let name = format!("/proc/self/fd/{}", copy.as_raw_fd());
    // SAFETY: the specimens have no constructors, and are never unloaded.
    let library = unsafe { Library::open(Some(name), RTLD_NOW | RTLD_LOCAL) };
    let library = library.expect("it is a library");
    // SAFETY: only the symbol's address is taken.
    let symbol = unsafe { library.get::<*const u8>("countersign_chain_plugin_v1") };
    let symbol = symbol.expect("it is a plugin").addr();
    forget(library);
    symbol
}

/// Gives away all numbers that are free, up to this one.
fn take(number: RawFd) -> Vec<File> {
    let mut taken = vec![];
    while taken.last().map(AsRawFd::as_raw_fd) != Some(number) {
        let file = File::open("/dev/null").expect("there is nothing");
        assert!(file.as_raw_fd() <= number, "it was not free");
        taken.push(file);
    }
    taken
}

/// How many sealed copies are open in this process.
fn copies() -> usize {
    let open = fs::read_dir("/proc/self/fd").expect("there is a /proc");
    let targets = open.flatten().flat_map(|entry| fs::read_link(entry.path()));
    let copies = targets.filter(|target| target.starts_with("/memfd:countersign-plugin (deleted)"));
    copies.count()
}
