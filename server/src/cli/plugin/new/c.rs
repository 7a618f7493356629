//! A new plugin in C: this repository's example under other names, and the header beside it.

use super::{File, Names};

macro_rules! example {
    ($name:literal) => {
        include_str!(concat!("../../../../../plugins/examples/ed25519-c/", $name))
    };
}

pub(super) fn files(names: &Names) -> Vec<File> {
    vec![
        ("README.md", readme(names)),
        (".gitignore", example!(".gitignore").to_owned()),
        ("Makefile", makefile(names)),
        ("plugin.c", plugin(names)),
        ("ed25519.h", example!("ed25519.h").to_owned()),
        ("ed25519.c", example!("ed25519.c").to_owned()),
        ("sha512.h", example!("sha512.h").to_owned()),
        ("sha512.c", example!("sha512.c").to_owned()),
        ("tests.c", example!("tests.c").to_owned()),
        ("vectors.h", example!("vectors.h").to_owned()),
        ("countersign_plugin.h", HEADER.to_owned()),
    ]
}

const HEADER: &str = include_str!("../../../../../plugins/abi/include/countersign_plugin.h");
const README: &str = include_str!("../../../../../plugins/sdk/templates/c/README.md");

fn readme(names: &Names) -> String {
    README
        .replace("my-chain", &names.plugin)
        .replace("mychain", &names.namespace)
}

fn makefile(names: &Names) -> String {
    example!("Makefile")
        .replace("NAME := ed25519-c", &format!("NAME := {}", names.plugin))
        .replace("INCLUDE ?= ../../abi/include", "INCLUDE ?= .")
}

fn plugin(names: &Names) -> String {
    let define = |name: &str, value: &str| format!("#define {name} \"{value}\"");
    example!("plugin.c")
        .replace(&define("NAME", "ed25519-c"), &define("NAME", &names.plugin))
        .replace(
            &define("NAMESPACE", "example"),
            &define("NAMESPACE", &names.namespace),
        )
        .replace(
            &define("DISPLAY_NAME", "Example"),
            &define("DISPLAY_NAME", &names.display),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_keeps_the_example_s_names() {
        let names = Names::new("other-name").expect("a name");
        let (makefile, plugin) = (makefile(&names), plugin(&names));
        for (text, was, is) in [
            (&makefile, "ed25519-c", "NAME := other-name\n"),
            (&makefile, "../abi", "INCLUDE ?= .\n"),
            (&plugin, "\"ed25519-c\"", "#define NAME \"other-name\"\n"),
            (&plugin, "\"example\"", "#define NAMESPACE \"othernam\"\n"),
            (
                &plugin,
                "\"Example\"",
                "#define DISPLAY_NAME \"Other Name\"\n",
            ),
        ] {
            assert!(!text.contains(was) && text.contains(is), "{was}: {text}");
        }
    }
}
