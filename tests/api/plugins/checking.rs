//! `countersign plugin check` and `countersign plugin add`.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{build, configure, new_projects::countersign};

const LIBRARY: &str = "plugins/toy.so";
const FEW: [&str; 2] = ["--mutations", "2000"];

fn built(specimen: &str, flags: &[&str]) -> TempDir {
    let directory = TempDir::new().expect("a temporary directory");
    build(directory.path(), specimen, flags);
    directory
}

fn run(directory: &Path, arguments: &[&str]) -> Output {
    let arguments = [arguments, &FEW].concat();
    let mut command = Command::new(countersign_tests::binary());
    command.args(arguments).current_dir(directory);
    command.output().expect("the binary runs")
}

fn fault(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let errors = String::from_utf8_lossy(&output.stderr);
    let faults = errors
        .lines()
        .filter(|line| line.starts_with("countersign: "));
    faults.map(str::to_owned).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_good_library_is_checked_and_told_how_to_be_loaded() {
    let directory = built("good", &[]);
    let output = run(directory.path(), &["plugin", "check", LIBRARY]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    for line in [
        "plugin     toy 1.0, serves toy\n",
        "nothing was found\n",
        "[[plugins.load]]\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
    assert!(!output.stderr.is_empty(), "it says where it is");
}

#[test]
fn each_finding_is_a_line_with_code_and_fix() {
    let directory = built("segfault", &["-DWHEN_EMPTY"]);
    let output = run(directory.path(), &["plugin", "check", LIBRARY]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("\nerror[CS-P130]: case "), "{text}");
    assert!(text.contains("\n  fix: check every length"), "{text}");
    assert!(!text.contains("plugins.load"), "{text}");
    let told = fault(&output);
    assert_eq!(told, "countersign: plugins/toy.so has 1 finding");
}

#[test]
fn a_report_for_programs_has_the_same() {
    let directory = built("unechoed", &["-DWHEN_EMPTY"]);
    let output = run(directory.path(), &["plugin", "check", LIBRARY, "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(report["passed"], false);
    assert_eq!(report["findings"][0]["code"], "CS-P148");
    assert_eq!(report["namespaces"], json!(["toy"]));
    assert_eq!(report["counts"]["mutations"], 2_000);
}

#[test]
fn a_file_that_is_no_library_is_one_finding() {
    let directory = TempDir::new().expect("a temporary directory");
    fs::write(directory.path().join("text.so"), "no library").expect("a file");
    let output = run(directory.path(), &["plugin", "check", "text.so"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("error[CS-P010]: "), "{text}");
    let output = run(directory.path(), &["plugin", "check", "nowhere.so"]);
    let text = String::from_utf8_lossy(&output.stdout);
    let told =
        "error[CS-P002]: nowhere.so: No such file or directory (os error 2)\n  fix: give the path";
    assert!(text.contains(told), "{text}");
}

const VECTORS: &str = r#"
[[proof]]
id = "a wallet's"
valid = true
chain = "toy:main"
address = "alice"
message = "hello"
signature = "fd23fa4a34d2f0ed"

[[proof]]
valid = false
chain = "toy:main"
address = "alice"
message_hex = "676f6f64627965"
signature = "fd23fa4a34d2f0ed"

[[address]]
namespace = "toy"
text = "bob"
canonical = "bob"

[[address]]
namespace = "toy"
text = "Bob"
"#;

#[test]
fn vectors_of_the_author_s_are_checked_too() {
    let directory = built("good", &[]);
    let check = ["plugin", "check", LIBRARY, "--vectors", "vectors.toml"];
    let with = |vectors: &str| {
        fs::write(directory.path().join("vectors.toml"), vectors).expect("a file");
        run(directory.path(), &check)
    };
    let output = with(VECTORS);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("proofs     5, and"), "{text}");
    let output = with(&VECTORS.replace("valid = true", "valid = false"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let told = "error[CS-P111]: vector a wallet's: it holds, and should not\n";
    assert!(text.contains(told), "{text}");
    for (vectors, told) in [
        ("", "expected at least one [[proof]] or [[address]]"),
        (
            &VECTORS.replace("fd23", "xyz"),
            "a wallet's: expected signature to be hex",
        ),
        (
            &VECTORS.replace("toy:main", "toy"),
            "a wallet's: expected chain to be a CAIP-2 id",
        ),
        (&VECTORS.replace("message_hex", "massage"), "massage"),
    ] {
        let output = with(vectors);
        let fault = fault(&output);
        let begins = "countersign: vectors.toml: ";
        assert!(fault.starts_with(begins) && fault.contains(told), "{fault}");
    }
}

#[test]
fn adding_prints_the_stanza_or_writes_it_and_leaves_the_rest() {
    let directory = built("good", &[]);
    let here = directory.path();
    let add = |more: &[&str]| {
        let arguments = [&["plugin", "add", LIBRARY], &FEW[..], more].concat();
        countersign(here, &arguments)
    };
    let printed = add(&[]);
    assert!(printed.contains("copied to plugins/toy-"), "{printed}");
    assert!(
        printed.contains("[[plugins.load]]\nname = \"toy\"\nfile = \"toy-"),
        "{printed}"
    );
    assert!(!here.join("countersign.toml").exists());
    configure(here, "# Ours.\n[limits]\nscale = 10 # for trying\n");
    add(&["--write"]);
    let written = || fs::read_to_string(here.join("countersign.toml")).expect("the file");
    let first = written();
    assert!(
        first.starts_with("# Ours.\n[limits]\nscale = 10 # for trying\n"),
        "{first}"
    );
    // What the operator says besides stays when another build is pinned.
    configure(here, &format!("{first}deadline_ms = 900\n"));
    build(here, "good", &["-DVERSION=\"2\""]);
    add(&["--write"]);
    let second = written();
    assert_eq!(second.matches("[[plugins.load]]").count(), 1, "{second}");
    assert!(second.contains("deadline_ms = 900"), "{second}");
    assert!(second.contains("scale = 10 # for trying"), "{second}");
    assert_ne!(first, second);
    let libraries = fs::read_dir(here.join("plugins")).expect("the directory");
    let copies = libraries.filter_map(|entry| {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("a name");
        name.starts_with("toy-").then_some(entry)
    });
    let modes = copies.map(|copy| copy.metadata().expect("a file").permissions().mode() & 0o777);
    assert_eq!(modes.collect::<Vec<_>>(), [0o644, 0o644]);
}

#[test]
fn what_is_not_added_leaves_nothing_behind() {
    let namespace = "-DNAMESPACE=\"eip155\"";
    for (specimen, flags, code) in [
        ("says_yes", &[][..], None),
        ("good", &[namespace][..], Some("[CS-P042]")),
    ] {
        let directory = built(specimen, flags);
        let output = run(directory.path(), &["plugin", "add", LIBRARY, "--write"]);
        let fault = fault(&output);
        match code {
            Some(code) => assert!(fault.contains(code), "{fault}"),
            None => assert_eq!(fault, "countersign: plugins/toy.so has 1 finding"),
        }
        let plugins = fs::read_dir(directory.path().join("plugins")).expect("the directory");
        let names = plugins.map(|entry| entry.expect("an entry").file_name());
        assert_eq!(names.collect::<Vec<_>>(), ["toy.so"], "{specimen}");
        assert!(!directory.path().join("countersign.toml").exists());
    }
}
