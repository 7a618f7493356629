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

use std::{borrow::Cow, str::FromStr};

use time::OffsetDateTime;

pub use grammar::{is_chain_name, is_uri};
pub use instant::format_instant;

/// Longest message accepted, in bytes. Statements of 2 kB and ReCaps are real; megabytes are not.
pub const MAX_LENGTH: usize = 4096;
/// Most `Resources:` items accepted.
pub const MAX_RESOURCES: usize = 64;

/// The line of the address, for errors found by the chain.
pub(crate) const ADDRESS_LINE: usize = 2;

/// The fields of a message, as they stand in its text; each fits on one line. What each may hold is the
/// grammar of EIP-4361, ["ABNF Message Format"](https://eips.ethereum.org/EIPS/eip-4361#abnf-message-format).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    /// Scheme before the domain, without `://`. Absent stands for `https`, and for `http` on loopback.
    pub scheme: Option<String>,
    /// Who asks for the signature: an RFC 3986 authority, which is a host and an optional port.
    pub domain: String,
    /// The chain's display name, as in `your Ethereum account:`. 1 to 32 ASCII letters, digits, spaces or
    /// hyphens, with a letter or digit at both ends.
    pub chain_name: String,
    /// The address line, in the chain's own spelling; without spaces.
    pub address: String,
    /// The sentence for the reader, in printable ASCII without ``" % < > \ ^ ` { | }``. `None` and
    /// `Some("")` are different texts.
    pub statement: Option<String>,
    /// What the signature is for: an absolute RFC 3986 URI.
    pub uri: String,
    /// The `Chain ID` line, in the chain's own spelling: 1 to 78 ASCII letters, digits, `-` or `_`.
    pub chain_id: String,
    /// The one-time value: 8 to 128 ASCII letters or digits.
    pub nonce: String,
    /// When the message was made: an RFC 3339 date-time with a time zone.
    pub issued_at: String,
    /// The first instant at which the message is no longer valid, in the same form.
    pub expiration_time: Option<String>,
    /// The first instant at which the message is valid, in the same form.
    pub not_before: Option<String>,
    /// An id of the relying party's: RFC 3986 `pchar`s, perhaps none.
    pub request_id: Option<String>,
    /// URIs the signature is about, at most [`MAX_RESOURCES`]. `None` and `Some(vec![])` are different texts.
    pub resources: Option<Vec<String>>,
}

/// A message that satisfies the grammar: the fields as written, and its times as instants.
///
/// Reading and writing are inverse: what is read is written as the same bytes.
///
/// ```
/// use countersign_core::message::{Fields, SignInMessage};
///
/// let text = "\
/// example.com wants you to sign in with your Ethereum account:
/// 0xab16a96D359eC26a11e2C2b3d8f8B8942d5Bfcdb
///
/// Sign in to example.com.
///
/// URI: https://example.com/login
/// Version: 1
/// Chain ID: 1
/// Nonce: 32891756
/// Issued At: 2026-03-01T12:00:00Z";
///
/// let message: SignInMessage = text.parse()?;
/// assert_eq!(message.fields().domain, "example.com");
/// assert_eq!(message.issued_at().unix_timestamp(), 1_772_366_400);
/// assert_eq!(message.to_string(), text);
///
/// let other = Fields { nonce: "73902651".into(), ..message.fields().clone() };
/// assert!(SignInMessage::new(other)?.to_string().contains("\nNonce: 73902651\n"));
///
/// let error = text.replace("Version: 1", "Version: 2").parse::<SignInMessage>().unwrap_err();
/// assert_eq!(error.to_string(), "line 7: expected `Version: 1`");
/// # Ok::<(), countersign_core::message::MessageError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInMessage {
    fields: Fields,
    chain_id_line: usize,
    issued_at: OffsetDateTime,
    expiration_time: Option<OffsetDateTime>,
    not_before: Option<OffsetDateTime>,
}

impl SignInMessage {
    /// Builds a message from fields. It refuses what the parser refuses, and fields that would be read back
    /// as others, for example with a line break in them.
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
            expected: "fields that each fit on one line".into(),
        })
    }

    /// The fields, as written.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// The number of the `Chain ID` line, from 1; it depends on whether there is a statement.
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

/// Reads the exact text that is signed: lines end in one `\n`, and none follows the last.
impl FromStr for SignInMessage {
    type Err = MessageError;

    fn from_str(text: &str) -> Result<Self, MessageError> {
        parse::parse(text)
    }
}

/// The exact text to sign.
impl std::fmt::Display for SignInMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&render::render(&self.fields))
    }
}

/// Why a text is no sign-in message, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: expected {expected}")]
pub struct MessageError {
    /// Line number, from 1; where something is missing at the end, the number of the line it would be on.
    pub line: usize,
    /// What kind of fault it is.
    pub kind: MessageErrorKind,
    /// What the line should have held, in words that follow "expected"; a plugin's, where the chain is one.
    pub expected: Cow<'static, str>,
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
