//! Addresses: a type byte and what it needs, written in the Base58 of Bitcoin without its checksum.

use std::fmt;

use countersign_core::verifier::AddressError;

use crate::{
    compact_int,
    hash::{blake2b_256, djb2},
    key_type::KeyType,
    public_key::PublicKey,
};

/// What an address pays to, by its type byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AlephiumAddress {
    /// 0, P2PKH: the hash of a key.
    KeyHash([u8; 32]),
    /// 1, P2MPKH: the hashes of some keys, of which `threshold` must sign.
    KeyHashes {
        hashes: Vec<[u8; 32]>,
        threshold: u16,
    },
    /// 2, P2SH: the hash of a script.
    ScriptHash([u8; 32]),
    /// 3, P2C: the id of a contract.
    Contract([u8; 32]),
    /// 4, P2PK: a key and its kind. Groupless, with a checksum.
    Key { kind: u8, key: Vec<u8> },
    /// 5, P2HMPK: the hash of some keys and of how many must sign. Groupless, with a checksum.
    HashOfKeys([u8; 32]),
}

impl AlephiumAddress {
    /// Reads an address; the group that a suffix may give is no part of it.
    pub(crate) fn parse(text: &str) -> Result<Self, AddressError> {
        parse_with_group(text).map(|(address, _)| address)
    }

    /// The address of a public key under its key type.
    pub(crate) fn of(key: PublicKey) -> Self {
        let bytes = key.to_bytes();
        match key {
            PublicKey::Default(_) => Self::KeyHash(blake2b_256(&[&bytes])),
            PublicKey::Bip340Schnorr(_) => {
                let [before, after] = SCHNORR_SCRIPT;
                Self::ScriptHash(blake2b_256(&[before, &bytes, after]))
            }
            PublicKey::GlSecp256k1(_) => Self::groupless(SECP256K1, bytes),
            PublicKey::GlSecp256r1(_) => Self::groupless(SECP256R1, bytes),
            PublicKey::GlEd25519(_) => Self::groupless(ED25519, bytes),
            PublicKey::GlWebauthn(_) => Self::groupless(WEBAUTHN, bytes),
        }
    }

    fn groupless(kind: u8, key: Vec<u8>) -> Self {
        Self::Key { kind, key }
    }

    /// The one key type whose keys can have this address, where there is one.
    pub(crate) fn key_type(&self) -> Option<KeyType> {
        match self {
            Self::KeyHash(_) => Some(KeyType::Default),
            Self::ScriptHash(_) => Some(KeyType::Bip340Schnorr),
            Self::Key { kind, .. } => key_type_of(*kind),
            // Of several keys, or of a contract.
            Self::KeyHashes { .. } | Self::Contract(_) | Self::HashOfKeys(_) => None,
        }
    }

    /// The group of this address when no suffix names another.
    fn group(&self) -> u8 {
        match self {
            Self::KeyHash(hash) | Self::ScriptHash(hash) => hashed_group(hash),
            Self::KeyHashes { hashes, .. } => {
                hashed_group(hashes.first().expect("a count of keys is at least 1"))
            }
            Self::Contract(bytes) | Self::HashOfKeys(bytes) => last_group(bytes),
            Self::Key { key, .. } => last_group(key),
        }
    }

    fn is_groupless(&self) -> bool {
        matches!(self, Self::Key { .. } | Self::HashOfKeys(_))
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, AddressError> {
        let (address_type, body) = bytes.split_first().ok_or(MALFORMED)?;
        match address_type {
            0 => whole(body).map(Self::KeyHash),
            1 => read_key_hashes(body).ok_or(MALFORMED),
            2 => whole(body).map(Self::ScriptHash),
            3 => read_contract(body),
            4 => read_key(body),
            5 => whole(without_checksum(body, 32)?).map(Self::HashOfKeys),
            _ => Err(MALFORMED),
        }
    }

    fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::KeyHash(hash) => prefixed(0, &[hash]),
            Self::KeyHashes { hashes, threshold } => {
                let count = u16::try_from(hashes.len()).expect("the count was read as 16 bits");
                let count = compact_int::write(count);
                let threshold = compact_int::write(*threshold);
                prefixed(1, &[&count, hashes.as_flattened(), &threshold])
            }
            Self::ScriptHash(hash) => prefixed(2, &[hash]),
            Self::Contract(id) => prefixed(3, &[id]),
            Self::Key { kind, key } => with_checksum(4, &prefixed(*kind, &[key])),
            Self::HashOfKeys(hash) => with_checksum(5, hash),
        }
    }
}

/// The canonical form: Base58 without a group suffix.
impl fmt::Display for AlephiumAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bs58::encode(self.to_bytes()).into_string())
    }
}

/// The group, 0 to 3, of an address as given: the one its suffix names, or its own. Sign-in does not need
/// it; it tells where an address's outputs live.
///
/// # Errors
/// [`AddressError`] as for [`parse_address`](countersign_core::ChainVerifier::parse_address), save
/// that an address may be longer than CAIP-10 allows.
pub fn group_of(text: &str) -> Result<u8, AddressError> {
    parse_with_group(text).map(|(_, group)| group)
}

