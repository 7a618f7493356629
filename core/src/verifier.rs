//! The port every chain implements: [`ChainVerifier`].

use std::borrow::Cow;

use async_trait::async_trait;

use crate::{
    chain::{Address, ChainAddress, ChainId, InvalidName, Namespace},
    proof::Proof,
};

/// What a chain is. Plain data, so that a plugin can hand it over. Nothing checks it, so it must be right
/// when it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainInfo {
    /// The half of a chain id that picks this verifier.
    pub namespace: Namespace,
    /// The name in a message's first line, for example `Ethereum` in `your Ethereum account:`. It must satisfy
    /// the grammar of [`Fields::chain_name`](crate::message::Fields::chain_name): the server builds messages
    /// with it, and panics on another.
    pub name: String,
    /// The accepted chains, all of this namespace. None: nobody can sign in.
    pub chain_ids: Vec<ChainId>,
    /// The names of the key types it accepts. A proof that names another never reaches
    /// [`verify`](ChainVerifier::verify); one that names none is for the verifier to read, by the form of the
    /// address or as the first.
    pub key_types: Vec<String>,
    /// Whether a proof must carry a public key. One without never reaches [`verify`](ChainVerifier::verify).
    pub needs_public_key: bool,
    /// Whether whoever holds the key of an address holds it on all of the namespace's chains, so that a keyed
    /// wallet is the same on all of them (see [`WalletKey`](crate::wallet::WalletKey)).
    pub address_is_key: bool,
    /// Where its rules come from.
    pub source: Source,
}

/// Where a chain's rules come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Part of the server.
    Builtin,
    /// A library that the operator added.
    Plugin,
}

/// One chain's rules, built in or plugged in, and nothing else: how it writes addresses and chain ids, and
/// what its signatures prove. Domains, nonces and times have been judged before it is asked.
///
/// Three methods make a chain; here one whose signature is its address, spelt backwards:
///
/// ```
/// use countersign_core::{
///     ChainVerifier,
///     chain::{Address, ChainAddress, Namespace},
///     proof::Proof,
///     verifier::{AddressError, ChainInfo, Control, ProvenAccount, Source, VerifyError},
/// };
///
/// struct Mirror(ChainInfo);
///
/// #[async_trait::async_trait]
/// impl ChainVerifier for Mirror {
///     fn info(&self) -> &ChainInfo {
///         &self.0
///     }
///
///     async fn parse_address(&self, text: &str) -> Result<Address, AddressError> {
///         let malformed = AddressError::malformed("4 to 16 of a to z");
///         let fits = (4..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphabetic());
///         let canonical = text.to_ascii_lowercase();
///         if fits { Address::new(&canonical).map_err(|_| malformed) } else { Err(malformed) }
///     }
///
///     async fn verify(
///         &self,
///         account: &ChainAddress,
///         message: &[u8], // A chain that is worth something hashes and checks these very bytes.
///         proof: &Proof,
///     ) -> Result<ProvenAccount, VerifyError> {
///         let expected: Vec<u8> = account.address.as_str().bytes().rev().collect();
///         if proof.signature != expected {
///             return Err(VerifyError::InvalidProof);
///         }
///         Ok(ProvenAccount { account: account.clone(), control: Control::Key })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mirror = Mirror(ChainInfo {
///     namespace: Namespace::new("mirror")?,
///     name: "Mirror".into(),
///     chain_ids: vec!["mirror:main".parse()?],
///     key_types: vec![],
///     needs_public_key: false,
///     address_is_key: false,
///     source: Source::Builtin,
/// });
/// let account = ChainAddress {
///     chain: mirror.parse_chain_id("main")?,
///     address: mirror.parse_address("Alice").await?,
/// };
/// let proof = |signature: &[u8]| Proof { signature: signature.into(), public_key: None, key_type: None };
/// assert!(mirror.verify(&account, b"the message", &proof(b"ecila")).await.is_ok());
/// let refused = mirror.verify(&account, b"the message", &proof(b"alice")).await;
/// assert_eq!(refused, Err(VerifyError::InvalidProof));
/// # Ok(())
/// # }
/// ```
///
/// A chain crate is judged by vectors of signed messages with `conformance::judge` (feature `test-support`).
#[async_trait]
pub trait ChainVerifier: Send + Sync {
    /// What the chain is. It is asked on every request, so it is made once.
    fn info(&self) -> &ChainInfo;

