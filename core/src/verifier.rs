//! The port every chain implements.

use async_trait::async_trait;

use crate::{
    chain::{Address, ChainAddress, ChainId, InvalidName, Namespace},
    proof::Proof,
};

/// What a chain is. Plain data, so that a plugin can hand it over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainInfo {
    /// The half of a chain id that picks this verifier.
    pub namespace: Namespace,
    /// The name in a message's first line, for example `Ethereum`.
    pub name: String,
    /// The chains it serves.
    pub chain_ids: Vec<ChainId>,
    /// The key types it accepts. When none is named it is the one the address implies, or the first.
    pub key_types: Vec<String>,
    /// Whether a proof must carry a public key.
    pub needs_public_key: bool,
    /// Whether the address is the key, so that a keyed wallet is the same on all of the namespace's chains.
    pub address_is_key: bool,
}

/// One chain's rules, built in or plugged in, and nothing else.
#[async_trait]
pub trait ChainVerifier: Send + Sync {
    /// What the chain is.
    fn info(&self) -> &ChainInfo;

    /// Reads an address into its one canonical form.
    ///
    /// # Errors
    /// [`AddressError`] says whether the text is no address at all or one that fails its own check.
    fn parse_address(&self, text: &str) -> Result<Address, AddressError>;

    /// Reads the `Chain ID` line of a message. By default it holds the CAIP-2 reference.
    ///
    /// # Errors
    /// [`InvalidName`] when the text is no chain id of this namespace, served or not.
    fn parse_chain_id(&self, text: &str) -> Result<ChainId, InvalidName> {
        ChainId::new(self.info().namespace.clone(), text)
    }

    /// Writes the `Chain ID` line of a message; the inverse of [`parse_chain_id`](Self::parse_chain_id).
    fn format_chain_id(&self, chain: &ChainId) -> String {
        chain.reference().to_owned()
    }

    /// Checks that `proof` is a signature of exactly these bytes by this account.
    ///
    /// # Errors
    /// [`VerifyError::InvalidProof`] without a reason (it is traced, not returned), or
    /// [`VerifyError::Unavailable`] where the answer could not be had and asking again may help.
    async fn verify(
        &self,
        account: &ChainAddress,
        message: &[u8],
        proof: &Proof,
    ) -> Result<ProvenAccount, VerifyError>;
}

/// An account that a proof has shown to be the signer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct ProvenAccount {
    /// The account.
    pub account: ChainAddress,
    /// How it is controlled.
    pub control: Control,
}

/// What controls an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// A key pair whose public half gives the address.
    Key,
    /// Code on the chain.
    Contract,
}

impl Control {
    /// The name used in storage.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Contract => "contract",
        }
    }
}

/// Why a text is no address of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It does not have an address's form.
    #[error("expected {expected}")]
    Malformed {
        /// What would have been accepted, in words.
        expected: &'static str,
    },
    /// It has the form and fails its own check.
    #[error("expected {expected}")]
    Invalid {
        /// What would have been accepted, in words.
        expected: &'static str,
    },
}

impl AddressError {
    /// What would have been accepted, in words.
    pub fn expected(self) -> &'static str {
        match self {
            Self::Malformed { expected } | Self::Invalid { expected } => expected,
        }
    }
}

/// Why a proof was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The proof does not show what it claims.
    #[error("the proof is not valid")]
    InvalidProof,
    /// The chain could not be asked.
    #[error("the chain cannot be asked at the moment")]
    Unavailable,
}
