//! Runs the C compiler of this machine.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Flags that every C file of a plugin compiles with.
pub(crate) const C11: &[&str] = &["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic"];

/// The same for C++.
pub(crate) const CPP17: &[&str] = &[
    "-x",
    "c++",
    "-std=c++17",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-pedantic",
];

/// Writes a program, compiles it with `flags`, and returns the path of what came out: `name` in a directory of the
/// tests' own.
pub(crate) fn compile(compiler: &str, name: &str, program: &str, flags: &[&str]) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&directory).unwrap();
    let source = directory.join("program.c");
    std::fs::write(&source, program).unwrap();
    let output = directory.join("program");
    let mut command = Command::new(compiler);
    command.args(flags).arg("-I").arg(include_directory());
    command.arg("-o").arg(&output).arg(&source);
    run(command);
    output
}

/// Runs a command that has to succeed, and returns what it printed.
pub(crate) fn run(mut command: Command) -> String {
    let output = command.output().unwrap_or_else(|error| {
        panic!(
            "these tests need a C and a C++ compiler, `cc` and `c++` (Debian: build-essential): {} did not start: {error}",
            command.get_program().display(),
        )
    });
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?} failed\n{printed}{complained}"
    );
    printed
}

/// Where the header is.
pub(crate) fn include_directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("include")
}
