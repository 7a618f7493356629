//! What the plugin answers: against the shared vectors, against libsecp256k1, and by itself.

mod conformance;
mod description;
mod differential;
mod vectors;
