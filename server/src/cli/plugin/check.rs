//! `countersign plugin check`

use std::path::{Path, PathBuf};

use clap::Args;
use countersign_plugin_host::{Checked, Kit, LAYERS, Vectors};
use serde_json::{Value, json};

use super::{
    child_program,
    progress::{Progress, grouped},
    stanza::Stanza,
    vectors,
};
use crate::cli::{Outcome, block_on, print};

#[derive(Debug, Args)]
pub(in crate::cli) struct Check {
    /// The library
    file: PathBuf,
    #[command(flatten)]
    how: How,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// How a library is checked.
#[derive(Debug, Args)]
pub(super) struct How {
    /// Proofs and addresses of your own to check it with, in TOML
    #[arg(long, value_name = "FILE")]
    vectors: Option<PathBuf>,
    /// The plugin's own settings, as a JSON object
    #[arg(long, value_name = "JSON", default_value = "{}")]
    settings: String,
    /// Calls with something changed that it is asked to survive
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    mutations: u32,
    /// A layer of the jail that may be missing on this machine; may be given again
    #[arg(long, value_name = "LAYER", value_parser = LAYERS)]
    without: Vec<String>,
}

impl How {
    /// The settings, which must be a JSON object.
    pub(super) fn settings(&self) -> Result<serde_json::Map<String, Value>, String> {
        let read = serde_json::from_str(&self.settings);
        read.map_err(|error| {
            format!(
                "--settings {}: expected a JSON object: {error}",
                self.settings
            )
        })
    }

    pub(super) fn without(&self) -> &[String] {
        &self.without
    }

    /// Checks a library, and tells on standard error where it is.
    pub(super) fn check(&self, file: &Path) -> Result<Checked, Box<dyn std::error::Error>> {
        let vectors = match &self.vectors {
            Some(file) => vectors::read(file)?,
            None => Vectors::default(),
        };
        let kit = Kit {
            program: child_program(),
            config: Value::from(self.settings()?).to_string(),
            without: self.without.clone(),
            vectors,
            cases: self.mutations,
        };
        let progress = Progress::new();
        let checked = block_on(kit.check(file, &|step| progress.tell(step)))?;
        progress.end();
        Ok(checked)
    }
}

pub(super) fn run(asked: &Check) -> Outcome {
    let checked = asked.how.check(&asked.file)?;
    let text = match asked.json {
        true => format!("{:#}\n", report(&asked.file, &checked)),
        false => format!("{}{}", say(&checked), advise(asked, &checked)?),
    };
    print(&text)?;
    fail_on_findings(&asked.file, &checked)
}

/// # Errors
/// When there are findings.
pub(super) fn fail_on_findings(file: &Path, checked: &Checked) -> Outcome {
    match checked.findings.len() {
        0 => Ok(()),
        1 => Err(format!("{} has 1 finding", file.display()).into()),
        count => Err(format!("{} has {count} findings", file.display()).into()),
    }
}

/// What was found, for people.
pub(super) fn say(checked: &Checked) -> String {
    let mut text = String::new();
    if let Some(descriptor) = &checked.descriptor {
        let (name, version) = (&descriptor.name, &descriptor.version);
        let chains = descriptor.chains.iter();
        let chains: Vec<_> = chains.map(|chain| chain.namespace.as_str()).collect();
        text += &format!(
            "plugin     {name} {version}, serves {}\n",
            chains.join(", ")
        );
    }
    if let Some(sha256) = checked.sha256 {
        text += &format!("SHA-256    {}\n", hex::encode(sha256));
    }
    if let Some(glibc) = &checked.glibc {
        text += &format!("needs      glibc {glibc} or newer\n");
    }
    if !checked.missing_layers.is_empty() {
        text += &format!("jail       without {}\n", checked.missing_layers.join(", "));
    }
    let counts = &checked.counts;
    if counts.proofs > 0 {
        let (proofs, derived) = (counts.proofs, grouped(counts.derived));
        text += &format!("proofs     {proofs}, and {derived} made from them that must fail\n");
        text += &format!("addresses  {} texts\n", counts.addresses);
        let slowest = f64::from(counts.slowest_us) / 1000.0;
        let cases = grouped(counts.cases);
        text += &format!("mutations  {cases}, the slowest call {slowest:.1} ms\n");
        let (together, instances) = (grouped(counts.together), grouped(counts.instances));
        text += &format!("threads    {together} calls on 8 at once, {instances} instances\n");
    }
    for finding in &checked.findings {
        let (code, what, fix) = (finding.code, &finding.text, finding.fix);
        text += &format!("error[{code}]: {what}\n  fix: {fix}\n");
    }
    text
}

fn advise(asked: &Check, checked: &Checked) -> Result<String, Box<dyn std::error::Error>> {
    let (Some(stanza), true) = (
        Stanza::of(checked, &asked.how)?,
        checked.findings.is_empty(),
    ) else {
        return Ok(String::new());
    };
    let file = asked.file.display();
    Ok(format!(
        "nothing was found\n\n`countersign plugin add {file}` copies it to the server's plugins. Its stanza there:\n\n{}",
        stanza.text()
    ))
}

fn report(file: &Path, checked: &Checked) -> Value {
    let descriptor = checked.descriptor.as_ref();
    let chains = descriptor.map(|descriptor| {
        let chains = descriptor.chains.iter();
        chains
            .map(|chain| chain.namespace.clone())
            .collect::<Vec<_>>()
    });
    let counts = &checked.counts;
    let findings = checked.findings.iter();
    let findings = findings
        .map(|found| json!({ "code": found.code, "text": found.text, "fix": found.fix }))
        .collect::<Vec<_>>();
    json!({
        "file": file.display().to_string(),
        "passed": findings.is_empty(),
        "sha256": checked.sha256.map(hex::encode),
        "name": descriptor.map(|descriptor| &descriptor.name),
        "version": descriptor.map(|descriptor| &descriptor.version),
        "namespaces": chains,
        "glibc": checked.glibc,
        "missingLayers": checked.missing_layers,
        "counts": {
            "proofs": counts.proofs,
            "derived": counts.derived,
            "addresses": counts.addresses,
            "mutations": counts.cases,
            "together": counts.together,
            "instances": counts.instances,
            "slowestUs": counts.slowest_us,
        },
        "findings": findings,
    })
}
