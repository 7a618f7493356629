//! A configuration read key by key, so that one fault does not hide the others.

use std::{collections::BTreeMap, path::Path};

use config::{ConfigError, Map, Source, Value, ValueKind};

use super::{Config, InvalidConfig, Overrides, Variable, file_source, read};
use crate::settings::{InvalidSetting, Settings};

/// What is right in the sources. What is wrong was taken out, and its default stands in its place.
#[derive(Debug)]
pub(crate) struct Draft {
    entries: Vec<Entry>,
    overrides: Overrides,
    /// The file and the variables that were read.
    pub sources: Vec<String>,
    /// What is wrong.
    pub faults: Vec<Fault>,
    /// The keys that were taken out.
    taken_out: Vec<String>,
}

/// One key and where it is set.
#[derive(Debug)]
struct Entry {
    key: String,
    value: Value,
    source: String,
}

/// What is wrong in a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The file, variable or flag that holds it, if a single one does.
    pub source: Option<String>,
    /// What is wrong.
    pub text: String,
    /// What to do.
    pub cure: String,
    /// Whether a default stands in its place; a key that is not known has none.
    pub is_replaced: bool,
}

/// Settings that are refused without another one: if that was taken out, the fault lies there.
const NEEDS: [(&str, &str); 8] = [
    ("database.max_connections", "database.url"),
    ("database.statement_timeout_ms", "database.url"),
    ("database.tls", "database.url"),
    ("database.ca_file", "database.url"),
    ("server.listen", "server.public_url"),
    ("introspection.clients", "internal.listen"),
    ("demo", "allow_unsafe"),
    ("limits.scale", "allow_unsafe"),
];

impl Draft {
    /// Reads the same sources as [`Config::load`].
    pub(crate) fn read(file: Option<&Path>, overrides: Overrides) -> Self {
        let mut draft = Self {
            entries: vec![],
            overrides,
            sources: vec![],
            faults: vec![],
            taken_out: vec![],
        };
        let (path, source) = file_source(file);
        if file.is_some() || path.exists() {
            draft.take_source(&path.display().to_string(), &source);
        }
        for variable in Variable::all() {
            draft.take_source(&variable.name, &variable);
        }
        draft
    }

    fn take_source(&mut self, name: &str, source: &dyn Source) {
        self.sources.push(name.to_owned());
        match source.collect() {
            Ok(values) => self.take_table("", values, name),
            Err(error) => self.faults.push(Fault::of_source(name, &error)),
        }
    }

    fn take_table(&mut self, section: &str, values: Map<String, Value>, source: &str) {
        // In one order at every run.
        let values: BTreeMap<_, _> = values.into_iter().collect();
        for (name, value) in values {
            let key = format!("{section}{name}");
            match value.kind {
                ValueKind::Table(table) if !table.is_empty() => {
                    self.take_table(&format!("{key}."), table, source);
                }
                _ => self.take(Entry {
                    key,
                    value,
                    source: source.to_owned(),
                }),
            }
        }
    }

    fn take(&mut self, entry: Entry) {
        match config_of([&entry], &entry.source) {
            Ok(_) => self.entries.push(entry),
            Err(InvalidConfig { fault, source_name }) => {
                self.faults.push(Fault::of_source(&source_name, &fault));
                self.taken_out.push(entry.key);
            }
        }
    }

    /// What the entries and flags come to, as written and as meant. Settings that mean nothing are
    /// taken out, one after the other.
    pub(crate) fn settle(&mut self) -> (Config, Settings) {
        loop {
            let mut config = config_of(&self.entries, "configuration").unwrap_or_default();
            self.overrides.clone().apply(&mut config);
            match Settings::parse(&config) {
                Ok(settings) => return (config, settings),
                Err(invalid) => self.refuse(&invalid),
            }
        }
    }

    fn refuse(&mut self, invalid: &InvalidSetting) {
        let InvalidSetting {
            setting,
            value,
            expected,
        } = invalid;
        let source = self.take_out(setting);
        let is_consequence = NEEDS.iter().any(|(name, needed)| {
            name == setting && self.taken_out.iter().any(|key| key == needed)
        });
        if !is_consequence {
            self.faults.push(Fault {
                source,
                text: format!("{setting} = {value:?} is not accepted"),
                cure: format!("{setting} needs {expected}"),
                is_replaced: true,
            });
        }
        self.taken_out.push((*setting).to_owned());
    }

    /// Takes a setting out; says where it was set. If its own value is a default, others of its
    /// section disagree with it, and all of them go; at last everything, as the defaults are valid.
    fn take_out(&mut self, setting: &str) -> Option<String> {
        if let Some(flag) = self.overrides.take_out(setting) {
            return Some(flag.to_owned());
        }
        let source = self.remove(|key| key == setting);
        if source.is_none() {
            let section = setting.split('.').next().unwrap_or_default();
            let in_section = |key: &str| key.split('.').next() == Some(section);
            if self.remove(in_section).is_none() {
                self.entries.clear();
                self.overrides = Overrides::default();
            }
        }
        source
    }

    /// Removes the entries with such keys; says where the last one, which counted, was set.
    fn remove(&mut self, is_meant: impl Fn(&str) -> bool) -> Option<String> {
        let meant = self.entries.extract_if(.., |entry| is_meant(&entry.key));
        meant.last().map(|entry| entry.source)
    }
}

impl Overrides {
    /// Removes what overrides this setting; returns its flag.
    fn take_out(&mut self, setting: &str) -> Option<&'static str> {
        match setting {
            "server.listen" => self.listen.take().map(|_| "--listen"),
            "server.data_dir" => self.data_dir.take().map(|_| "--data-dir"),
            "database.url" => self.database_url.take().map(|_| "--database-url"),
            _ => None,
        }
    }
}

impl Fault {
    fn of_source(name: &str, error: &ConfigError) -> Self {
        let text = error.to_string();
        let text = text.trim_end_matches(&format!(" in {name}")).to_owned();
        let is_unknown = text.contains("unknown field");
        let cure = match error {
            ConfigError::FileParse { .. } => {
                "correct that line; config.example.toml shows how each setting is written"
            }
            ConfigError::Foreign(_) => {
                "name a file that can be read with --config, or leave it out"
            }
            _ if is_unknown => {
                "remove the key, or write a name that is expected; config.example.toml lists them all"
            }
            _ => "give it a value of that kind; config.example.toml shows one for each setting",
        };
        Self {
            source: Some(name.to_owned()),
            text,
            cure: cure.to_owned(),
            is_replaced: !is_unknown,
        }
    }
}

fn config_of<'a>(
    entries: impl IntoIterator<Item = &'a Entry>,
    name: &str,
) -> Result<Config, InvalidConfig> {
    let builder = entries
        .into_iter()
        .try_fold(config::Config::builder(), |builder, entry| {
            builder.set_override(&entry.key, entry.value.clone())
        });
    let builder = builder.map_err(|fault| InvalidConfig {
        source_name: name.to_owned(),
        fault: Box::new(fault),
    })?;
    read(builder, name)
}
