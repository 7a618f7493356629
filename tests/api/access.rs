//! Who may do what, from where, and how often.

mod addresses;
mod history;
mod limits;
mod matrix;
