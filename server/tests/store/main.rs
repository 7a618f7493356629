//! The store suite on each database, and what each has to do besides.

mod postgres;
mod sqlite;
