//! Tests that need a process to themselves: for what is printed there, or for the numbers of its descriptors.

use std::{env, process::Command};

const ALONE: &str = "COUNTERSIGN_ZOO_ALONE";

/// Whether the test that calls this is alone in its process. If not, it is run in such a process, and has passed
/// there without a word on standard error when this returns. `test` is its path in this crate.
pub(crate) fn is_alone(test: &str) -> bool {
    if env::var_os(ALONE).is_some() {
        return true;
    }
    let program = env::current_exe().expect("this program has a path");
    let output = Command::new(program)
        .args(["--exact", "--nocapture", test])
        .env(ALONE, "1")
        .output()
        .expect("this program can be run");
    let printed = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    let is_one = printed.contains("test result: ok. 1 passed;");
    assert!(is_one && output.status.success(), "{printed}{errors}");
    assert_eq!(errors, "", "standard error of {test}");
    false
}
