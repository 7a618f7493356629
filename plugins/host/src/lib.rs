//! Loads chain plugins and adapts them to core's [`ChainVerifier`](countersign_core::ChainVerifier).
//!
//! A server maps its configuration onto a [`Policy`], loads a [`PluginSet`], and puts its verifiers into the
//! registry behind the built-in ones. To replace plugins it loads another set on top of the first and swaps the
//! registry's verifiers at once; if the new set is refused, nothing has changed.
//!
//! The order of loading is that of the codes of [`Refusal`]: paths, one read, the pin, what the library asks of the
//! loader, a sealed copy, and only then the library's own code. Linux only.

mod adapter;
mod call;
mod child;
mod descriptor;
mod drill;
mod elf;
mod file;
mod frame;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod health;
mod jail;
mod kit;
mod loaded;
mod log;
mod plugin;
mod policy;
mod process;
mod refusal;
mod self_test;
mod set;

pub use child::main as child_main;
pub use descriptor::{ChainDescriptor, Descriptor, SelfTest, is_plugin_name};
pub use jail::LAYERS;
pub use kit::{Checked, Counts, Finding, Kit, Rule, Step, VectorAddress, VectorProof, Vectors};
pub use policy::{Grant, Isolation, Policy};
pub use process::ChildProgram;
pub use refusal::Refusal;
pub use set::{LoadError, PluginSet, Report, State};
