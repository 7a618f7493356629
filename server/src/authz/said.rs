//! What a proxy says of a request in headers. What is missing, empty or there twice is refused: a header that the
//! proxy did not set may be the client's.

use poem::http::{HeaderMap, HeaderName, HeaderValue};

use crate::http::fault::Fault;

/// A header of a proxy.
pub(super) struct Header {
    /// By this it is found.
    pub name: HeaderName,
    /// So people write it.
    pub shown: &'static str,
    /// What it must be, as a sentence goes on.
    expected: &'static str,
}

impl Header {
    pub(super) const fn new(
        name: &'static str,
        shown: &'static str,
        expected: &'static str,
    ) -> Self {
        Self {
            name: HeaderName::from_static(name),
            shown,
            expected,
        }
    }

    /// The one value, which must be there.
    ///
    /// # Errors
    /// [`Fault::Unjudgeable`].
    pub(super) fn only<'a>(&self, found: Said<'a>) -> Result<&'a str, Fault> {
        found.text().ok_or_else(|| self.unjudgeable())
    }

    /// What is wrong about it.
    pub(super) fn unjudgeable(&self) -> Fault {
        Fault::Unjudgeable {
            header: self.shown,
            expected: self.expected,
        }
    }
}

/// What a request says under one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said<'a> {
    Nothing,
    Once(&'a HeaderValue),
    Repeatedly,
}

impl<'a> Said<'a> {
    /// What is said once, and is not empty.
    pub(super) fn text(self) -> Option<&'a str> {
        match self {
            Self::Once(value) => value.to_str().ok().filter(|text| !text.is_empty()),
            Self::Nothing | Self::Repeatedly => None,
        }
    }
}

/// What a request says under these names. Going through all headers once costs less than looking up several names, each
/// of which is hashed.
pub(super) fn read<'a, const N: usize>(
    headers: &'a HeaderMap,
    names: [&HeaderName; N],
) -> [Said<'a>; N] {
    let mut all = [Said::Nothing; N];
    for (name, value) in headers {
        let Some(at) = names.iter().position(|wanted| *wanted == name) else {
            continue;
        };
        all[at] = match all[at] {
            Said::Nothing => Said::Once(value),
            Said::Once(_) | Said::Repeatedly => Said::Repeatedly,
        };
    }
    all
}
