//! Who may do what, from where, and how often.

mod addresses;
pub(crate) mod history;
mod limits;
pub(crate) mod matrix;
