//! The descriptor that [`export_chain_plugin!`](crate::export_chain_plugin) exports.

use countersign_plugin_abi::{self as abi, ABI_MAJOR, ABI_MINOR, Bytes, MAGIC};

pub use super::table::{
    chain_ids, chains, count_chain_ids, count_key_types, count_self_tests, key_types, pointers,
    self_tests,
};
use super::{functions, rules};
use crate::ChainPlugin;

/// Does not compile unless the description keeps the rules of the ABI.
///
/// # Panics
/// With what is wrong.
pub const fn check<Plugin: ChainPlugin>() {
    if let Err(fault) = rules::check(Plugin::NAME, Plugin::VERSION, Plugin::CHAINS) {
        panic!("{}", fault);
    }
}

/// The descriptor of a plugin with these chains.
pub const fn plugin<Plugin: ChainPlugin>(chains: &'static [&'static abi::Chain]) -> abi::Plugin {
    abi::Plugin {
        magic: MAGIC,
        struct_size: size_of::<abi::Plugin>() as u32,
        abi_major: ABI_MAJOR,
        abi_minor: ABI_MINOR,
        flags: 0,
        name: Bytes::new(Plugin::NAME.as_bytes()),
        version: Bytes::new(Plugin::VERSION.as_bytes()),
        build_info: Bytes::new(BUILD_INFO.as_bytes()),
        chains: chains.as_ptr().cast(),
        chains_len: chains.len(),
        create: Some(functions::create::<Plugin>),
        destroy: Some(functions::destroy::<Plugin>),
        parse_address: Some(functions::parse_address::<Plugin>),
        verify: Some(functions::verify::<Plugin>),
        reserved: 0,
    }
}

const BUILD_INFO: &str = concat!("Rust, countersign-plugin ", env!("CARGO_PKG_VERSION"));
