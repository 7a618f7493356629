//! Where a check is, on standard error.

use std::{
    io::{IsTerminal, Write, stderr},
    sync::atomic::{AtomicU32, Ordering},
};

use countersign_plugin_host::Step;

/// Writes one line: over and over where somebody watches, else a part for each step and tenth.
pub(super) struct Progress {
    is_watched: bool,
    tenth: AtomicU32,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self {
            is_watched: stderr().is_terminal(),
            tenth: AtomicU32::new(u32::MAX),
        }
    }

    pub(super) fn tell(&self, step: Step) {
        let text = match step {
            Step::Library => "checking the library".to_owned(),
            Step::Proofs => "proofs".to_owned(),
            Step::Addresses => "addresses".to_owned(),
            Step::Cases(done, all) => {
                let tenth = done / all.div_ceil(10).max(1);
                if self.tenth.swap(tenth, Ordering::Relaxed) == tenth && !self.is_watched {
                    return;
                }
                format!("mutations: {} of {}", grouped(done), grouped(all))
            }
            Step::Threads => "threads".to_owned(),
            Step::Instances => "instances".to_owned(),
        };
        // Nobody is harmed if it cannot be written.
        let _written = match self.is_watched {
            true => write!(stderr(), "\r\x1b[K{text} ..."),
            false => writeln!(stderr(), "{text} ..."),
        };
    }

    pub(super) fn end(&self) {
        if self.is_watched {
            let _written = write!(stderr(), "\r\x1b[K");
        }
    }
}

/// A number with its thousands apart.
pub(super) fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_apart() {
        let numbers = [0, 999, 1_000, 80_000, 4_294_967_295];
        let texts = ["0", "999", "1,000", "80,000", "4,294,967,295"];
        assert_eq!(numbers.map(grouped), texts);
    }
}
