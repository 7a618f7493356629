//! `countersign plugin new`

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use countersign_plugin_host::is_plugin_name;

use crate::{
    chains::reserved,
    cli::{Outcome, print},
};

mod c;
mod rust;

#[derive(Debug, Args)]
pub(in crate::cli) struct New {
    /// The plugin's name: 3 to 32 of a-z, 0-9 and -, the first a letter
    name: String,
    /// What to write it in
    #[arg(long)]
    lang: Language,
    /// The directory to make [default: the name, in this directory]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// What a plugin is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    Rust,
    C,
}

/// A file of a new project: where it lies, and what is in it.
type File = (&'static str, String);

pub(super) fn run(asked: &New) -> Outcome {
    let names = Names::new(&asked.name)?;
    let (files, build, library) = match asked.lang {
        Language::Rust => (
            rust::files(&names),
            "cargo build --release",
            format!("target/release/lib{}.so", names.snake),
        ),
        Language::C => (c::files(&names), "make", format!("lib{}.so", names.plugin)),
    };
    let directory = asked
        .dir
        .clone()
        .unwrap_or_else(|| PathBuf::from(&asked.name));
    write(&directory, &files)?;
    print(&format!(
        "made {directory}\n\n\
         cd {directory}\n\
         {build}\n\
         countersign plugin check {library}\n\
         countersign plugin add {library} --write\n\n\
         README.md there says how to make it your chain.\n",
        directory = directory.display(),
    ))?;
    Ok(())
}

/// How a plugin is called where.
struct Names {
    /// The plugin's name.
    plugin: String,
    /// With underscores, as Rust names libraries.
    snake: String,
    /// The chain's namespace (CAIP-2), of at most eight characters.
    namespace: String,
    /// The chain's name in messages.
    display: String,
}

impl Names {
    fn new(name: &str) -> Result<Self, String> {
        let begins_well = name.starts_with(|first: char| first.is_ascii_lowercase());
        if !is_plugin_name(name) || !begins_well || name.ends_with('-') {
            return Err(format!(
                "{name}: expected a name of 3 to 32 of a-z, 0-9 and -, the first a letter, the last no hyphen"
            ));
        }
        let letters: String = name.chars().filter(|letter| *letter != '-').collect();
        let namespace: String = letters.chars().take(8).collect();
        if namespace.len() < 3 || reserved().iter().any(|taken| taken.as_str() == namespace) {
            return Err(format!(
                "{name}: expected a name that is no built-in chain's namespace"
            ));
        }
        Ok(Self {
            plugin: name.to_owned(),
            snake: name.replace('-', "_"),
            namespace,
            display: words(name),
        })
    }
}

/// Each part of a name with a capital.
fn words(name: &str) -> String {
    let parts = name.split('-').filter(|part| !part.is_empty());
    let capital = |part: &str| part[..1].to_uppercase() + &part[1..];
    parts.map(capital).collect::<Vec<_>>().join(" ")
}

/// Makes the directory and its files, or nothing: what is there is never touched.
fn write(directory: &Path, files: &[File]) -> Result<(), String> {
    let fail = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    if let Some(above) = directory.parent() {
        fs::create_dir_all(above).map_err(|error| fail(above, error))?;
    }
    fs::create_dir(directory).map_err(|error| fail(directory, error))?;
    for (name, text) in files {
        let path = directory.join(name);
        let above = path.parent().unwrap_or(directory);
        fs::create_dir_all(above).map_err(|error| fail(above, error))?;
        let mut open = OpenOptions::new();
        let file = open.write(true).create_new(true).open(&path);
        file.and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(|error| fail(&path, error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_derived_from_the_plugin_s() {
        let names = Names::new("my-long-chain-2").unwrap();
        let derived = (&*names.snake, &*names.namespace, &*names.display);
        assert_eq!(derived, ("my_long_chain_2", "mylongch", "My Long Chain 2"));
    }

    #[test]
    fn what_could_not_be_built_or_loaded_is_refused() {
        for name in ["ab", "Abc", "2chains", "abc-", "alephium", "eip155", "a--b"] {
            assert!(Names::new(name).is_err(), "{name}");
        }
    }
}
