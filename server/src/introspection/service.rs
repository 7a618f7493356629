//! Who asks: a service of the platform, by its credential.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use countersign_core::{
    clock::SystemClock,
    profile::Profile,
    secret::HashedSecret,
    service::{Access, Credentials, Limits, Presented, Rules},
    service_credential,
};
use poem::{
    Request, Result,
    http::{HeaderMap, header},
};
use poem_openapi::registry::{MetaSecurityScheme, Registry};

use super::{Introspection, error::OauthError};
use crate::{
    aura,
    http::{fault::Fault, secured::Security},
    ocx,
    settings::IntrospectionClient,
};

/// A service that may ask about the tokens of one dialect.
pub(super) struct Service {
    client: IntrospectionClient,
    /// Finds out about those tokens.
    pub(super) access: Access,
    /// Of its callers. Each service has its own, so that none can use up what others may.
    pub(super) limits: Arc<Limits>,
}

impl Service {
    /// As configured, with limits of its own.
    pub(super) fn new(
        client: &IntrospectionClient,
        credentials: &Arc<Credentials>,
        limits: Limits,
    ) -> Self {
        let limits = Arc::new(limits);
        let clock = Arc::new(SystemClock);
        // What a request may do is for the service to judge; here nothing is let in.
        let rules = Rules::only(vec![]);
        let credentials = credentials.clone();
        Self {
            access: Access::new(client.profile, rules, credentials, limits.clone(), clock),
            client: client.clone(),
            limits,
        }
    }

    /// What a token's form says it is, in the service's dialect.
    pub(super) fn presented(&self, token: &[u8]) -> Presented {
        match self.client.profile {
            Profile::Ocx => ocx::presented_as_token(token),
            Profile::Aura => aura::presented_as_token(token),
        }
    }
}

/// How a service can show who it is.
const BEARER: &str = "Bearer realm=\"introspection\"";
/// The other way.
const BASIC: &str = "Basic realm=\"introspection\", charset=\"UTF-8\"";

/// What a request shows.
#[derive(Debug, PartialEq, Eq)]
enum Shown {
    /// A secret.
    Bearer(HashedSecret),
    /// A name and its secret.
    Basic(String, HashedSecret),
}

impl Introspection {
    fn asking(&self, headers: &HeaderMap) -> Result<Arc<Service>, OauthError> {
        let shown = shown(headers)?;
        let (name, hash, challenge) = match &shown {
            Shown::Bearer(hash) => (None, hash, BEARER),
            Shown::Basic(name, hash) => (Some(name), hash, BASIC),
        };
        let is_meant = |service: &&Arc<Service>| {
            let client = &service.client;
            client.secret_hash == *hash && name.is_none_or(|name| *name == client.name)
        };
        let found = self.services.iter().find(is_meant).cloned();
        found.ok_or_else(|| unknown(challenge))
    }
}

/// Reads the one `Authorization` header. The scheme's letter case does not matter (RFC 9110).
fn shown(headers: &HeaderMap) -> Result<Shown, OauthError> {
    let mut sent = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (sent.next(), sent.next()) else {
        return Err(no_credential());
    };
    let text = value.to_str().unwrap_or_default();
    let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
    if scheme.eq_ignore_ascii_case("Basic") {
        return basic(rest).ok_or_else(|| unknown(BASIC));
    }
    let bearer = scheme.eq_ignore_ascii_case("Bearer").then(|| secret(rest));
    let bearer = bearer.flatten().map(Shown::Bearer);
    bearer.ok_or_else(|| unknown(BEARER))
}

/// `name:secret` in Base64 (RFC 7617). RFC 6749 §2.3.1 has both form-encoded first, which changes nothing in ours.
fn basic(credentials: &str) -> Option<Shown> {
    let pair = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
    let (name, text) = pair.split_once(':')?;
    Some(Shown::Basic(name.to_owned(), secret(text)?))
}

fn secret(text: &str) -> Option<HashedSecret> {
    service_credential::has_form(text).then(|| HashedSecret::of(text.as_bytes()))
}

/// The answer to a request that shows none, or two.
pub(super) fn no_credential() -> OauthError {
    OauthError::invalid_client(
        "Show one service credential, as Authorization: Bearer or as the password of Basic.",
        BEARER,
    )
}

fn unknown(challenge: &str) -> OauthError {
    OauthError::invalid_client(
        "The service credential is none of introspection.clients.",
        challenge,
    )
}

/// The service that asks.
pub(super) struct Asking(pub(super) Arc<Service>);

impl Security for Asking {
    const SCHEMES: &'static [&'static str] = &[BEARER_SCHEME, BASIC_SCHEME];

    fn register(registry: &mut Registry) {
        registry.create_security_scheme(
            BEARER_SCHEME,
            scheme("bearer", "A service credential, `cs_svc_…`"),
        );
        registry.create_security_scheme(
            BASIC_SCHEME,
            scheme("basic", "A service's name, and its credential as password"),
        );
    }

    async fn find(request: &Request) -> Result<Self> {
        let introspection: &Arc<Introspection> = request.data().ok_or(Fault::Internal)?;
        Ok(Self(introspection.asking(request.headers())?))
    }
}

const BEARER_SCHEME: &str = "serviceCredential";
const BASIC_SCHEME: &str = "serviceNameAndCredential";

const fn scheme(scheme: &'static str, description: &'static str) -> MetaSecurityScheme {
    MetaSecurityScheme {
        ty: "http",
        description: Some(description),
        name: None,
        key_in: None,
        scheme: Some(scheme),
        bearer_format: None,
        flows: None,
        openid_connect_url: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The checksum is right, so the form is.
    const SECRET: &str = "cs_svc_ExampleKeyThatNobodyHasEverHeld0123VZ4XI";

    fn read(values: &[&str]) -> Result<Shown, String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, value.parse().unwrap());
        }
        shown(&headers).map_err(|error| match error {
            OauthError::Unauthorized(_, challenge) => {
                challenge.split(' ').next().unwrap_or_default().to_owned()
            }
            other => panic!("{other:?}"),
        })
    }

    fn basic_of(pair: &str) -> String {
        format!("Basic {}", STANDARD.encode(pair))
    }

    #[test]
    fn a_credential_travels_in_either_scheme() {
        let hash = HashedSecret::of(SECRET.as_bytes());
        let bearer = format!("bearer {SECRET}");
        assert_eq!(read(&[&bearer]), Ok(Shown::Bearer(hash)));
        let basic = basic_of(&format!("orders:{SECRET}"));
        assert_eq!(read(&[&basic]), Ok(Shown::Basic("orders".into(), hash)));
    }

    #[test]
    fn anything_else_is_none_and_the_answer_names_the_scheme_that_was_used() {
        let bearer = format!("Bearer {SECRET}");
        for (values, challenge) in [
            (vec![], "Bearer"),
            (vec![bearer.as_str(), bearer.as_str()], "Bearer"),
            (vec![""], "Bearer"),
            (vec!["Bearer"], "Bearer"),
            (vec![SECRET], "Bearer"),
            (vec!["Bearer cs_svc_1"], "Bearer"),
            (
                vec!["Bearer ocx_sk_ExampleKeyThatNobodyHasEverHeld0124FF1de"],
                "Bearer",
            ),
            (vec!["Digest a"], "Bearer"),
            (vec!["Basic"], "Basic"),
            (vec!["Basic !"], "Basic"),
            (vec![&basic_of(SECRET)], "Basic"),
            (vec![&basic_of("orders:")], "Basic"),
        ] {
            assert_eq!(read(&values), Err(challenge.to_owned()), "{values:?}");
        }
    }
}
