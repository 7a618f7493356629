//! How the body is read: `application/x-www-form-urlencoded` (RFC 6749, appendix B), no field twice. What is refused is
//! never echoed.

use std::{collections::BTreeMap, net::IpAddr};

use poem::{Request, RequestBody, Result};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions, Object,
    registry::{MetaRequest, Registry},
    types::Type,
};

use super::error::OauthError;
use crate::http::payload;

const CONTENT_TYPE: &str = "application/x-www-form-urlencoded";

/// What is asked. Other fields are ignored, and one without a value counts as absent (RFC 6749 §3.2).
#[derive(Debug, Object)]
pub(super) struct IntrospectionRequest {
    /// The token, as the caller presented it: without `Bearer`.
    #[oai(validator(min_length = 1))]
    pub(super) token: String,
    /// Taken because RFC 7662 has it, and ignored: a token's form says what it is.
    #[oai(skip_serializing_if_is_none)]
    token_type_hint: Option<String>,
    /// The address that the caller's request came from, IPv4 or IPv6. Without it a key with an address list is not active.
    #[oai(skip_serializing_if_is_none, validator(max_length = 45))]
    ip: Option<String>,
}

impl IntrospectionRequest {
    fn read(bytes: &[u8]) -> Result<Self, OauthError> {
        let mut fields = fields(bytes)?;
        let mut take = |name| fields.remove(name).filter(|value| !value.is_empty());
        let token = take("token");
        Ok(Self {
            token: token.ok_or_else(no_token)?,
            token_type_hint: take("token_type_hint"),
            ip: take("ip"),
        })
    }

    /// Where the caller is. IPv4 in IPv6's form is IPv4.
    ///
    /// # Errors
    /// The text is no address.
    pub(super) fn ip(&self) -> Result<Option<IpAddr>, OauthError> {
        let read = |text: &String| text.parse::<IpAddr>().map(|ip| ip.to_canonical());
        self.ip.as_ref().map(read).transpose().map_err(|_| {
            OauthError::invalid_request(
                "The field ip is no IPv4 or IPv6 address, such as 203.0.113.7 or 2001:db8::7.",
            )
        })
    }
}

/// The answer to a question about nothing.
pub(super) fn no_token() -> OauthError {
    OauthError::invalid_request("The body has no token, which is what is asked about.")
}

/// A body that is a form.
#[derive(Debug)]
pub(super) struct StrictForm(pub(super) IntrospectionRequest);

impl<'a> ApiExtractor<'a> for StrictForm {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        IntrospectionRequest::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(payload::required::<IntrospectionRequest>(CONTENT_TYPE))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        payload::check_content_type(request, CONTENT_TYPE)?;
        let bytes = body.take()?.into_bytes().await?;
        Ok(Self(IntrospectionRequest::read(&bytes)?))
    }
}

/// The fields of a form, each of which may stand there once (RFC 6749 §3.2).
fn fields(bytes: &[u8]) -> Result<BTreeMap<String, String>, OauthError> {
    let mut fields = BTreeMap::new();
    for pair in bytes
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
    {
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let mut half = || decode(halves.next().unwrap_or_default());
        let malformed = || {
            OauthError::invalid_request(
                "The body is no form: a percent sign is followed by two hex digits, and all is UTF-8.",
            )
        };
        let (name, value) = (half(), half());
        let (name, value) = name.zip(value).ok_or_else(malformed)?;
        if fields.insert(name, value).is_some() {
            return Err(OauthError::invalid_request(
                "The body has a field twice; each may stand there once.",
            ));
        }
    }
    Ok(fields)
}

/// Undoes the encoding of a name or value: `+` is a space, `%` and two hex digits a byte.
fn decode(text: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => digit(rest.next())? << 4 | digit(rest.next())?,
            other => *other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: Option<&u8>) -> Option<u8> {
    let value = char::from(*byte?).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<IntrospectionRequest, String> {
        IntrospectionRequest::read(body.as_bytes()).map_err(|error| {
            let failure = error.example();
            assert_eq!(
                (failure.status, failure.code.as_str()),
                (400, "invalid_request")
            );
            failure.body["error_description"].to_string()
        })
    }

    #[test]
    fn a_form_is_decoded() {
        let asked = read("&token=a%2Bb+c%C3%A9&x&token_type_hint=&ip=2001%3adb8::7&").unwrap();
        assert_eq!(asked.token, "a+b cé");
        assert_eq!(asked.token_type_hint, None, "without a value it is absent");
        let ip = asked.ip().unwrap().map(|ip| ip.to_string());
        assert_eq!(ip.as_deref(), Some("2001:db8::7"));
        assert_eq!(read("token=a=b").unwrap().token, "a=b");
    }

    #[test]
    fn what_is_no_form_or_asks_nothing_is_refused() {
        for (body, sentence) in [
            ("", "no token"),
            ("token", "no token"),
            ("token=", "no token"),
            ("ip=203.0.113.7", "no token"),
            ("{\"token\":\"a\"}", "no token"),
            ("token=a&token=a", "a field twice"),
            ("token=a&ip=&ip=", "a field twice"),
            ("token=a&x=1&%78=2", "a field twice"),
            ("token=%", "no form"),
            ("token=%2", "no form"),
            ("token=%+1", "no form"),
            ("token=%zz", "no form"),
            ("token=%FF", "no form"),
        ] {
            let refusal = read(body).map(|_| body).unwrap_err();
            assert!(refusal.contains(sentence), "{body}: {refusal}");
        }
    }

    #[test]
    fn an_address_is_read_strictly() {
        for (text, expected) in [
            ("203.0.113.7", Some("203.0.113.7")),
            ("::ffff:203.0.113.7", Some("203.0.113.7")),
            ("2001:DB8::7", Some("2001:db8::7")),
            ("203.0.113.07", None),
            ("203.0.113.7:80", None),
            ("[2001:db8::7]", None),
            ("fe80::1%25eth0", None),
            ("203.0.113.0/24", None),
            ("+203.0.113.7", None),
            ("203.0.113.7, 10.0.0.1", None),
            ("unknown", None),
        ] {
            let asked = read(&format!("token=a&ip={text}")).unwrap();
            let ip = asked.ip().ok().flatten().map(|ip| ip.to_string());
            assert_eq!(ip.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn only_a_form_in_utf8_is_one() {
        for (content_type, expected) in [
            ("application/x-www-form-urlencoded", true),
            ("Application/X-WWW-Form-URLencoded; charset=UTF-8", true),
            ("application/x-www-form-urlencoded; charset=latin1", false),
            ("application/json", false),
            ("multipart/form-data; boundary=x", false),
        ] {
            assert_eq!(
                payload::is_content_type(content_type, CONTENT_TYPE),
                expected,
                "{content_type}"
            );
        }
    }
}
