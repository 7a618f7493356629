//! A client that signs in, by public endpoints only.

use countersign_core::message::format_instant;
use countersign_ethereum::Wallet;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::{
    Answer,
    documents::{self, Listener},
    secrets,
};

/// Speaks to one server, with the headers it was given.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    headers: Vec<(String, String)>,
    listener: Listener,
    /// The server whose secrets pass through here, by the URL of its main listener.
    server: String,
}

/// A session as a client holds it.
#[derive(Debug, Clone)]
pub struct Session {
    /// The token, out of the cookie.
    pub token: String,
    /// The `userId`.
    pub user_id: String,
}

impl Client {
    /// A client of the server at this URL.
    pub fn new(url: String) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client without TLS needs nothing");
        Self {
            http,
            server: url.clone(),
            url,
            headers: vec![],
            listener: Listener::Main,
        }
    }

    /// The same client for the internal listener at this URL.
    #[must_use]
    pub(crate) fn internal(mut self, url: String) -> Self {
        self.url = url;
        self.listener = Listener::Internal;
        self
    }

    /// Where it asks.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The same client with one more header on every request.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    /// The same client with a session cookie.
    #[must_use]
    pub fn with_cookie(&self, token: &str) -> Self {
        self.with("cookie", &format!("astra_session={token}"))
    }

    /// The same client with a bearer token.
    #[must_use]
    pub fn with_bearer(&self, token: &str) -> Self {
        self.with("authorization", &format!("Bearer {token}"))
    }

    /// A request to build further.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        self.headers.iter().fold(request, |request, (name, value)| {
            request.header(name, value)
        })
    }

    /// Sends a request; the error is the connection's.
    ///
    /// # Errors
    /// When the server goes away.
    pub async fn try_send(&self, request: RequestBuilder) -> reqwest::Result<Answer> {
        let request = request.build()?;
        let (method, path) = (
            request.method().to_string(),
            request.url().path().to_owned(),
        );
        let body = request.body().and_then(reqwest::Body::as_bytes);
        secrets::note_request(&self.server, body);
        let answer = Answer::read(self.http.execute(request).await?).await?;
        secrets::note_answer(&self.server, &answer);
        documents::assert_told(self.listener, &method, &path, &answer);
        Ok(answer)
    }

    /// Sends a request to a server that is there.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        self.try_send(request)
            .await
            .unwrap_or_else(|error| panic!("the server answers: {error:?}"))
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// POST of a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// POST of these bytes as JSON.
    pub async fn post_bytes(&self, path: &str, body: impl Into<reqwest::Body>) -> Answer {
        self.send(
            self.request(Method::POST, path)
                .header("content-type", "application/json")
                .body(body),
        )
        .await
    }

    /// A fresh nonce for a wallet.
    pub async fn nonce(&self, wallet: &Wallet) -> String {
        let answer = self
            .post("/auth/nonce", &json!({ "walletAddress": wallet.address() }))
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.field("nonce")
    }

    /// A message for a fresh nonce of this wallet, in the form dapps send.
    pub async fn message(&self, wallet: &Wallet) -> String {
        siwe_message(&self.url, wallet, &self.nonce(wallet).await)
    }

    /// The body of `POST /auth/siwe` for this message.
    pub fn signed(wallet: &Wallet, message: &str) -> Value {
        json!({ "message": message, "signature": wallet.sign(message.as_bytes()) })
    }

    /// Signs a message and submits it.
    pub async fn submit(&self, wallet: &Wallet, message: &str) -> Answer {
        self.post("/auth/siwe", &Self::signed(wallet, message))
            .await
    }

    /// Signs in; the error is the connection's.
    ///
    /// # Errors
    /// When the server goes away.
    pub async fn try_sign_in(&self, wallet: &Wallet) -> reqwest::Result<Session> {
        let nonce = self
            .request(Method::POST, "/auth/nonce")
            .json(&json!({ "walletAddress": wallet.address() }));
        let message = siwe_message(
            &self.url,
            wallet,
            &self.try_send(nonce).await?.field("nonce"),
        );
        let answer = self
            .try_send(
                self.request(Method::POST, "/auth/siwe")
                    .json(&Self::signed(wallet, &message)),
            )
            .await?;
        Ok(Session::of(&answer))
    }

    /// Signs in to a server that is there.
    pub async fn sign_in(&self, wallet: &Wallet) -> Session {
        self.try_sign_in(wallet)
            .await
            .unwrap_or_else(|error| panic!("the server answers: {error:?}"))
    }
}

impl Session {
    /// Reads the answer of a sign-in.
    pub fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{answer:?}");
        let cookie = answer
            .set_cookie()
            .unwrap_or_else(|| panic!("no cookie: {answer:?}"));
        let value = cookie
            .strip_prefix("astra_session=")
            .and_then(|rest| rest.split(';').next());
        Self {
            token: value.expect("the session cookie").to_owned(),
            user_id: answer.field("userId"),
        }
    }
}

/// An EIP-4361 message for the server at this URL, issued now, for chain 1.
pub fn siwe_message(url: &str, wallet: &Wallet, nonce: &str) -> String {
    #[expect(clippy::disallowed_methods, reason = "a dapp takes the machine's time")]
    let issued_at = format_instant(OffsetDateTime::now_utc());
    let (domain, address) = (url.trim_start_matches("http://"), wallet.address());
    format!(
        "{domain} wants you to sign in with your Ethereum account:\n{address}\n\nSign in to the test.\n\n\
         URI: {url}\nVersion: 1\nChain ID: 1\nNonce: {nonce}\nIssued At: {issued_at}"
    )
}
