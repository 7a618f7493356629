//! The conformance kit: good plugins come through, and each bad one is found out, with the code of its rule.

#[path = "../zoo/build.rs"]
mod build;
mod codes;

use std::{collections::BTreeSet, path::Path};

use countersign_core::chain::Namespace;
use countersign_plugin_host::{
    Checked, Isolation, Kit, SelfTest, Step, VectorAddress, VectorProof, Vectors,
};

use build::{Directory, child_program};

/// Few, for tests: the toy's proofs are checked in no time.
const CASES: u32 = 4_000;

fn kit() -> Kit {
    Kit {
        program: child_program(),
        config: "{}".to_owned(),
        without: vec![],
        vectors: Vectors::default(),
        cases: CASES,
    }
}

async fn check(library: &Path) -> Checked {
    kit().check(library, &|_| {}).await
}

async fn check_specimen(specimen: &str) -> Checked {
    let directory = Directory::new(Isolation::Process);
    directory.build(specimen, &["-DWHEN_EMPTY"]);
    check(&directory.file(&format!("{specimen}.so"))).await
}

fn codes(checked: &Checked) -> BTreeSet<&str> {
    checked.findings.iter().map(|found| found.code).collect()
}

#[tokio::test]
async fn a_good_plugin_comes_through_and_was_really_asked() {
    let checked = check_specimen("good").await;
    assert_eq!(checked.findings, []);
    assert_eq!(checked.missing_layers, Vec::<String>::new());
    let counts = checked.counts;
    assert_eq!((counts.proofs, counts.cases), (3, CASES));
    assert_eq!((counts.together, counts.instances), (8 * CASES / 10, 1_000));
    assert!(counts.derived > 300, "{counts:?}");
    assert!(counts.addresses > 20, "{counts:?}");
    let descriptor = checked.descriptor.expect("it was read");
    assert_eq!(descriptor.chains[0].namespace, "toy");
    let glibc = checked.glibc.expect("the toy needs memcmp");
    assert!(glibc.starts_with("2."), "{glibc}");
}

#[tokio::test]
async fn what_would_not_be_loaded_is_found_with_the_code_of_the_refusal() {
    for (specimen, code) in [
        ("no_symbol", "CS-P011"),
        ("wrong_magic", "CS-P030"),
        ("newer_major", "CS-P032"),
        ("null_function", "CS-P033"),
        ("unknown_flag", "CS-P034"),
        ("not_utf8", "CS-P035"),
        ("wrong_self_test", "CS-P051"),
        ("says_yes", "CS-P051"),
    ] {
        let checked = check_specimen(specimen).await;
        assert_eq!(codes(&checked), [code].into(), "{specimen}: {checked:?}");
    }
}

/// What each does with an empty message, or with whatever it is about.
#[tokio::test]
async fn each_breach_is_found_with_its_code() {
    for (specimen, code) in [
        ("exports_more", "CS-P101"),
        ("ignores_the_end", "CS-P112"),
        ("gives_up", "CS-P114"),
        ("trims_addresses", "CS-P121"),
        ("segfault", "CS-P130"),
        ("stack_overflow", "CS-P130"),
        ("aborts", "CS-P130"),
        ("exits", "CS-P130"),
        ("buffer_overrun", "CS-P130"),
        ("reads_beyond", "CS-P130"),
        ("junk_on_the_socket", "CS-P130"),
        ("endless_loop", "CS-P131"),
        ("unknown_status", "CS-P140"),
        ("swapped_buffer", "CS-P142"),
        ("lying_length", "CS-P143"),
        ("writes_inputs", "CS-P144"),
        ("forgets_sizes", "CS-P145"),
        ("cuts_answers", "CS-P146"),
        ("any_chain", "CS-P147"),
        ("unechoed", "CS-P148"),
        ("boolean_verdict", "CS-P149"),
        ("ignores_keys", "CS-P150"),
        ("remembers", "CS-P151"),
        ("many_forms", "CS-P152"),
        ("error_is_no_text", "CS-P153"),
        ("created_once", "CS-P155"),
        ("another_signer", "CS-P156"),
        ("system_call", "CS-P160"),
        ("leaks", "CS-P161"),
        ("slow", "CS-P162"),
    ] {
        let checked = check_specimen(specimen).await;
        let found = checked.findings.iter().find(|found| found.code == code);
        let found = found
            .unwrap_or_else(|| panic!("{specimen}: {:#?} {:?}", checked.findings, checked.counts));
        assert!(
            !found.text.is_empty() && !found.fix.is_empty(),
            "{specimen}"
        );
    }
}

