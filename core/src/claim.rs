//! A message together with what its chain reads in it: who claims to sign in.

use std::borrow::Cow;

use crate::{
    chain::ChainAddress,
    error::Error,
    expected::Expected,
    message::{ADDRESS_LINE, MessageError, MessageErrorKind, SignInMessage},
    proof::Proof,
    verifier::{AddressError, ChainVerifier, ProvenAccount, VerifyError},
};

/// A well-formed message whose address and chain have been read. Nothing in it is proven yet.
///
/// The flows read and verify claims by themselves. On its own it serves the tests of a chain crate.
#[derive(Debug)]
pub struct Claim<'a> {
    text: &'a str,
    message: SignInMessage,
    account: ChainAddress,
}

impl<'a> Claim<'a> {
    /// Reads a message of this chain: the whole grammar, then the chain's name in the first line, the
    /// address and the chain id. Whether the chain is accepted is judged by [`verify`](Self::verify).
    ///
    /// # Errors
    /// [`Error::InvalidMessage`] with the line at fault, or [`Error::ChainUnavailable`].
    pub async fn read(verifier: &dyn ChainVerifier, text: &'a str) -> Result<Self, Error> {
        let message: SignInMessage = text.parse()?;
        let fields = message.fields();
        if fields.chain_name != verifier.info().name {
            let expected = "the display name of this chain, as in `your Ethereum account:`";
            return Err(malformed(1, expected.into()).into());
        }
        let address = verifier.parse_address(&fields.address).await;
        let address = address.map_err(|error| match error {
            AddressError::Malformed { expected } => malformed(ADDRESS_LINE, expected).into(),
            AddressError::Invalid { expected } => Error::InvalidMessage(MessageError {
                kind: MessageErrorKind::InvalidAddress,
                ..malformed(ADDRESS_LINE, expected)
            }),
            AddressError::Unavailable => Error::ChainUnavailable,
        })?;
        let chain = verifier
            .parse_chain_id(&fields.chain_id)
            .map_err(|error| malformed(message.chain_id_line(), error.expected.into()))?;
        Ok(Self {
            text,
            account: ChainAddress { chain, address },
            message,
        })
    }

    /// The message.
    pub fn message(&self) -> &SignInMessage {
        &self.message
    }

    /// Who claims to sign in, with the address in canonical form.
    pub fn account(&self) -> &ChainAddress {
        &self.account
    }

    /// Compares the message with every expectation, then checks the proof over the bytes received.
    /// A chain accepts the key types it lists and no other. `verifier` is the one that read the claim.
    ///
    /// # Errors
    /// [`Error::Refused`] with the first expectation not met, [`Error::UnknownKeyType`],
    /// [`Error::PublicKeyRequired`], [`Error::InvalidProof`], or [`Error::ChainUnavailable`].
    pub async fn verify(
        &self,
        verifier: &dyn ChainVerifier,
        expected: &Expected<'_>,
        proof: &Proof,
    ) -> Result<ProvenAccount, Error> {
        expected.check(&self.message, &self.account.chain)?;
        let info = verifier.info();
        if proof
            .key_type
            .as_ref()
            .is_some_and(|named| !info.key_types.contains(named))
        {
            return Err(Error::UnknownKeyType {
                accepted: info.key_types.clone(),
            });
        }
        if info.needs_public_key && proof.public_key.is_none() {
            return Err(Error::PublicKeyRequired);
        }
        let proven = verifier
            .verify(&self.account, self.text.as_bytes(), proof)
            .await;
        proven.map_err(|error| match error {
            VerifyError::InvalidProof => Error::InvalidProof,
            VerifyError::Unavailable => Error::ChainUnavailable,
        })
    }
}

fn malformed(line: usize, expected: Cow<'static, str>) -> MessageError {
    MessageError {
        line,
        kind: MessageErrorKind::Malformed,
        expected,
    }
}
