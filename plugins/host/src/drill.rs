//! What the conformance kit puts a plugin through in a process of its own: calls that no host makes, on one thread and
//! on many, and instances by the thousand.
//!
//! A case is made from its number and the descriptor alone, so that both sides of the socket know what it was.

mod case;
mod floor;
mod judge;
mod perform;
mod report;
mod service;
mod traps;

pub(crate) use case::Case;
pub(crate) use report::{Drill, Drilled, Fault, MISDEEDS, Misdeed};
pub(crate) use service::{Drills, silence};
