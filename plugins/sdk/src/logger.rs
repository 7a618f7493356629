//! Lines for the server's log.

use countersign_plugin_abi::level;

use crate::glue::call;

/// Writes into the server's log, under the plugin's name. It may be kept and copied; it writes only while a call runs,
/// from the thread of that call, and is silent otherwise, as the ABI demands. The server cuts long lines and drops
/// those of a plugin that writes too many.
#[derive(Debug, Clone, Copy)]
pub struct Logger(());

impl Logger {
    pub(crate) const fn new() -> Self {
        Self(())
    }

    /// Something failed.
    pub fn error(self, line: &str) {
        call::log(level::ERROR, line);
    }

    /// Something is odd.
    pub fn warn(self, line: &str) {
        call::log(level::WARN, line);
    }

    /// Worth knowing.
    pub fn info(self, line: &str) {
        call::log(level::INFO, line);
    }

    /// For whoever looks for a fault.
    pub fn debug(self, line: &str) {
        call::log(level::DEBUG, line);
    }
}
