//! A proven address, linked to an account.

use std::fmt;

use crate::{
    chain::ChainAddress,
    verifier::{ChainInfo, Control, ProvenAccount},
};

/// A proven address, as it is stored with the account that owns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wallet {
    /// What makes two proofs come from this wallet.
    pub key: WalletKey,
    /// The address, on the chain it was proven on. A store keeps the first.
    pub address: ChainAddress,
    /// How it is controlled.
    pub control: Control,
}

impl Wallet {
    /// The wallet that gave this proof.
    pub fn of(info: &ChainInfo, proven: &ProvenAccount) -> Self {
        let (address, control) = (proven.account.clone(), proven.control);
        Self {
            key: WalletKey::of(info, proven),
            address,
            control,
        }
    }
}

/// What makes two proofs come from the same wallet.
///
/// A wallet is unique by chain id and address, because the same address on another chain may
/// belong to somebody else. Where the address *is* the key (keyed `eip155` accounts), the
/// namespace is enough. A keyed and a contract proof of one address are two wallets.
///
/// As text: `eip155:*:0x…`, `alephium:mainnet:1…`, or `eip155:1:0x…:contract`. It is made from a proof
/// ([`Wallet::of`]), and compared as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WalletKey(String);

/// How a wallet's key follows from its address.
#[derive(Debug, Clone, Copy)]
pub(crate) enum KeyForm {
    /// The address is the key: one wallet on all chains of the namespace.
    AnyChain,
    /// One wallet on each chain.
    OneChain,
    /// A contract on one chain.
    Contract,
}

impl KeyForm {
    /// The key of a wallet at this address.
    pub(crate) fn key(self, account: &ChainAddress) -> WalletKey {
        let ChainAddress { chain, address } = account;
        WalletKey(match self {
            Self::AnyChain => format!("{}:*:{address}", chain.namespace()),
            Self::OneChain => account.to_string(),
            Self::Contract => format!("{account}:contract"),
        })
    }
}

impl WalletKey {
    fn of(info: &ChainInfo, proven: &ProvenAccount) -> Self {
        let form = match proven.control {
            Control::Key if info.address_is_key => KeyForm::AnyChain,
            Control::Key => KeyForm::OneChain,
            Control::Contract => KeyForm::Contract,
        };
        form.key(&proven.account)
    }

    /// How it follows from this address, if it does.
    pub(crate) fn form(&self, account: &ChainAddress) -> Option<KeyForm> {
        let forms = [KeyForm::AnyChain, KeyForm::OneChain, KeyForm::Contract];
        forms.into_iter().find(|form| form.key(account) == *self)
    }

    /// Takes the text read from storage; nothing is checked.
    pub fn from_stored(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The unique text under which the wallet is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WalletKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(chain: &str, control: Control, address_is_key: bool) -> WalletKey {
        let chain: crate::chain::ChainId = chain.parse().unwrap();
        let info = ChainInfo {
            namespace: chain.namespace().clone(),
            name: "Test".into(),
            chain_ids: vec![],
            key_types: vec![],
            needs_public_key: false,
            address_is_key,
            source: crate::verifier::Source::Builtin,
        };
        let account = ChainAddress {
            chain,
            address: crate::chain::Address::new("0xab").unwrap(),
        };
        WalletKey::of(&info, &ProvenAccount { account, control })
    }

    #[test]
    fn a_keyed_wallet_is_the_same_on_every_chain_where_the_address_is_the_key() {
        assert_eq!(
            key("eip155:1", Control::Key, true),
            key("eip155:10", Control::Key, true)
        );
        assert_ne!(
            key("other:1", Control::Key, false),
            key("other:10", Control::Key, false)
        );
    }

    #[test]
    fn contract_wallets_never_merge_across_chains_or_with_keyed_ones() {
        assert_ne!(
            key("eip155:1", Control::Contract, true),
            key("eip155:10", Control::Contract, true)
        );
        assert_ne!(
            key("eip155:1", Control::Contract, true),
            key("eip155:1", Control::Key, true)
        );
    }
}
