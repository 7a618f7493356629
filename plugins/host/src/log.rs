//! What plugins write into the server's log: printable, short, and not too much of it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use countersign_plugin_abi::level;

use crate::loaded::{LogSink, printable};

/// Lines of a plugin in a window; more are dropped.
const MOST: u32 = 20;
const WINDOW: Duration = Duration::from_secs(1);

/// A sink under this plugin's name.
pub(crate) fn sink(plugin: &str) -> LogSink {
    let plugin = plugin.to_owned();
    let window = Mutex::new((Instant::now(), 0));
    Arc::new(move |level, line| {
        let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
        if window.0.elapsed() >= WINDOW {
            *window = (Instant::now(), 0);
        }
        window.1 += 1;
        if window.1 <= MOST {
            write(&plugin, level, &printable(&String::from_utf8_lossy(line)));
        }
    })
}

fn write(plugin: &str, level: u32, line: &str) {
    match level {
        level::ERROR => tracing::error!(plugin, line, "plugin says"),
        level::WARN => tracing::warn!(plugin, line, "plugin says"),
        level::INFO => tracing::info!(plugin, line, "plugin says"),
        _ => tracing::debug!(plugin, line, "plugin says"),
    }
}
