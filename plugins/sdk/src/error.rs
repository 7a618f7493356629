//! Why a plugin does not answer.

use std::{borrow::Cow, fmt};

/// Why a call failed. The text goes to the server's log; keep secrets out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// What was asked does not have the form that the chain asks for: for a proof a refusal, for
    /// [`create`](crate::ChainPlugin::create) a mistake in the configuration.
    InvalidInput(Cow<'static, str>),
    /// The plugin does not do this.
    Unsupported(Cow<'static, str>),
    /// A fault of the plugin's own.
    Internal(Cow<'static, str>),
}

impl Error {
    /// [`Error::InvalidInput`], from a literal or a `String`.
    pub fn invalid_input(text: impl Into<Cow<'static, str>>) -> Self {
        Self::InvalidInput(text.into())
    }

    /// [`Error::Unsupported`], from a literal or a `String`.
    pub fn unsupported(text: impl Into<Cow<'static, str>>) -> Self {
        Self::Unsupported(text.into())
    }

    /// [`Error::Internal`], from a literal or a `String`.
    pub fn internal(text: impl Into<Cow<'static, str>>) -> Self {
        Self::Internal(text.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidInput(text) | Self::Unsupported(text) | Self::Internal(text) => {
                f.write_str(text)
            }
        }
    }
}

impl std::error::Error for Error {}

/// Why a text is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressError {
    /// It does not have an address's form.
    Malformed {
        /// What would have been accepted, in words that follow "expected".
        expected: &'static str,
    },
    /// It has the form and fails its own check, for example a checksum.
    CheckFailed {
        /// What would have been accepted, in words that follow "expected".
        expected: &'static str,
    },
}

impl AddressError {
    /// What would have been accepted, in words that follow "expected".
    pub fn expected(self) -> &'static str {
        match self {
            Self::Malformed { expected } | Self::CheckFailed { expected } => expected,
        }
    }
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", self.expected())
    }
}

impl std::error::Error for AddressError {}

/// For a [`verify`](crate::ChainPlugin::verify) that reads the key out of the address.
impl From<AddressError> for Error {
    fn from(error: AddressError) -> Self {
        Self::InvalidInput(error.expected().into())
    }
}
