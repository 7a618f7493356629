//! The kit that judges a chain by shared vectors: one reading of a case, for every chain.

mod message_vectors;

pub use message_vectors::{Case, Judgement, Leeway, Report, judge};
