//! Assertions of passkeys: the witness in which the node takes one, and what a site must see in it.
//!
//! The [node] checks the layout, that a user was present, and that the text `"type":"webauthn.get"`
//! occurs. It never ties the digest to the member `challenge`, and knows no site. [WebAuthn] asks a
//! relying party for both.
//!
//! [node]: https://github.com/alephium/alephium
//! [WebAuthn]: https://www.w3.org/TR/webauthn-3/#sctn-verifying-assertion

mod client_data;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{compact_int, reason::Reason};

/// A site on which passkeys sign. Without one, a signature that any other site asked the user for
/// would do here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelyingParty {
    /// Its RP ID, which the authenticator hashes: a domain, for example `wallet.example` (WebAuthn §5.1.2).
    pub id: String,
    /// The origin that the browser names, for example `https://wallet.example`. Compared byte by byte, so in
    /// lower case, and without a default port or a slash at the end.
    pub origin: String,
}

impl RelyingParty {
    fn is_named(&self, id_hash: &[u8], origin: &str) -> bool {
        Sha256::digest(&self.id).as_slice() == id_hash && self.origin == origin
    }
}

/// What an authenticator returned, with the challenge cut out of the client data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Assertion<'a> {
    authenticator_data: &'a [u8],
    before_challenge: &'a [u8],
    after_challenge: &'a [u8],
}

impl<'a> Assertion<'a> {
    /// Reads a witness: a body behind its length, and zeros to the end of the last chunk.
    pub(crate) fn parse(witness: &'a [u8]) -> Result<Self, Reason> {
        if witness.len() > LONGEST || !witness.len().is_multiple_of(CHUNK) {
            return Err(Reason::Witness);
        }
        let (body, padding) = split_field(witness)?;
        if padding.len() >= CHUNK || padding.iter().any(|byte| *byte != 0) {
            return Err(Reason::Witness);
        }
        Self::parse_body(body)
    }

    fn parse_body(body: &'a [u8]) -> Result<Self, Reason> {
        let (authenticator_data, rest) = split_field(body)?;
        let (before_challenge, rest) = split_field(rest)?;
        let (after_challenge, rest) = split_field(rest)?;
        if !rest.is_empty() {
            return Err(Reason::Witness);
        }
        Ok(Self {
            authenticator_data,
            before_challenge,
            after_challenge,
        })
    }

    /// The hash to be found signed, if a user present on one of these sites was asked for this digest.
    pub(crate) fn check(
        &self,
        digest: &[u8; 32],
        relying_parties: &[RelyingParty],
    ) -> Result<[u8; 32], Reason> {
        let (id_hash, rest) = self
            .authenticator_data
            .split_at_checked(32)
            .ok_or(Reason::Witness)?;
        let flags = rest.first().ok_or(Reason::Witness)?;
        if flags & USER_PRESENT == 0 {
            return Err(Reason::UserPresence);
        }
        let client_data = self.client_data(digest);
        let origin =
            client_data::origin(&client_data, &base64url(digest)).ok_or(Reason::ClientData)?;
        if !relying_parties
            .iter()
            .any(|site| site.is_named(id_hash, &origin))
        {
            return Err(Reason::RelyingParty);
        }
        Ok(self.signed_hash(&client_data))
    }

    /// The bytes that the authenticator was given the hash of.
    fn client_data(&self, digest: &[u8; 32]) -> Vec<u8> {
        let challenge = base64url(digest);
        [
            self.before_challenge,
            challenge.as_bytes(),
            self.after_challenge,
        ]
        .concat()
    }

    fn signed_hash(&self, client_data: &[u8]) -> [u8; 32] {
        Sha256::new()
            .chain_update(self.authenticator_data)
            .chain_update(Sha256::digest(client_data))
            .finalize()
            .into()
    }

    /// The inverse of [`parse`](Self::parse).
    fn to_witness(self) -> Vec<u8> {
        let body = [
            field(self.authenticator_data),
            field(self.before_challenge),
            field(self.after_challenge),
        ];
        let mut witness = field(&body.concat());
        witness.resize(witness.len().next_multiple_of(CHUNK), 0);
        witness
    }
}

/// What a passkey returns to a short-named site, with a user present: the witness, then the signature.
pub(crate) fn assertion_for(
    digest: &[u8; 32],
    site: &RelyingParty,
    sign: impl FnOnce(&[u8; 32]) -> [u8; 64],
) -> Vec<u8> {
    let id_hash = Sha256::digest(&site.id);
    let origin = Value::from(site.origin.as_str());
    let after_challenge = format!(r#"","origin":{origin},"crossOrigin":false}}"#);
    let assertion = Assertion {
        authenticator_data: &[id_hash.as_slice(), &[USER_PRESENT, 0, 0, 0, 0]].concat(),
        before_challenge: br#"{"type":"webauthn.get","challenge":""#,
        after_challenge: after_challenge.as_bytes(),
    };
    let hash = assertion.signed_hash(&assertion.client_data(digest));
    [assertion.to_witness(), sign(&hash).to_vec()].concat()
}

/// A field and what follows it.
fn split_field(bytes: &[u8]) -> Result<(&[u8], &[u8]), Reason> {
    compact_int::read(bytes)
        .and_then(|(length, rest)| rest.split_at_checked(length.into()))
        .ok_or(Reason::Witness)
}

fn field(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("an assertion of ours is short");
    [compact_int::write(length), bytes.to_vec()].concat()
}

fn base64url(digest: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(digest)
}

/// Of the flags in authenticator data.
const USER_PRESENT: u8 = 1;

/// In bytes; a witness is put into a transaction in place of so many signatures.
const CHUNK: usize = 64;

/// In bytes: some times what authenticators and browsers return.
const LONGEST: usize = 4096;

#[cfg(test)]
mod tests;