#[tokio::test]
async fn three_proofs_of_a_chain_are_asked_for() {
    let directory = Directory::new(Isolation::Process);
    directory.build("good", &["-DONE_PROOF"]);
    let checked = check(&directory.file("good.so")).await;
    assert_eq!(
        codes(&checked),
        ["CS-P110"].into(),
        "{:?}",
        checked.findings
    );
}

#[tokio::test]
async fn a_finding_says_which_case_and_what_happened() {
    let checked = check_specimen("segfault").await;
    let [found, ..] = &checked.findings[..] else {
        panic!("{checked:?}");
    };
    let is_told = found.text.starts_with("case ")
        && (found.text.contains("a proof with its message empty")
            || found
                .text
                .contains("a proof with its message cut to 0 bytes"))
        && found.text.ends_with(": its process ends");
    assert!(is_told, "{}", found.text);
    let checked = check_specimen("system_call").await;
    let getpid = "it makes a system call that the jail denies: getpid (39)";
    assert_eq!(checked.findings[0].text, getpid);
}

fn vector(id: &str, message: &str, is_valid: bool) -> VectorProof {
    VectorProof {
        id: id.to_owned(),
        namespace: Namespace::new("toy").expect("a namespace"),
        proof: SelfTest {
            reference: "main".to_owned(),
            address: "alice".to_owned(),
            message: message.as_bytes().to_owned(),
            signature: b"\xfd\x23\xfa\x4a\x34\xd2\xf0\xed".to_vec(),
            public_key: vec![],
            key_type: String::new(),
        },
        is_valid,
        is_only_judged: false,
    }
}

fn address(id: &str, text: &str, canonical: Option<&str>) -> VectorAddress {
    VectorAddress {
        id: id.to_owned(),
        namespace: Namespace::new("toy").expect("a namespace"),
        text: text.to_owned(),
        canonical: canonical.map(str::to_owned),
    }
}

#[tokio::test]
async fn vectors_are_judged_as_they_say_or_named() {
    let directory = Directory::new(Isolation::Process);
    directory.build("good", &[]);
    let mut kit = kit();
    kit.cases = 16;
    kit.vectors = Vectors {
        proofs: vec![
            vector("holds", "hello", true),
            vector("fails", "goodbye", false),
            vector("should hold", "goodbye", true),
            vector("should fail", "hello", false),
        ],
        addresses: vec![
            address("read", "bob", Some("bob")),
            address("refused", "B", None),
            address("should be read", "B", Some("b")),
            address("should be refused", "bob", None),
        ],
    };
    let checked = kit.check(&directory.file("good.so"), &|_| {}).await;
    let found = checked
        .findings
        .iter()
        .map(|found| (found.code, &*found.text));
    let found: Vec<_> = found.collect();
    assert_eq!(
        found,
        [
            (
                "CS-P111",
                "vector should hold: it does not hold, and should"
            ),
            ("CS-P111", "vector should fail: it holds, and should not"),
            (
                "CS-P120",
                "vector should be read: it is refused: expected 1 to 16 letters"
            ),
            ("CS-P120", "vector should be refused: it is read as bob"),
        ]
    );
}

#[tokio::test]
async fn progress_is_told_in_order() {
    let directory = Directory::new(Isolation::Process);
    directory.build("good", &[]);
    let steps = std::sync::Mutex::new(vec![]);
    let note = |step| steps.lock().expect("no test panicked with it").push(step);
    let checked = kit().check(&directory.file("good.so"), &note).await;
    assert_eq!(checked.findings, []);
    let steps = steps.into_inner().unwrap();
    assert_eq!(steps[..3], [Step::Library, Step::Proofs, Step::Addresses]);
    assert!(steps.contains(&Step::Cases(CASES, CASES)));
    assert_eq!(steps[steps.len() - 2..], [Step::Threads, Step::Instances]);
}
