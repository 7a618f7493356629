//! `countersign plugin list` and `countersign plugin reload`: what a running server says.

use serde_json::Value;

use crate::{
    cli::{Common, Outcome, print},
    control::{self, Order},
};

pub(super) fn list(common: &Common, json: bool) -> Outcome {
    let settings = common.settings()?;
    let plugins = control::ask(&settings.data_dir, Order::Plugins)?;
    if json {
        print(&format!("{plugins:#}\n"))?;
        return Ok(());
    }
    print(&table(
        plugins.as_array().map(Vec::as_slice).unwrap_or_default(),
    ))?;
    Ok(())
}

pub(super) fn reload(common: &Common) -> Outcome {
    let settings = common.settings()?;
    let plugins = control::ask(&settings.data_dir, Order::Reload)?;
    let count = plugins.as_array().map_or(0, Vec::len);
    print(&format!(
        "the server has loaded its plugins again: {count}\n"
    ))?;
    list(common, false)
}

const HEADINGS: [&str; 7] = [
    "NAME",
    "VERSION",
    "STATE",
    "ISOLATION",
    "CHAINS",
    "SHA-256",
    "WITHOUT",
];

fn table(plugins: &[Value]) -> String {
    if plugins.is_empty() {
        return "no plugins are configured\n".to_owned();
    }
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    rows.extend(plugins.iter().map(row));
    let widths: [usize; 7] = std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or_default()
    });
    let mut text = String::new();
    for (at, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(widths);
        let cells: Vec<_> = cells
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        text += cells.join("  ").trim_end();
        text.push('\n');
        if let Some(reason) = at
            .checked_sub(1)
            .and_then(|at| plugins[at]["reason"].as_str())
        {
            text += &format!("  {reason}\n");
        }
    }
    text
}

fn row(plugin: &Value) -> [String; 7] {
    let text = |field: &str| plugin[field].as_str().unwrap_or("-").to_owned();
    let list = |field: &str| {
        let items = plugin[field].as_array().into_iter().flatten();
        let items: Vec<_> = items.filter_map(Value::as_str).collect();
        if items.is_empty() {
            "-".to_owned()
        } else {
            items.join(" ")
        }
    };
    let sha256: String = text("sha256").chars().take(12).collect();
    [
        text("name"),
        text("version"),
        text("state"),
        text("isolation"),
        list("namespaces"),
        sha256,
        list("missingLayers"),
    ]
}
