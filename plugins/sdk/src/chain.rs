//! What a plugin says about its chains. It is all constant, and judged when the plugin is compiled.

/// A chain of a plugin: a namespace, and what its proofs are made of.
///
/// Begin with [`Chain::new`] and say what differs:
///
/// ```
/// use countersign_plugin::{Chain, ChainId};
///
/// const CHAIN: Chain = Chain {
///     chain_ids: &[ChainId::new("mainnet")],
///     max_signature_len: 64,
///     self_tests: &[/* at least one */],
///     ..Chain::new("hexed", "Hexed")
/// };
/// assert!(!CHAIN.address_is_key);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Chain {
    /// Namespace (CAIP-2): 3 to 8 of `-`, `a-z`, `0-9`, for example `solana`. No two chains of a plugin share one.
    pub namespace: &'static str,
    /// The name in a message's first line: `Solana` in `… with your Solana account:`. 1 to 32 letters, digits, blanks
    /// and hyphens, the first and the last a letter or digit.
    pub display_name: &'static str,
    /// The chains it serves; at least one unless [`any_reference`](Self::any_reference), at most 64.
    pub chain_ids: &'static [ChainId],
    /// Names of the key types it accepts, each 1 to 32 of `-`, `_`, `.`, `a-z`, `A-Z`, `0-9`; none where there is but
    /// one.
    pub key_types: &'static [&'static str],
    /// Whether whoever holds the key of an address holds it on all chains of the namespace, so that a wallet is the
    /// same on all of them. The operator has to agree.
    pub address_is_key: bool,
    /// Whether a proof must carry a public key. One without never reaches [`verify`](crate::ChainPlugin::verify).
    pub needs_public_key: bool,
    /// Whether the operator may grant other chain ids of the namespace than the listed.
    pub any_reference: bool,
    /// Longest canonical address, in bytes: 1 to 128.
    pub max_address_len: u32,
    /// Longest signature, in bytes: 1 to 16,384. A longer one never reaches `verify`.
    pub max_signature_len: u32,
    /// Longest public key, in bytes: at most 4,096; 0 where none is taken.
    pub max_public_key_len: u32,
    /// Proofs that are valid, 1 to 64. The server checks them, and that they fail once changed, before it serves the
    /// chain.
    pub self_tests: &'static [SelfTest],
}

impl Chain {
    /// A chain without chain ids, key types, flags and self-tests, whose addresses may take 128 bytes. It takes no
    /// signatures until [`max_signature_len`](Self::max_signature_len) is said.
    pub const fn new(namespace: &'static str, display_name: &'static str) -> Self {
        Self {
            namespace,
            display_name,
            chain_ids: &[],
            key_types: &[],
            address_is_key: false,
            needs_public_key: false,
            any_reference: false,
            max_address_len: countersign_plugin_abi::MAX_ADDRESS_LEN,
            max_signature_len: 0,
            max_public_key_len: 0,
            self_tests: &[],
        }
    }
}

/// One chain of a namespace.
#[derive(Debug, Clone, Copy)]
pub struct ChainId {
    /// Reference (CAIP-2): 1 to 32 of `-`, `_`, `a-z`, `A-Z`, `0-9`, for example
    /// `5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp`.
    pub reference: &'static str,
    /// How the `Chain ID` line of a message writes it, for example `mainnet`: 1 to 78 of `-`, `_`, `a-z`, `A-Z`, `0-9`.
    pub text: &'static str,
}

impl ChainId {
    /// A chain that messages write as its reference.
    pub const fn new(reference: &'static str) -> Self {
        Self {
            reference,
            text: reference,
        }
    }

    /// A chain that messages write otherwise.
    pub const fn written(reference: &'static str, text: &'static str) -> Self {
        Self { reference, text }
    }
}

/// A proof that is valid. Make it with a wallet of the chain, or another library than the plugin's own.
#[derive(Debug, Clone, Copy)]
pub struct SelfTest {
    /// Reference of the chain.
    pub reference: &'static str,
    /// Canonical address of the signer.
    pub address: &'static str,
    /// The bytes signed.
    pub message: &'static [u8],
    /// The signature.
    pub signature: &'static [u8],
    /// The public key, if the proof carries one.
    pub public_key: Option<&'static [u8]>,
    /// The key type, if the proof names one.
    pub key_type: Option<&'static str>,
}

/// Reads hex when the plugin is compiled, for [`SelfTest`]: `&hex::<2>("c0de")` is `&[0xc0, 0xde]`.
///
/// ```
/// const CODE: &[u8] = &countersign_plugin::hex::<2>("c0DE");
/// assert_eq!(CODE, [0xc0, 0xde]);
/// ```
///
/// # Panics
/// If the text is not twice `N` hex digits; in a constant, that is an error of the compiler.
pub const fn hex<const N: usize>(text: &str) -> [u8; N] {
    assert!(text.len() == 2 * N, "hex of another length");
    let mut bytes = [0; N];
    let mut at = 0;
    while at < N {
        bytes[at] =
            hex_digit(text.as_bytes()[2 * at]) << 4 | hex_digit(text.as_bytes()[2 * at + 1]);
        at += 1;
    }
    bytes
}

const fn hex_digit(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        b'A'..=b'F' => digit - b'A' + 10,
        _ => panic!("a character that is no hex digit"),
    }
}
