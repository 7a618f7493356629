//! Between the C ABI and the trait. It is public for the macro's sake only, and changes without notice.

pub(crate) mod call;
pub mod descriptor;
pub(crate) mod functions;
mod rules;
mod table;
mod wire;

pub use countersign_plugin_abi as abi;
