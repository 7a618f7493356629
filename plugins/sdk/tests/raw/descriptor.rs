//! What a host reads before it calls anything.

use std::slice;

use countersign_plugin_abi::{
    ABI_MAJOR, ABI_MINOR, Bytes, Chain, MAGIC, MIN_CHAIN_SIZE, MIN_DESCRIPTOR_SIZE, chain_flags,
};

use crate::specimen::table;

#[test]
fn the_descriptor_says_who_it_is() {
    let plugin = table();
    assert_eq!(
        (plugin.magic, plugin.struct_size),
        (MAGIC, MIN_DESCRIPTOR_SIZE)
    );
    assert_eq!((plugin.abi_major, plugin.abi_minor), (ABI_MAJOR, ABI_MINOR));
    assert_eq!((plugin.flags, plugin.reserved), (0, 0));
    assert_eq!(text(plugin.name), "specimen");
    assert_eq!(text(plugin.version), "1.2.3");
    let sdk = format!("Rust, countersign-plugin {}", env!("CARGO_PKG_VERSION"));
    assert_eq!(text(plugin.build_info), sdk);
    assert_eq!(plugin.chains_len, 2);
}

#[test]
fn the_first_chain_is_as_described() {
    let chain = chain(0);
    assert_eq!(
        (chain.struct_size, chain.flags),
        (MIN_CHAIN_SIZE, chain_flags::ADDRESS_IS_KEY)
    );
    assert_eq!(
        (text(chain.namespace), text(chain.display_name)),
        ("mirror", "Mirror")
    );
    assert_eq!((chain.max_address_len, chain.max_signature_len), (16, 64));
    assert_eq!(chain.max_public_key_len, 0);
    let ids = list(chain.chain_ids, chain.chain_ids_len);
    let ids: Vec<_> = ids
        .iter()
        .map(|id| (text(id.reference), text(id.text)))
        .collect();
    assert_eq!(ids, [("main-net", "mainnet"), ("testnet", "testnet")]);
    assert_eq!(chain.key_types_len, 0);
    assert_eq!(self_tests(chain), ["main-net alice abc cba  "]);
}

#[test]
fn the_second_chain_has_lists_of_its_own() {
    let chain = chain(1);
    assert_eq!(
        (chain.struct_size, chain.flags),
        (MIN_CHAIN_SIZE, chain_flags::KNOWN)
    );
    assert_eq!(
        (text(chain.namespace), text(chain.display_name)),
        ("keyed", "Keyed Mirror")
    );
    assert_eq!((chain.max_signature_len, chain.max_public_key_len), (32, 4));
    assert_eq!(chain.chain_ids_len, 0);
    let key_types = list(chain.key_types, chain.key_types_len);
    assert_eq!(
        key_types.iter().map(|name| text(*name)).collect::<Vec<_>>(),
        ["wood", "iron"]
    );
    let tests = ["any bob de ed \u{1}\u{2} iron", "other bob fg gf \u{3} "];
    assert_eq!(self_tests(chain), tests);
}

fn chain(index: usize) -> &'static Chain {
    // SAFETY: the descriptor is constant, and so are its chains.
    unsafe { &*list(table().chains, table().chains_len)[index] }
}

fn self_tests(chain: &Chain) -> Vec<String> {
    let tests = list(chain.self_tests, chain.self_tests_len).iter();
    tests
        .map(|test| {
            let signed = [test.reference, test.address, test.message, test.signature];
            let parts = signed.into_iter().chain([test.public_key, test.key_type]);
            parts.map(text).collect::<Vec<_>>().join(" ")
        })
        .collect()
}

fn text(bytes: Bytes) -> &'static str {
    str::from_utf8(list(bytes.ptr, bytes.len)).unwrap()
}

fn list<T>(first: *const T, len: usize) -> &'static [T] {
    if len == 0 {
        return &[];
    }
    // SAFETY: a descriptor's lists are constant, and as long as it says.
    unsafe { slice::from_raw_parts(first, len) }
}
