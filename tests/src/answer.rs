//! What the server answered, with the questions tests ask of it.

use reqwest::header::{HeaderMap, SET_COOKIE};
use serde_json::Value;

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
}

impl Answer {
    pub(crate) async fn read(response: reqwest::Response) -> reqwest::Result<Self> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Self {
            status,
            headers,
            text: response.text().await?,
        })
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A text field of the body.
    pub fn field(&self, name: &str) -> String {
        self.json()[name]
            .as_str()
            .unwrap_or_else(|| panic!("no text field {name}: {self:?}"))
            .to_owned()
    }

    /// A header's text; empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap_or(""))
    }

    /// The `Set-Cookie` header, if there is one.
    pub fn set_cookie(&self) -> Option<&str> {
        self.headers
            .get(SET_COOKIE)
            .and_then(|value| value.to_str().ok())
    }

    /// Asserts an error of the dialect: status, code, and everything an envelope must have.
    #[track_caller]
    pub fn assert_error(&self, status: u16, code: &str) {
        assert_eq!(
            (self.status, self.field("code").as_str()),
            (status, code),
            "{self:?}"
        );
        let family = match status {
            401 | 403 => "AuthError",
            429 => "RateLimitError",
            500.. => "ServerError",
            _ => "RequestError",
        };
        assert_eq!(self.field("error"), family, "{self:?}");
        assert!(self.field("message").ends_with('.'), "{self:?}");
        assert!(!self.header("x-request-id").is_empty(), "{self:?}");
        assert!(
            self.header("content-type").starts_with("application/json"),
            "{self:?}"
        );
        let body = self.json();
        let known = ["error", "code", "message", "details", "retryAfterMs"];
        assert!(
            body.as_object()
                .is_some_and(|body| body.keys().all(|key| known.contains(&key.as_str()))),
            "{self:?}"
        );
    }

    /// Asserts an error of introspection, as OAuth has it (RFC 6749 §5.2).
    #[track_caller]
    pub fn assert_oauth_error(&self, status: u16, code: &str) {
        let body = self.json();
        assert_eq!(
            (self.status, &body["error"]),
            (status, &Value::from(code)),
            "{self:?}"
        );
        let sentence = self.field("error_description");
        // What RFC 6749 admits in it.
        let is_plain = |b: u8| matches!(b, b' '..=b'~') && !matches!(b, b'"' | b'\\');
        assert!(
            sentence.ends_with('.') && sentence.bytes().all(is_plain),
            "{self:?}"
        );
        let members = body.as_object().map(serde_json::Map::len);
        assert_eq!(members, Some(2), "{self:?}");
        assert!(!self.header("x-request-id").is_empty(), "{self:?}");
        assert_eq!(self.header("cache-control"), "no-store", "{self:?}");
        assert_eq!(
            self.headers.contains_key("www-authenticate"),
            status == 401,
            "{self:?}"
        );
        assert_eq!(
            self.headers.contains_key("retry-after"),
            matches!(status, 429 | 503),
            "{self:?}"
        );
    }

    /// Asserts an error of the Aura dialect.
    #[track_caller]
    pub fn assert_aura_error(&self, status: u16, code: &str) {
        let body = self.json();
        let error = &body["error"];
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(error["code"], code, "{self:?}");
        let is_sentence = |text: &str| text.ends_with('.');
        assert!(
            error["message"].as_str().is_some_and(is_sentence),
            "{self:?}"
        );
        assert!(!self.header("x-request-id").is_empty(), "{self:?}");
        assert!(
            self.header("content-type").starts_with("application/json"),
            "{self:?}"
        );
        assert!(!self.header("ratelimit-limit").is_empty(), "{self:?}");
        let has_only = |value: &Value, known: &[&str]| {
            let object = value.as_object();
            object.is_some_and(|object| object.keys().all(|key| known.contains(&key.as_str())))
        };
        assert!(has_only(&body, &["error"]), "{self:?}");
        assert!(has_only(error, &["code", "message", "details"]), "{self:?}");
    }

    /// Asserts an error of the Aura dialect that names a field of the body by its JSON pointer.
    #[track_caller]
    pub fn assert_aura_error_at(&self, status: u16, code: &str, pointer: &str) {
        self.assert_aura_error(status, code);
        assert_eq!(
            self.json()["error"]["details"]["field"],
            pointer,
            "{self:?}"
        );
    }

    /// Asserts an error that names a field of the body by its JSON pointer.
    #[track_caller]
    pub fn assert_error_at(&self, status: u16, code: &str, pointer: &str) {
        self.assert_error(status, code);
        assert_eq!(self.json()["details"]["field"], pointer, "{self:?}");
    }
}
