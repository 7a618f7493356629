//! Calls a plugin through its table, as a host does, and as no host should.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod address;
mod binary;
mod descriptor;
mod host;
mod instance;
mod panics;
mod proof;
mod specimen;
