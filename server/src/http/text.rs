//! Strings with a form of their own, published as a pattern or format of the schema.

use std::{borrow::Cow, fmt, marker::PhantomData, ops::Deref};

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;

/// A form of text.
pub(crate) trait Form: Send + Sync + 'static {
    /// As ECMA-262 and the regex crate both read it; it holds for the whole text.
    const PATTERN: Option<&'static str> = None;
    /// A name of the OpenAPI format registry.
    const FORMAT: Option<&'static str> = None;
    /// The form in words.
    const EXPECTED: &'static str;
}

/// Bytes in hex.
#[derive(Debug)]
pub(crate) enum Hex {}

impl Form for Hex {
    const PATTERN: Option<&'static str> = Some("^(0[xX])?([0-9a-fA-F]{2})*$");
    const EXPECTED: &'static str = "an even number of hex digits, with or without 0x";
}

/// A chain id (CAIP-2).
#[derive(Debug)]
pub(crate) enum Caip2 {}

impl Form for Caip2 {
    const PATTERN: Option<&'static str> = Some("^[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}$");
    const EXPECTED: &'static str = "a CAIP-2 chain id such as eip155:1 or alephium:mainnet";
}

/// An address or a block of them; a schema cannot say that a block's host bits are zero.
#[derive(Debug)]
pub(crate) enum Cidr {}

impl Form for Cidr {
    const PATTERN: Option<&'static str> = Some("^[0-9a-fA-F.:]{2,45}(/[0-9]{1,3})?$");
    const EXPECTED: &'static str =
        "an IPv4 or IPv6 address, or a CIDR block whose host bits are zero, such as 203.0.113.0/24";
}

/// A label for people: one line, without what makes text look like other text. The pattern names neither U+2028 nor
/// U+2029, which end a line in the source code that some generators write it into.
#[derive(Debug)]
pub(crate) enum Label {}

impl Form for Label {
    const PATTERN: Option<&'static str> =
        Some(r"^[^\u0000-\u001F\u007F-\u009F\u200E\u200F\u2027-\u202F\u2066-\u2069]*$");
    const EXPECTED: &'static str = "one line without control or direction characters";
}

/// An instant (RFC 3339).
#[derive(Debug)]
pub(crate) enum DateTime {}

impl Form for DateTime {
    const FORMAT: Option<&'static str> = Some("date-time");
    const EXPECTED: &'static str = "an instant, RFC 3339";
}

/// The words of a pattern that is published.
pub(crate) fn expected(pattern: &str) -> &'static str {
    let of = |form: (Option<&str>, &'static str)| (form.0 == Some(pattern)).then_some(form.1);
    [
        (Hex::PATTERN, Hex::EXPECTED),
        (Caip2::PATTERN, Caip2::EXPECTED),
        (Cidr::PATTERN, Cidr::EXPECTED),
        (Label::PATTERN, Label::EXPECTED),
    ]
    .into_iter()
    .find_map(of)
    .expect("every pattern of a request is one of a form's")
}

/// A string of this form. Requests are compared with the form by [`Shape`](super::shape::Shape).
pub(crate) struct Text<F> {
    text: String,
    form: PhantomData<F>,
}

impl<F> Text<F> {
    /// The text itself.
    pub(crate) fn into_string(self) -> String {
        self.text
    }
}

impl<F> From<String> for Text<F> {
    fn from(text: String) -> Self {
        Self {
            text,
            form: PhantomData,
        }
    }
}

impl<F> Deref for Text<F> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl<F> fmt::Debug for Text<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl<F: Form> Type for Text<F> {
    const IS_REQUIRED: bool = true;

    type RawValueType = String;
    type RawElementValueType = String;

    fn name() -> Cow<'static, str> {
        "string".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            format: F::FORMAT,
            pattern: F::PATTERN.map(str::to_owned),
            ..MetaSchema::new("string")
        }))
    }

    fn as_raw_value(&self) -> Option<&String> {
        Some(&self.text)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a String> + 'a> {
        Box::new(std::iter::once(&self.text))
    }
}

impl<F: Form> ParseFromJSON for Text<F> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            Some(Value::String(text)) => Ok(text.into()),
            other => Err(ParseError::expected_type(other.unwrap_or_default())),
        }
    }
}

impl<F: Form> ToJSON for Text<F> {
    fn to_json(&self) -> Option<Value> {
        Some(self.text.clone().into())
    }
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;

    fn fits<F: Form>(text: &str) -> bool {
        let pattern = Regex::new(F::PATTERN.unwrap()).unwrap();
        pattern.is_match(text)
    }

    /// What a pattern refuses is not read further, so it must refuse nothing that is good.
    #[test]
    fn patterns_fit_what_is_good_and_refuse_what_is_not() {
        for text in ["", "0x", "0Xab", "abCD"] {
            assert!(fits::<Hex>(text), "{text:?}");
        }
        for text in ["0xa", "0x0xab", "ab\n", " ab", "é"] {
            assert!(!fits::<Hex>(text), "{text:?}");
        }
        for text in ["eip155:1", "alephium:mainnet"] {
            assert!(fits::<Caip2>(text), "{text:?}");
        }
        for text in ["eip155", "eip155:", "EIP155:1", "eip155:1\n", "eip155:1:1"] {
            assert!(!fits::<Caip2>(text), "{text:?}");
        }
        for text in ["::", "10.0.0.0/8", "2001:db8::/32", "::ffff:203.0.113.7"] {
            assert!(fits::<Cidr>(text), "{text:?}");
        }
        for text in ["", "fe80::1%eth0", "10.0.0.0/8/8", "example.com"] {
            assert!(!fits::<Cidr>(text), "{text:?}");
        }
        for text in ["trading bot", "Größe 🦀", "-"] {
            assert!(fits::<Label>(text), "{text:?}");
        }
        for text in ["a\nb", "a\u{202e}b", "\u{0}", "a\u{85}", "\u{2066}x"] {
            assert!(!fits::<Label>(text), "{text:?}");
        }
    }
}
