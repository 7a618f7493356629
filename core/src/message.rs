//! The one text that wallets of every chain sign: [CAIP-122], which is [EIP-4361] with the
//! chain's name in its first line.
//!
//! The parser is strict and positional, and knows the lines but not the chain: the address
//! and chain-id lines are only framed here and read by a [`ChainVerifier`](crate::ChainVerifier)
//! (see [`Claim`](crate::claim::Claim)). The bytes received are the bytes that are hashed;
//! nothing is rendered again before a signature is checked.
//!
//! [CAIP-122]: https://chainagnostic.org/CAIPs/caip-122
//! [EIP-4361]: https://eips.ethereum.org/EIPS/eip-4361

mod grammar;
pub(crate) mod instant;
mod parse;
mod render;

use std::str::FromStr;

use time::OffsetDateTime;

pub use grammar::is_uri;
pub use instant::format_instant;

/// Longest message accepted, in bytes. Statements of 2 kB and ReCaps are real; megabytes are not.
pub const MAX_LENGTH: usize = 4096;
/// Most `Resources:` items accepted.
pub const MAX_RESOURCES: usize = 64;

/// The line of the address, for errors found by the chain.
pub(crate) const ADDRESS_LINE: usize = 2;

/// The fields of a message, as they stand in its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    /// Scheme before the domain, without `://`. Absent stands for `https`, and for `http` on loopback.
    pub scheme: Option<String>,
    /// RFC 3986 authority that asks for the signature.
    pub domain: String,
    /// The chain's display name, as in `your Ethereum account:`.
    pub chain_name: String,
    /// The address line.
    pub address: String,
    /// The sentence for the reader. `None` and `Some("")` are different texts.
    pub statement: Option<String>,
    /// RFC 3986 URI the signature is for.
    pub uri: String,
    /// The `Chain ID` line, in the chain's own spelling.
    pub chain_id: String,
    /// The one-time value.
    pub nonce: String,
    /// RFC 3339 date-time.
    pub issued_at: String,
    /// RFC 3339 date-time at which the message stops being valid.
    pub expiration_time: Option<String>,
    /// RFC 3339 date-time from which the message is valid.
    pub not_before: Option<String>,
    /// An id of the relying party's.
    pub request_id: Option<String>,
    /// URIs the signature is about. `None` and `Some(vec![])` are different texts.
    pub resources: Option<Vec<String>>,
}

/// A message that satisfies the grammar: the fields as written, and its times as instants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInMessage {
    fields: Fields,
    chain_id_line: usize,
    issued_at: OffsetDateTime,
    expiration_time: Option<OffsetDateTime>,
    not_before: Option<OffsetDateTime>,
}

impl SignInMessage {
    /// Builds a message from fields. It refuses exactly what the parser refuses.
    ///
    /// # Errors
    /// [`MessageError`] with the line the field would stand on.
    pub fn new(fields: Fields) -> Result<Self, MessageError> {
        let message: Self = render::render(&fields).parse()?;
        // A field that holds a line break could otherwise become other fields.
        if message.fields == fields {
            return Ok(message);
        }
        Err(MessageError {
            line: 1,
            kind: MessageErrorKind::Malformed,
            expected: "fields that each fit on one line",
        })
    }

    /// The fields, as written.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// The number of the `Chain ID` line; it depends on whether there is a statement.
    pub fn chain_id_line(&self) -> usize {
        self.chain_id_line
    }

    /// `Issued At` as an instant.
    pub fn issued_at(&self) -> OffsetDateTime {
        self.issued_at
    }

    /// `Expiration Time` as an instant.
    pub fn expiration_time(&self) -> Option<OffsetDateTime> {
        self.expiration_time
    }

    /// `Not Before` as an instant.
    pub fn not_before(&self) -> Option<OffsetDateTime> {
        self.not_before
    }
}

impl FromStr for SignInMessage {
    type Err = MessageError;

    fn from_str(text: &str) -> Result<Self, MessageError> {
        parse::parse(text)
    }
}

impl std::fmt::Display for SignInMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&render::render(&self.fields))
    }
}

/// Why a text is no sign-in message, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: expected {expected}")]
pub struct MessageError {
    /// Line number, from 1.
    pub line: usize,
    /// What kind of fault it is.
    pub kind: MessageErrorKind,
    /// What the line should have held, in words.
    pub expected: &'static str,
}

/// The kinds of fault in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageErrorKind {
    /// The text does not satisfy the grammar.
    Malformed,
    /// `Version` is not 1.
    UnsupportedVersion,
    /// The address is well-formed and still not one, for example by its checksum.
    InvalidAddress,
    /// The text exceeds [`MAX_LENGTH`].
    TooLarge,
}

#[cfg(test)]
mod tests;