fn parse_with_group(text: &str) -> Result<(AlephiumAddress, u8), AddressError> {
    if text.len() > LONGEST {
        return Err(MALFORMED);
    }
    let (base58, suffix) = match text.split_once(':') {
        Some((base58, suffix)) => (base58, Some(suffix_group(suffix)?)),
        None => (text, None),
    };
    let bytes = bs58::decode(base58).into_vec().map_err(|_| MALFORMED)?;
    let address = AlephiumAddress::from_bytes(&bytes)?;
    let has_stray_suffix = suffix.is_some() && !address.is_groupless();
    if has_stray_suffix || address.to_string() != base58 {
        return Err(MALFORMED);
    }
    let group = suffix.unwrap_or_else(|| address.group());
    Ok((address, group))
}

/// The node takes any digit and reduces it; the wallets' library, which we follow, does not.
fn suffix_group(suffix: &str) -> Result<u8, AddressError> {
    match suffix.as_bytes() {
        [digit @ b'0'..=b'3'] => Ok(digit - b'0'),
        _ => Err(MALFORMED),
    }
}

/// The group of what is hashed: djb2, made odd, its four bytes folded into one.
fn hashed_group(hash: &[u8; 32]) -> u8 {
    let mixed = (djb2(hash) | 1).to_be_bytes();
    mixed.into_iter().fold(0_u8, |folded, byte| folded ^ byte) % GROUPS
}

/// The group of what is not: the last byte.
fn last_group(bytes: &[u8]) -> u8 {
    bytes.last().expect("keys and ids are not empty") % GROUPS
}

fn whole(body: &[u8]) -> Result<[u8; 32], AddressError> {
    body.try_into().map_err(|_| MALFORMED)
}

fn read_key_hashes(body: &[u8]) -> Option<AlephiumAddress> {
    let (count, rest) = compact_int::read(body)?;
    let (hashes, rest) = rest.split_at_checked(32 * usize::from(count))?;
    let (threshold, rest) = compact_int::read(rest)?;
    let hashes = hashes.as_chunks::<32>().0.to_vec();
    (rest.is_empty() && (1..=count).contains(&threshold))
        .then_some(AlephiumAddress::KeyHashes { hashes, threshold })
}

/// The last byte of a contract's id is its group.
fn read_contract(body: &[u8]) -> Result<AlephiumAddress, AddressError> {
    let id = whole(body)?;
    if id[31] >= GROUPS {
        return Err(MALFORMED);
    }
    Ok(AlephiumAddress::Contract(id))
}

fn read_key(body: &[u8]) -> Result<AlephiumAddress, AddressError> {
    let length = match body.first() {
        Some(&(SECP256K1 | SECP256R1 | WEBAUTHN)) => 33,
        Some(&ED25519) => 32,
        _ => return Err(MALFORMED),
    };
    let (kind, key) = without_checksum(body, 1 + length)?
        .split_first()
        .ok_or(MALFORMED)?;
    Ok(AlephiumAddress::Key {
        kind: *kind,
        key: key.to_vec(),
    })
}

fn key_type_of(kind: u8) -> Option<KeyType> {
    match kind {
        SECP256K1 => Some(KeyType::GlSecp256k1),
        SECP256R1 => Some(KeyType::GlSecp256r1),
        ED25519 => Some(KeyType::GlEd25519),
        WEBAUTHN => Some(KeyType::GlWebauthn),
        _ => None,
    }
}

/// The `length` bytes before a checksum that fits them. It does not cover the type byte.
fn without_checksum(body: &[u8], length: usize) -> Result<&[u8], AddressError> {
    let (covered, checksum) = body
        .split_last_chunk::<4>()
        .filter(|(covered, _)| covered.len() == length)
        .ok_or(MALFORMED)?;
    if *checksum == djb2(covered).to_be_bytes() {
        return Ok(covered);
    }
    Err(AddressError::invalid(CHECKSUM))
}

fn with_checksum(address_type: u8, covered: &[u8]) -> Vec<u8> {
    prefixed(address_type, &[covered, &djb2(covered).to_be_bytes()])
}

fn prefixed(first: u8, parts: &[&[u8]]) -> Vec<u8> {
    std::iter::once(first).chain(parts.concat()).collect()
}

const MALFORMED: AddressError = AddressError::malformed(
    "an Alephium address in Base58, with a group :0 to :3 only where it is groupless",
);
const CHECKSUM: &str = "an Alephium address whose checksum fits";

/// Groups of every Alephium network.
const GROUPS: u8 = 4;

/// The kinds of a P2PK key.
const SECP256K1: u8 = 0;
const SECP256R1: u8 = 1;
const ED25519: u8 = 2;
const WEBAUTHN: u8 = 3;

/// The compiled script "verify BIP-340 over the transaction id", before and after the key.
const SCHNORR_SCRIPT: [&[u8]; 2] = [
    &[1, 1, 0, 0, 0, 0, 4, 0x58, 0x14, 0x40, 0x20],
    &[0x86, 0x85],
];

/// In bytes. Base58 takes quadratic time, so there must be an end: this is a P2MPKH of 46 keys.
const LONGEST: usize = 2048;

#[cfg(test)]
mod tests;
