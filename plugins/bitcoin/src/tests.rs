//! What the plugin answers: against the shared vectors, against rust-bitcoin, and by itself.

mod conformance;
mod description;
mod differential;
mod vectors;
