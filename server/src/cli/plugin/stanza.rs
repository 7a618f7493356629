//! A plugin's stanza in the configuration: what pins it, and what it may do.

use std::{fs, io::Write, os::unix::fs::PermissionsExt, path::Path};

use countersign_plugin_abi::chain_flags;
use countersign_plugin_host::Checked;
use serde_json::{Map, Value};
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, value};

use super::check::How;

/// Where plugins stand in the configuration.
const SECTION: &str = "plugins";
const LIST: &str = "load";

/// What is written for one plugin.
pub(super) struct Stanza {
    name: String,
    /// File name of its library.
    pub file: String,
    sha256: String,
    namespaces: Vec<String>,
    address_is_key: bool,
    without: Vec<String>,
    settings: Map<String, Value>,
}

impl Stanza {
    /// For a library that was read; otherwise there is nothing to write.
    ///
    /// # Errors
    /// When the settings are none.
    pub(super) fn of(checked: &Checked, how: &How) -> Result<Option<Self>, String> {
        let (Some(descriptor), Some(sha256)) = (&checked.descriptor, checked.sha256) else {
            return Ok(None);
        };
        let sha256 = hex::encode(sha256);
        let chains = descriptor.chains.iter();
        let is_key = chain_flags::ADDRESS_IS_KEY;
        Ok(Some(Self {
            name: descriptor.name.clone(),
            // Another build has another name, so that the one that is pinned stays until nothing needs it.
            file: format!("{}-{}.so", descriptor.name, &sha256[..8]),
            sha256,
            namespaces: chains.map(|chain| chain.namespace.clone()).collect(),
            address_is_key: descriptor
                .chains
                .iter()
                .any(|chain| chain.flags & is_key != 0),
            without: how.without().to_vec(),
            settings: how.settings()?,
        }))
    }

    /// As TOML.
    pub(super) fn text(&self) -> String {
        let mut tables = ArrayOfTables::new();
        tables.push(self.table());
        let mut section = Table::new();
        section.set_implicit(true);
        section.insert(LIST, Item::ArrayOfTables(tables));
        let mut document = DocumentMut::new();
        document.insert(SECTION, Item::Table(section));
        document.to_string()
    }

    /// Writes it into a configuration file, in place of what stands there under its name. What the operator has set
    /// besides stays. The file is made if it is not there.
    ///
    /// # Errors
    /// One sentence that names the file.
    pub(super) fn write(&self, file: &Path) -> Result<(), String> {
        let fail = |fault: String| format!("{}: {fault}", file.display());
        let before = match fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(fail(error.to_string())),
        };
        let mut document: DocumentMut = before.parse().map_err(|error| fail(format!("{error}")))?;
        self.put(&mut document)
            .map_err(|fault| fail(fault.to_owned()))?;
        replace(file, &document.to_string()).map_err(|error| fail(error.to_string()))
    }

    fn put(&self, document: &mut DocumentMut) -> Result<(), &'static str> {
        let mut implicit = Table::new();
        implicit.set_implicit(true);
        let section = document.entry(SECTION).or_insert(Item::Table(implicit));
        let section = section
            .as_table_mut()
            .ok_or("expected `plugins` to be a table")?;
        let list = section
            .entry(LIST)
            .or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
        let list = list
            .as_array_of_tables_mut()
            .ok_or("expected `plugins.load` to be written as [[plugins.load]]")?;
        let is_ours =
            |table: &Table| table.get("name").and_then(Item::as_str) == Some(self.name.as_str());
        let at = list.iter().position(is_ours);
        let Some(table) = at.and_then(|at| list.get_mut(at)) else {
            list.push(self.table());
            return Ok(());
        };
        for (key, item) in self.table() {
            table.insert(&key, item);
        }
        Ok(())
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table.insert("name", value(&self.name));
        table.insert("file", value(&self.file));
        table.insert("sha256", value(&self.sha256));
        table.insert(
            "namespaces",
            value(self.namespaces.iter().collect::<Array>()),
        );
        if self.address_is_key {
            table.insert("address_is_key", value(true));
        }
        if !self.without.is_empty() {
            table.insert("without", value(self.without.iter().collect::<Array>()));
        }
        if !self.settings.is_empty() {
            table.insert("config", value(inline(&self.settings)));
        }
        table
    }
}

fn inline(settings: &Map<String, Value>) -> InlineTable {
    let values = settings.iter();
    values
        .filter_map(|(key, item)| Some((key.as_str(), toml(item)?)))
        .collect()
}

/// TOML has no null; a setting that is null is left out.
fn toml(item: &Value) -> Option<toml_edit::Value> {
    Some(match item {
        Value::Null => return None,
        Value::Bool(is_true) => (*is_true).into(),
        Value::Number(number) => match number.as_i64() {
            Some(number) => number.into(),
            None => number.as_f64()?.into(),
        },
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => items.iter().filter_map(toml).collect::<Array>().into(),
        Value::Object(entries) => inline(entries).into(),
    })
}

/// The whole file or nothing; who may read it stays as it was.
fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    let file = match fs::canonicalize(file) {
        Ok(real) => real,
        Err(_) => file.to_owned(),
    };
    let draft = file.with_extension("toml.new");
    let mut written = fs::File::create(&draft)?;
    written.write_all(text.as_bytes())?;
    if let Ok(metadata) = fs::metadata(&file) {
        let mode = metadata.permissions().mode();
        written.set_permissions(fs::Permissions::from_mode(mode))?;
    }
    written.sync_all()?;
    fs::rename(&draft, &file)
}
