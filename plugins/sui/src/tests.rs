//! What the plugin answers, against the shared vectors and by itself.

mod conformance;
mod description;
mod mutations;
mod vectors;
