//! The header against what cbindgen makes of the crate, and against compilers.

use std::collections::BTreeMap;

use crate::{
    compiler::{C11, CPP17, compile, run},
    declarations::Declarations,
    source,
};

const HEADER: &str = include_str!("../../include/countersign_plugin.h");

/// Macros of the header that serve whoever writes a plugin, and are no constants of the ABI.
const CONVENIENCES: [&str; 3] = ["CS_EXPORT", "CS_VISIBLE", "CS_NONE"];

#[test]
fn structs_and_function_types_are_those_of_the_crate() {
    let types = source::types();
    let by_hand = Declarations::read(HEADER, str::to_owned);
    let generated = Declarations::read(&cbindgen_header(&types), |word| rename(word, &types));

    let declared = by_hand.structs.len() + by_hand.functions.len();
    assert_eq!(declared, types.len(), "{by_hand:#?}");
    assert_eq!(by_hand.structs, generated.structs);
    assert_eq!(by_hand.functions, generated.functions);
}

#[test]
fn constants_are_those_of_the_crate() {
    let mut by_hand = Declarations::read(HEADER, str::to_owned).constants;
    by_hand.retain(|name| !CONVENIENCES.contains(&name.as_str()));
    assert_eq!(by_hand, source::constants());
}

#[test]
fn a_plugin_compiles_as_c11() {
    compile("cc", "header-c11", PLUGIN, &[C11, SHARED].concat());
}

#[test]
fn a_plugin_compiles_as_cpp17() {
    compile("c++", "header-cpp17", PLUGIN, &[CPP17, SHARED].concat());
}

#[test]
fn helpers_keep_within_the_buffer() {
    let program = compile("cc", "header-helpers", include_str!("helpers.c"), C11);
    let printed = run(std::process::Command::new(program));
    assert_eq!(printed, "38 checks\n");
}

/// A reader that understands too little would find two empty headers equal.
#[test]
fn declarations_that_differ_are_seen() {
    let types = BTreeMap::new();
    let read = |text| Declarations::read(text, |word| rename(word, &types));
    let one = read("typedef struct a { uint8_t x; size_t y; } a; typedef int (*f)(void *p);");
    assert_eq!(one.structs["a"], ["uint8_t x", "size_t y"]);
    assert_eq!(one.functions["f"], "int ( * ) ( void * p )");
    for other in [
        "typedef struct a { size_t y; uint8_t x; } a; typedef int (*f)(void *p);",
        "typedef struct a { uint8_t x; uint32_t y; } a; typedef int (*f)(void *p);",
        "typedef struct a { uint8_t x; size_t y; } a; typedef int (*f)(const void *p);",
        "typedef struct a { uint8_t x; size_t y; } a;",
    ] {
        assert_ne!(one, read(other), "{other}");
    }
}

/// The crate's types as cbindgen writes them in C.
fn cbindgen_header(types: &BTreeMap<String, String>) -> String {
    let mut config = cbindgen::Config {
        language: cbindgen::Language::C,
        style: cbindgen::Style::Both,
        documentation: false,
        ..Default::default()
    };
    // No function uses them, so they would be left out.
    config.export.include = types.keys().cloned().collect();
    let bindings = cbindgen::Builder::new()
        .with_config(config)
        .with_src(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs"))
        .generate()
        .unwrap();
    let mut header = Vec::new();
    bindings.write(&mut header);
    String::from_utf8(header).unwrap()
}

/// The header's word for one of cbindgen's. It does not see through `Option<Alias>`, which is a nullable pointer
/// (`layout.rs` compares the sizes).
fn rename(word: &str, types: &BTreeMap<String, String>) -> String {
    let word = word.strip_prefix("Option_").unwrap_or(word);
    if word == "uintptr_t" {
        return "size_t".to_owned();
    }
    types.get(word).map_or(word, String::as_str).to_owned()
}

const SHARED: &[&str] = &[
    "-O2",
    "-fPIC",
    "-shared",
    "-fvisibility=hidden",
    "-Wl,-z,defs",
    "-Wl,-z,relro",
    "-Wl,-z,now",
    "-Wl,-Bsymbolic",
];

/// A plugin that uses every macro and helper.
const PLUGIN: &str = include_str!("plugin.c");
