//! Replays the corpora of the fuzz targets, and tries the limits that they need not hold.

use std::{
    collections::BTreeSet,
    fs,
    hint::black_box,
    panic::catch_unwind,
    path::{Path, PathBuf},
};

use super::*;

/// Which byte makes what, where none before it makes anything else.
const MAGIC: usize = 0;
const SIZE: usize = 1;
const MAJOR: usize = 2;
const FLAGS: usize = 3;
const FUNCTIONS: usize = 4;
const CHAINS: usize = 5;
const CHAIN: usize = 6;
const CHAIN_SIZE: usize = 7;
const CHAIN_IDS: usize = 13;
const ADDRESS: usize = 19;
const MESSAGE: usize = 21;
const CHAIN_FLAGS: usize = 31;
const PLACE: usize = 38;
const VERSION: usize = 43;

#[global_allocator]
static METER: Meter = Meter;

/// Runs a target on every file of its corpus, which a fuzzer has made.
fn replay<T>(target: &str, run: fn(&[u8]) -> T) -> Vec<T> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let entries = fs::read_dir(corpus.join(target)).expect("the corpus is there");
    let files: BTreeSet<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    assert!(files.len() >= 20, "{target} has {} files", files.len());
    let replay_file = |path: &PathBuf| {
        let bytes = fs::read(path).expect("a file of the corpus");
        catch_unwind(|| run(&bytes)).unwrap_or_else(|_| panic!("{}", path.display()))
    };
    files.iter().map(replay_file).collect()
}

#[test]
fn every_frame_of_the_corpus_has_one_form_and_bounds() {
    let kinds = replay("frame", |bytes| frame(bytes).then(|| bytes[0]));
    let kinds: BTreeSet<_> = kinds.into_iter().collect();
    let all = (1..=14).map(Some).chain([None]);
    assert_eq!(kinds, all.collect(), "each kind, and what is no frame");
}

#[test]
fn every_descriptor_of_the_corpus_is_refused_or_has_bounds() {
    let codes: BTreeSet<_> = replay("descriptor", code).into_iter().collect();
    let all = [
        "CS-P030", "CS-P031", "CS-P032", "CS-P033", "CS-P034", "CS-P035", "read",
    ];
    assert_eq!(codes, all.into(), "each rule, and none broken");
}

/// Each limit, and one step beyond it, in an otherwise good descriptor.
#[test]
fn one_fault_is_enough_to_refuse_a_descriptor() {
    for (at, bytes, expected) in [
        (MAGIC, &[][..], "read"),
        (MAGIC, &[1, 7], "CS-P030"),
        (SIZE, &[1, 127], "CS-P031"),
        (SIZE, &[2, 0, 16], "read"),
        (SIZE, &[2, 1, 16], "CS-P031"),
        (MAJOR, &[1, 2], "CS-P032"),
        (FLAGS, &[1, 1], "CS-P034"),
        (FLAGS, &[32], "read"),
        (FUNCTIONS, &[1], "CS-P033"),
        (FUNCTIONS, &[2], "CS-P033"),
        (FUNCTIONS, &[4], "CS-P033"),
        (FUNCTIONS, &[8], "CS-P033"),
        (CHAINS, &[16], "read"),
        (CHAINS, &[17], "CS-P035"),
        (CHAIN, &[1], "CS-P035"),
        (CHAIN_SIZE, &[1, 103], "CS-P031"),
        (CHAIN_SIZE, &[2, 1, 16], "CS-P031"),
        (CHAIN_IDS, &[1], "CS-P035"),
        (CHAIN_IDS, &[3], "CS-P035"),
        (CHAIN_IDS, &[4], "CS-P035"),
        (CHAIN_IDS, &[5], "CS-P035"),
        (CHAIN_IDS, &[6], "CS-P035"),
        (ADDRESS, &[1, 1, 0xff], "CS-P035"),
        (ADDRESS, &[2, 0, 1, 0], "read"),
        (ADDRESS, &[2, 0, 1, 1], "CS-P035"),
        (MESSAGE, &[2, 0xff, 0xff, 1], "read"),
        (MESSAGE, &[2, 0xff, 0xff, 2], "CS-P035"),
        (CHAIN_FLAGS, &[1, 8], "CS-P034"),
        (CHAIN_FLAGS, &[32], "read"),
        (PLACE, &[1], "read"),
        (VERSION, &[1, 32], "read"),
        (VERSION, &[1, 33], "CS-P035"),
    ] {
        let bytes = [&vec![0; at], bytes].concat();
        assert_eq!(code(&bytes), expected, "{bytes:?}");
    }
}

fn code(bytes: &[u8]) -> &'static str {
    descriptor(bytes).map_or_else(|refusal| refusal.code(), |()| "read")
}

#[test]
fn memory_is_counted() {
    let ((), none) = meter::peak(|| ());
    let list = || black_box(vec![0_u8; 1000]);
    let (_, some) = meter::peak(|| [list(), list(), list()]);
    let (_, one) = meter::peak(|| (0..3).for_each(|_| drop(list())));
    assert_eq!((none, some, one), (0, 3000, 1000));
}
