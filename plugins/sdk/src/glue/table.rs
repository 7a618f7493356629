//! Turns descriptions into the tables of the ABI, when the plugin is compiled. The chains' lists stand one after the
//! other in one array each; a chain points to its part.

use countersign_plugin_abi::{
    self as abi, Bytes, MIN_CHAIN_SIZE, SelfTest as AbiSelfTest, chain_flags,
};

use crate::{Chain, SelfTest};

/// How many chain ids all chains have.
pub const fn count_chain_ids(chains: &[Chain]) -> usize {
    let (mut count, mut chain) = (0, 0);
    while chain < chains.len() {
        count += chains[chain].chain_ids.len();
        chain += 1;
    }
    count
}

/// How many key types all chains have.
pub const fn count_key_types(chains: &[Chain]) -> usize {
    let (mut count, mut chain) = (0, 0);
    while chain < chains.len() {
        count += chains[chain].key_types.len();
        chain += 1;
    }
    count
}

/// How many self-tests all chains have.
pub const fn count_self_tests(chains: &[Chain]) -> usize {
    let (mut count, mut chain) = (0, 0);
    while chain < chains.len() {
        count += chains[chain].self_tests.len();
        chain += 1;
    }
    count
}

/// The chain ids of all chains.
pub const fn chain_ids<const COUNT: usize>(chains: &'static [Chain]) -> [abi::ChainId; COUNT] {
    const BLANK: abi::ChainId = abi::ChainId {
        reference: Bytes::EMPTY,
        text: Bytes::EMPTY,
    };
    let mut table = [BLANK; COUNT];
    let (mut filled, mut chain) = (0, 0);
    while chain < chains.len() {
        let mut at = 0;
        while at < chains[chain].chain_ids.len() {
            let id = &chains[chain].chain_ids[at];
            table[filled] = abi::ChainId {
                reference: text(id.reference),
                text: text(id.text),
            };
            filled += 1;
            at += 1;
        }
        chain += 1;
    }
    table
}

/// The key types of all chains.
pub const fn key_types<const COUNT: usize>(chains: &'static [Chain]) -> [Bytes; COUNT] {
    let mut table = [Bytes::EMPTY; COUNT];
    let (mut filled, mut chain) = (0, 0);
    while chain < chains.len() {
        let mut at = 0;
        while at < chains[chain].key_types.len() {
            table[filled] = text(chains[chain].key_types[at]);
            filled += 1;
            at += 1;
        }
        chain += 1;
    }
    table
}

/// The self-tests of all chains.
pub const fn self_tests<const COUNT: usize>(chains: &'static [Chain]) -> [AbiSelfTest; COUNT] {
    const BLANK: AbiSelfTest = AbiSelfTest {
        reference: Bytes::EMPTY,
        address: Bytes::EMPTY,
        message: Bytes::EMPTY,
        signature: Bytes::EMPTY,
        public_key: Bytes::EMPTY,
        key_type: Bytes::EMPTY,
    };
    let mut table = [BLANK; COUNT];
    let (mut filled, mut chain) = (0, 0);
    while chain < chains.len() {
        let mut at = 0;
        while at < chains[chain].self_tests.len() {
            table[filled] = self_test(&chains[chain].self_tests[at]);
            filled += 1;
            at += 1;
        }
        chain += 1;
    }
    table
}

/// The chains, each with its part of the other tables.
pub const fn chains<const COUNT: usize>(
    chains: &'static [Chain],
    mut chain_ids: &'static [abi::ChainId],
    mut key_types: &'static [Bytes],
    mut self_tests: &'static [AbiSelfTest],
) -> [abi::Chain; COUNT] {
    const BLANK: abi::Chain = chain(&Chain::new("", ""));
    let mut table = [BLANK; COUNT];
    let mut at = 0;
    while at < COUNT {
        let from = &chains[at];
        table[at] = chain(from);
        table[at].chain_ids = chain_ids.as_ptr();
        table[at].key_types = key_types.as_ptr();
        table[at].self_tests = self_tests.as_ptr();
        chain_ids = chain_ids.split_at(from.chain_ids.len()).1;
        key_types = key_types.split_at(from.key_types.len()).1;
        self_tests = self_tests.split_at(from.self_tests.len()).1;
        at += 1;
    }
    table
}

/// Where each chain is.
pub const fn pointers<const COUNT: usize>(
    chains: &'static [abi::Chain; COUNT],
) -> [&'static abi::Chain; COUNT] {
    let mut table = [&chains[0]; COUNT];
    let mut at = 0;
    while at < COUNT {
        table[at] = &chains[at];
        at += 1;
    }
    table
}

/// A chain whose lists are elsewhere.
const fn chain(from: &Chain) -> abi::Chain {
    let mut flags = 0;
    if from.address_is_key {
        flags |= chain_flags::ADDRESS_IS_KEY;
    }
    if from.needs_public_key {
        flags |= chain_flags::NEEDS_PUBLIC_KEY;
    }
    if from.any_reference {
        flags |= chain_flags::ANY_REFERENCE;
    }
    abi::Chain {
        struct_size: size_of::<abi::Chain>() as u32,
        max_address_len: from.max_address_len,
        flags,
        namespace: text(from.namespace),
        display_name: text(from.display_name),
        chain_ids: std::ptr::null(),
        chain_ids_len: from.chain_ids.len(),
        key_types: std::ptr::null(),
        key_types_len: from.key_types.len(),
        self_tests: std::ptr::null(),
        self_tests_len: from.self_tests.len(),
        max_signature_len: from.max_signature_len,
        max_public_key_len: from.max_public_key_len,
    }
}

const fn self_test(from: &SelfTest) -> AbiSelfTest {
    AbiSelfTest {
        reference: text(from.reference),
        address: text(from.address),
        message: Bytes::new(from.message),
        signature: Bytes::new(from.signature),
        public_key: match from.public_key {
            Some(key) => Bytes::new(key),
            None => Bytes::EMPTY,
        },
        key_type: match from.key_type {
            Some(name) => text(name),
            None => Bytes::EMPTY,
        },
    }
}

const fn text(text: &'static str) -> Bytes {
    Bytes::new(text.as_bytes())
}

const _: () = assert!(size_of::<abi::Chain>() as u32 >= MIN_CHAIN_SIZE);