    /// Whether it can be asked at the moment. A chain that cannot is not asked: whoever names it is told to
    /// come again, whatever else is wrong with the request.
    fn is_available(&self) -> bool {
        true
    }

    /// Reads an address, from a request or from the second line of a message, into its one canonical form.
    /// A canonical form is read as itself.
    ///
    /// # Errors
    /// [`AddressError`] says whether the text is no address at all or one that fails its own check, or that
    /// nobody could be asked.
    async fn parse_address(&self, text: &str) -> Result<Address, AddressError>;

    /// As [`parse_address`](Self::parse_address), of an account on this chain of the namespace; by default the same.
    /// Where chains have addresses of their own, those of another are refused: Bitcoin's testnet on mainnet, say.
    ///
    /// # Errors
    /// As of `parse_address`.
    async fn parse_account(&self, chain: &ChainId, text: &str) -> Result<Address, AddressError> {
        let _ = chain;
        self.parse_address(text).await
    }

    /// Reads the value of a message's `Chain ID` line. By default it is the CAIP-2 reference: `1` for
    /// `eip155:1`.
    ///
    /// # Errors
    /// [`InvalidName`] when the text is no chain id of this namespace, served or not.
    fn parse_chain_id(&self, text: &str) -> Result<ChainId, InvalidName> {
        ChainId::new(self.info().namespace.clone(), text)
    }

    /// Writes the value of a message's `Chain ID` line; the inverse of [`parse_chain_id`](Self::parse_chain_id).
    fn format_chain_id(&self, chain: &ChainId) -> String {
        chain.reference().to_owned()
    }

    /// Checks that `proof` is a signature of exactly these bytes by this account. The account's address came
    /// from [`parse_address`](Self::parse_address), and its chain is one of the accepted.
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
    /// The account that was asked about.
    pub account: ChainAddress,
    /// How it is controlled.
    pub control: Control,
}

/// What controls an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// A key pair whose public half gives the address. The wallet is the same for as long as the key is.
    Key,
    /// Code on that one chain, as with EIP-1271.
    Contract,
}

impl Control {
    /// The name used in storage: `key` or `contract`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Contract => "contract",
        }
    }
}

/// Why a text is no address of a chain. The words in it are shown to clients, and may be a plugin's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It does not have an address's form.
    #[error("expected {expected}")]
    Malformed {
        /// What would have been accepted, in words that follow "expected".
        expected: Cow<'static, str>,
    },
    /// It has the form and fails its own check, for example a checksum.
    #[error("expected {expected}")]
    Invalid {
        /// What would have been accepted, in words.
        expected: Cow<'static, str>,
    },
    /// The chain could not be asked. The text may be an address: asking again may help.
    #[error("the chain cannot be asked at the moment")]
    Unavailable,
}

impl AddressError {
    /// [`Malformed`](Self::Malformed) in words that follow "expected".
    pub const fn malformed(expected: &'static str) -> Self {
        Self::Malformed {
            expected: Cow::Borrowed(expected),
        }
    }

    /// [`Invalid`](Self::Invalid) in words that follow "expected".
    pub const fn invalid(expected: &'static str) -> Self {
        Self::Invalid {
            expected: Cow::Borrowed(expected),
        }
    }
}

/// Why a proof was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The proof does not show what it claims. Asking again would not help.
    #[error("the proof is not valid")]
    InvalidProof,
    /// The chain could not be asked, for example because its node does not answer.
    #[error("the chain cannot be asked at the moment")]
    Unavailable,
}
