//! The trait that a plugin implements.

use std::borrow::Cow;

use crate::{AddressError, Chain, Error, Logger};

/// A chain plugin. [`export_chain_plugin!`](crate::export_chain_plugin) makes a library of it.
///
/// The answers depend on what is asked and on the configuration only: no input or output, no clock, no randomness, no
/// threads. Under the default isolation the plugin's process may do none of these. A panic is contained and
/// logged, and counts against the plugin; a call that takes longer than the deadline (200 ms, if the operator sets
/// no other) ends it.
pub trait ChainPlugin: Sized + Send + Sync + 'static {
    /// Name of the plugin: 3 to 32 of `-`, `a-z`, `0-9`.
    const NAME: &'static str;
    /// Its version, 1 to 32 printable ASCII characters; `env!("CARGO_PKG_VERSION")`.
    const VERSION: &'static str;
    /// Its chains, 1 to 16.
    const CHAINS: &'static [Chain];

    /// Makes the instance that is asked from then on. `config` is the JSON object of the operator's stanza, `{}` if
    /// there is none.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for settings that it does not know, in words for the operator.
    fn create(config: &str, log: Logger) -> Result<Self, Error>;

    /// Reads an address into its one canonical form, which is read as itself. Two texts of one account have the same
    /// canonical form; those of different accounts never do. `text` is at most 1,024 bytes; anything may be in it.
    /// A canonical address is 1 to `max_address_len` of `-`, `.`, `%`, `a-z`, `A-Z`, `0-9` (CAIP-10).
    ///
    /// # Errors
    /// [`AddressError`] says whether the text is no address at all or one that fails its own check.
    fn parse_address(&self, chain: &'static Chain, text: &str) -> Result<String, AddressError>;

    /// As [`parse_address`](Self::parse_address), of an account on this chain of the namespace, a listed one unless
    /// [`Chain::any_reference`]; by default the same. Where chains have addresses of their own, refuse those of another
    /// as [`AddressError::CheckFailed`]. The canonical form is that of `parse_address`.
    ///
    /// # Errors
    /// As of `parse_address`.
    fn parse_account(
        &self,
        chain: &'static Chain,
        reference: &str,
        text: &str,
    ) -> Result<String, AddressError> {
        let _ = reference;
        self.parse_address(chain, text)
    }

    /// Checks that the proof's signature is one of exactly its message, by its account, on its chain. If the wallet
    /// signs something that is derived from the message, derive it here.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for a signature or key of the wrong shape, which is a refusal like
    /// [`Verdict::Invalid`].
    fn verify(&self, proof: &Proof<'_>) -> Result<Verdict, Error>;
}

/// What [`verify`](ChainPlugin::verify) is asked. Lengths, chain id and key type fit the [`Chain`] already.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Proof<'a> {
    /// Which of the plugin's chains.
    pub chain: &'static Chain,
    /// Reference of the chain: a listed one, unless [`Chain::any_reference`].
    pub reference: &'a str,
    /// The account's address, as [`parse_address`](ChainPlugin::parse_address) wrote it.
    pub address: &'a str,
    /// The bytes that the wallet was given to sign.
    pub message: &'a [u8],
    /// The signature.
    pub signature: &'a [u8],
    /// The public key, if the proof carries one.
    pub public_key: Option<&'a [u8]>,
    /// The key type, if the proof names one.
    pub key_type: Option<&'a str>,
}

/// What a proof shows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// The signature is one of exactly this message.
    Valid {
        /// Canonical address of who signed. The server compares it with the account's, byte for byte.
        signer: String,
    },
    /// It is not.
    Invalid {
        /// Why, for the server's log.
        reason: Cow<'static, str>,
    },
}

impl Verdict {
    /// [`Verdict::Valid`].
    pub fn valid(signer: impl Into<String>) -> Self {
        Self::Valid {
            signer: signer.into(),
        }
    }

    /// [`Verdict::Invalid`].
    pub fn invalid(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Invalid {
            reason: reason.into(),
        }
    }
}
