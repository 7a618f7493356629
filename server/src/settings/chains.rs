//! The built-in chains of a configuration, as meant.

use countersign_alephium::{Alephium, KeyType};

use super::{InvalidSetting, invalid};

pub(super) fn chain_ids(ids: &[u64]) -> Result<Vec<u64>, InvalidSetting> {
    let is_repeated = |(at, id): (usize, &u64)| ids[..at].contains(id);
    if ids.is_empty() || ids.contains(&0) || ids.iter().enumerate().any(is_repeated) {
        let expected = "expected at least one EIP-155 chain id, each once; they start at 1";
        return Err(invalid("ethereum.chain_ids", &format!("{ids:?}"), expected));
    }
    Ok(ids.to_vec())
}

/// None: Alephium wallets cannot sign in.
pub(super) fn alephium_networks(names: &[String]) -> Result<Vec<String>, InvalidSetting> {
    let is_repeated = |(at, name): (usize, &String)| names[..at].contains(name);
    if Alephium::new(names).is_err() || names.iter().enumerate().any(is_repeated) {
        let expected = "expected names of 1 to 32 of a-z, A-Z, 0-9, - and _, each once";
        return Err(invalid("alephium.networks", &names.join(", "), expected));
    }
    Ok(names.to_vec())
}

pub(super) fn extra_key_types(names: &[String]) -> Result<Vec<KeyType>, InvalidSetting> {
    let is_extra = |key_type: &KeyType| !KeyType::ON_BY_DEFAULT.contains(key_type);
    let read = |name: &String| {
        let mut extra = KeyType::ALL.into_iter().filter(is_extra);
        let named = extra.find(|key_type| key_type.as_str() == name);
        named.ok_or_else(|| {
            let expected = "expected gl-secp256r1, gl-ed25519 or gl-webauthn";
            invalid("alephium.extra_key_types", name, expected)
        })
    };
    names.iter().map(read).collect()
}
