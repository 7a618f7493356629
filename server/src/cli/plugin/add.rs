//! `countersign plugin add`

use std::{
    fs,
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use clap::Args;
use config::{File, FileFormat};
use countersign_plugin_host::{PluginSet, Policy};

use super::{
    check::{How, fail_on_findings, say},
    stanza::Stanza,
};
use crate::{
    chains::reserved,
    cli::{Common, Outcome, block_on, print},
    config::Config,
    settings::Settings,
};

/// The configuration file where none is named.
const CONFIG_FILE: &str = "countersign.toml";

#[derive(Debug, Args)]
pub(in crate::cli) struct Add {
    /// The library
    file: PathBuf,
    /// Write the stanza into the configuration file, instead of printing it
    #[arg(long)]
    write: bool,
    #[command(flatten)]
    how: How,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(asked: &Add) -> Outcome {
    let settings = asked.common.settings()?;
    let checked = asked.how.check(&asked.file)?;
    print(&say(&checked))?;
    fail_on_findings(&asked.file, &checked)?;
    let stanza = Stanza::of(&checked, &asked.how)?;
    let stanza = stanza.ok_or("the library says nothing about itself")?;
    let directory = &settings.plugins.directory;
    let added = directory.join(&stanza.file);
    let is_new = !added.exists();
    copy(&asked.file, directory, &added)?;
    let tried = try_to_load(&settings, &stanza);
    if let Err(fault) = tried {
        if is_new {
            // What is not taken does not stay.
            let _removed = fs::remove_file(&added);
        }
        return Err(fault);
    }
    let copied = format!("copied to {}\n", added.display());
    if !asked.write {
        let stanza = stanza.text();
        print(&format!(
            "{copied}add this to the configuration, or give --write:\n\n{stanza}"
        ))?;
        return Ok(());
    }
    let file = asked
        .common
        .config_file()
        .unwrap_or_else(|| CONFIG_FILE.into());
    stanza.write(&file)?;
    print(&format!(
        "{copied}written to {}\n`countersign serve` loads it; a running server does at `countersign plugin reload`\n",
        file.display()
    ))?;
    Ok(())
}

/// Copies into a file that only its owner can write to. Whether these are the bytes that were checked, loading says.
fn copy(from: &Path, directory: &Path, to: &Path) -> Result<(), String> {
    let fail = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let library = fs::read(from).map_err(|error| fail(from, error))?;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(directory)
        .map_err(|error| fail(directory, error))?;
    let draft = to.with_extension("new");
    let write = || {
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o644)
            .open(&draft)?;
        file.write_all(&library)?;
        file.sync_all()?;
        fs::rename(&draft, to)
    };
    write().map_err(|error| fail(to, error))
}

/// Loads it as the server will, beside the plugins that are configured already.
fn try_to_load(settings: &Settings, stanza: &Stanza) -> Outcome {
    let text = File::from_str(&stanza.text(), FileFormat::Toml);
    let config: Config = config::Config::builder()
        .add_source(text)
        .build()?
        .try_deserialize()?;
    let added = Settings::parse(&config)?.plugins.plugins;
    let others = settings.plugins.plugins.iter();
    let others = others.filter(|grant| added.iter().all(|added| added.name != grant.name));
    let policy = Policy {
        plugins: others.cloned().chain(added.iter().cloned()).collect(),
        ..settings.plugins.clone()
    };
    block_on(PluginSet::load(&policy, &reserved(), &PluginSet::default()))??;
    Ok(())
}
