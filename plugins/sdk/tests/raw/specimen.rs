//! Builds and loads the specimen, `tests/specimen`.

use std::{
    env::consts::{DLL_PREFIX, DLL_SUFFIX},
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

use countersign_plugin_abi::{Plugin, SYMBOL};

/// The specimen's table. The library is loaded once and stays.
pub(crate) fn table() -> &'static Plugin {
    static TABLE: OnceLock<&'static Plugin> = OnceLock::new();
    TABLE.get_or_init(|| {
        // SAFETY: the specimen has no constructors.
        let library = unsafe { libloading::Library::new(build("debug", &[])) }.unwrap();
        let library = Box::leak(Box::new(library));
        // SAFETY: the symbol is of this type by the ABI.
        let table = unsafe { library.get::<*const Plugin>(SYMBOL) }.unwrap();
        // SAFETY: the library is never unloaded, and `binary.rs` checks that the symbol is there.
        unsafe { &**table }
    })
}

/// Builds the specimen, and returns where it is.
pub(crate) fn build(profile: &str, arguments: &[&str]) -> PathBuf {
    let output = try_build(arguments);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    let file = format!("{DLL_PREFIX}countersign_plugin_specimen{DLL_SUFFIX}");
    target_directory().join(profile).join(file)
}

/// Asks cargo to build the specimen.
pub(crate) fn try_build(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO"))
        .args([
            "build",
            "--locked",
            "--package",
            "countersign-plugin-specimen",
        ])
        .arg("--manifest-path")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .arg("--target-dir")
        .arg(target_directory())
        .args(arguments)
        .output()
        .unwrap()
}

/// A target directory for plugins that tests build, apart from the one that cargo may hold at the moment.
fn target_directory() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugins")
}
