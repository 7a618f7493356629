//! `POST /oauth2/introspect`, on the internal listener.

mod addresses;
mod answers;
mod limits;
mod refusals;
mod service_credentials;

use countersign_core::{profile::Profile, service_credential};
use countersign_server::random::SystemRandom;
use countersign_tests::{Answer, Client, Server, secrets};
use reqwest::Method;
use serde_json::{Value, json};

use crate::access::history::History;

const PATH: &str = "/oauth2/introspect";
const FORM: &str = "application/x-www-form-urlencoded";
const INTERNAL: (&str, &str) = ("COUNTERSIGN__INTERNAL__LISTEN", "127.0.0.1:0");
/// Two services of one dialect, one of the other.
const SERVICES: [(&str, Profile); 3] = [
    ("orders", Profile::Ocx),
    ("funds", Profile::Ocx),
    ("shop", Profile::Aura),
];

/// A server, and the services that ask it.
pub(crate) struct Platform {
    pub(crate) server: Server,
    secrets: [String; SERVICES.len()],
}

impl Platform {
    async fn start() -> Self {
        Self::serve(History::begin().await, &[]).await
    }

    /// A server on what was prepared.
    pub(crate) async fn serve(history: History, environment: &[(&str, &str)]) -> Self {
        let secrets = SERVICES.map(|_| {
            service_credential::generate(&SystemRandom)
                .expose()
                .to_owned()
        });
        let services = SERVICES.iter().zip(&secrets);
        let stanzas = services.map(|((name, profile), secret)| stanza(name, *profile, secret));
        history.configure(&stanzas.collect::<String>());
        let environment: Vec<_> = [INTERNAL].iter().chain(environment).copied().collect();
        let server = history.serve(&environment).await;
        for secret in &secrets {
            secrets::note_secret(server.url(), secret);
        }
        Self { server, secrets }
    }

    /// A service's client.
    fn service(&self, name: &str) -> Client {
        let at = SERVICES.iter().position(|(known, _)| *known == name);
        let secret = &self.secrets[at.expect("one of the services")];
        self.server.internal_client().with_bearer(secret)
    }

    /// The client of a service of OCX.
    pub(crate) fn ocx(&self) -> Client {
        self.service("orders")
    }

    /// The client of a service of Aura.
    pub(crate) fn aura(&self) -> Client {
        self.service("shop")
    }
}

fn stanza(name: &str, profile: Profile, secret: &str) -> String {
    use sha2::Digest;
    let (profile, digest) = (profile.as_str(), sha2::Sha256::digest(secret));
    let sha256 = hex::encode(digest);
    format!(
        "[[introspection.clients]]\nname = '{name}'\nprofile = '{profile}'\nsha256 = '{sha256}'\n"
    )
}

/// Asks with this body.
async fn post(client: &Client, content_type: &str, body: impl Into<reqwest::Body>) -> Answer {
    let request = client.request(Method::POST, PATH);
    let request = request.header("content-type", content_type).body(body);
    client.send(request).await
}

/// Asks about a token, telling where its holder is unless that is empty.
pub(crate) async fn ask(client: &Client, token: &str, ip: &str) -> Answer {
    let ip = match ip {
        "" => String::new(),
        ip => format!("&ip={ip}"),
    };
    post(client, FORM, format!("token={token}{ip}")).await
}

/// Asks about a token that is good.
async fn ask_good(client: &Client, token: &str) -> Value {
    let answer = ask(client, token, "").await;
    assert_eq!(
        (answer.status, &answer.json()["active"]),
        (200, &json!(true)),
        "{answer:?}"
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.json()
}

/// Asserts the answer about a token that is good for nothing: it says nothing else.
#[track_caller]
fn assert_inactive(answer: &Answer) {
    assert_eq!(
        (answer.status, answer.text.as_str()),
        (200, r#"{"active":false}"#),
        "{answer:?}"
    );
    assert_eq!(answer.header("cache-control"), "no-store");
}

/// A key's secret that nobody holds, in the form of a dialect.
pub(crate) fn unknown_key(profile: Profile) -> String {
    use countersign_core::{
        Clock,
        account::AccountId,
        api_key::{ApiKeyOwner, ApiKeyRequest, IssuedApiKey},
        clock::SystemClock,
        scope::ScopeSet,
        wallet::WalletKey,
    };
    let now = SystemClock.now();
    let owner = ApiKeyOwner {
        account: AccountId::generate(now, &SystemRandom),
        wallet: "eip155:1:0xab".parse().expect("a CAIP-10 name"),
        wallet_key: WalletKey::from_stored("nobody's"),
    };
    let request = ApiKeyRequest {
        name: None,
        scopes: ScopeSet::default(),
        allowlist: Default::default(),
        ttl: None,
    };
    let issued = IssuedApiKey::generate(profile, owner, &request, now, &SystemRandom);
    issued.secret.expose().to_owned()
}
