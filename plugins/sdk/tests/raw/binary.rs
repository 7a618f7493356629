//! What is in the library.

use std::{path::Path, process::Command};

use crate::specimen::{build, try_build};

/// One symbol, in a section for data.
fn assert_exports_only_the_descriptor(library: &Path) {
    let mut nm = Command::new("nm");
    nm.args(["--dynamic", "--defined-only", "--format=posix"])
        .arg(library);
    let output = nm
        .output()
        .unwrap_or_else(|error| panic!("this test needs `nm` (Debian: binutils): {error}"));
    let listed = String::from_utf8(output.stdout).unwrap();
    let symbols: Vec<_> = listed.lines().collect();
    let [symbol] = symbols[..] else {
        panic!("{symbols:#?}");
    };
    let is_data = [" D ", " R "]
        .iter()
        .any(|section| symbol.contains(section));
    assert!(
        symbol.starts_with("countersign_chain_plugin_v1 ") && is_data,
        "{symbol}"
    );
}

#[test]
fn the_descriptor_is_all_that_is_exported() {
    assert_exports_only_the_descriptor(&build("debug", &[]));
}

#[test]
fn link_time_optimisation_keeps_the_descriptor() {
    for lto in ["\"fat\"", "\"thin\"", "false"] {
        let lto = format!("profile.release.lto={lto}");
        let library = build("release", &["--release", "--config", &lto]);
        assert_exports_only_the_descriptor(&library);
    }
}

#[test]
fn a_plugin_that_aborts_on_panic_does_not_compile() {
    let output = try_build(&["--config", "profile.dev.panic=\"abort\""]);
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    let reason = "error: a chain plugin has to be built with panic = \"unwind\"";
    assert!(complaint.contains(reason), "{complaint}");
}
