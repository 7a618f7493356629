//! Panics stay in the plugin, and reach the host's log instead of standard error.

use std::process::Command;

use countersign_plugin_abi::{level, status};

use crate::{
    host::{Instance, TestHost},
    proof::Question,
    specimen::table,
};

#[test]
fn a_panic_is_a_status_and_a_line_with_its_place() {
    let instance = Instance::new();
    let question = Question::new(&instance, b"panic", b"x");
    question.assert_refused(status::PANIC, "panicked: no verdict on mirror");
    let [(level::ERROR, line)] = &instance.host.logged()[..] else {
        panic!("one line");
    };
    assert!(line.starts_with("panicked at "), "{line}");
    assert!(line.contains("specimen/src/lib.rs:"), "{line}");
    assert!(line.ends_with(": no verdict on mirror"), "{line}");
}

#[test]
fn a_panic_without_a_text_is_contained() {
    let instance = Instance::new();
    let question = Question::new(&instance, b"panic without text", b"x");
    question.assert_refused(status::PANIC, "panicked without a text");
    assert_eq!(instance.host.logged().len(), 1);
}

#[test]
fn a_payload_that_panics_when_dropped_is_contained() {
    let instance = Instance::new();
    let question = Question::new(&instance, b"panic with a payload that panics", b"x");
    question.assert_refused(status::PANIC, "panicked without a text");
    assert_eq!(instance.host.logged().len(), 1, "it is not dropped");
}

#[test]
fn an_instance_works_on_after_a_panic() {
    let instance = Instance::new();
    for _ in 0..10 {
        Question::new(&instance, b"panic", b"x").ask();
        let answer = Question::new(&instance, b"abc", b"cba").ask();
        assert_eq!(answer.signer.text(), "alice");
    }
}

#[test]
fn a_panic_in_create_makes_no_instance() {
    let host = TestHost::new();
    let (status, instance, error) = host.create(br#"{"create":"panics"}"#);
    assert_eq!(
        (status, error.as_str()),
        (status::PANIC, "panicked: no instance")
    );
    assert!(instance.is_null());
    assert_eq!(host.logged().len(), 2, "that it began, and the panic");
}

#[test]
fn a_panic_in_destroy_is_contained_and_logged() {
    let host = TestHost::new();
    let (status, instance, _) = host.create(br#"{"drop":"panics"}"#);
    assert_eq!(status, status::OK);
    host.logged();
    // SAFETY: it was just created.
    unsafe { table().destroy.unwrap()(instance) };
    let lines = host.logged();
    assert!(lines[0].1.ends_with(": no end"), "{lines:?}");
}

/// Runs the tests above in a process of their own, to see what it prints. Standard error belongs to the server.
#[test]
fn nothing_is_written_to_standard_error() {
    let tests = [
        "panics::a_panic_is_a_status_and_a_line_with_its_place",
        "panics::a_panic_without_a_text_is_contained",
        "panics::a_payload_that_panics_when_dropped_is_contained",
        "panics::a_panic_in_create_makes_no_instance",
        "panics::a_panic_in_destroy_is_contained_and_logged",
    ];
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .args(tests)
        .env("RUST_BACKTRACE", "1")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("5 passed"), "{printed}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
