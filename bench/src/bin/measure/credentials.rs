//! Real sessions and real keys, most of them made through the server's own routes.

use std::{fmt::Display, fs, path::PathBuf};

use countersign_core::secret::Secret;
use countersign_ethereum::Wallet;
use countersign_server::random::SystemRandom;
use countersign_tests::Client;
use futures_util::future::join_all;
use serde_json::json;
use tempfile::TempDir;

use crate::plan::CREDENTIALS_EACH;

/// Files of headers, one credential a line.
pub(crate) struct Credentials {
    directory: TempDir,
    keys: Vec<String>,
    tokens: Vec<String>,
}

impl Credentials {
    /// So many accounts sign in, each so many times, and make keys.
    pub(crate) async fn obtain(client: &Client, accounts: usize, sessions_each: usize) -> Self {
        let account = |_| tokio::spawn(account(client.clone(), sessions_each));
        let accounts = (0..accounts).map(account);
        let all = join_all(accounts).await;
        let made = all.into_iter().map(|made| made.expect("no panic"));
        let (tokens, keys): (Vec<_>, Vec<_>) = made.unzip();
        let (tokens, keys) = (tokens.concat(), keys.concat());
        Self {
            directory: tempfile::tempdir().expect("a temporary directory"),
            keys,
            tokens,
        }
    }

    /// Keys that were put into the database.
    pub(crate) fn of_keys(secrets: &[Secret]) -> Self {
        Self {
            directory: tempfile::tempdir().expect("a temporary directory"),
            keys: secrets
                .iter()
                .map(|secret| secret.expose().to_owned())
                .collect(),
            tokens: vec![],
        }
    }

    /// How many keys.
    pub(crate) fn count(&self) -> usize {
        self.keys.len()
    }

    /// No credential.
    pub(crate) fn nothing(&self) -> PathBuf {
        self.file("nothing", [""])
    }

    /// API keys in `x-api-key`.
    pub(crate) fn keys(&self) -> PathBuf {
        let lines = self.keys.iter().map(|key| format!("x-api-key: {key}"));
        self.file("keys", lines)
    }

    /// What a proxy sends to ask about a request with an API key.
    pub(crate) fn asked_about(&self) -> PathBuf {
        let line = |key| {
            format!(
                "x-forwarded-method: GET\tx-forwarded-uri: /perps/positions?limit=50\t\
                 x-forwarded-for: 203.0.113.7\tx-api-key: {key}"
            )
        };
        self.file("asked-about", self.keys.iter().map(line))
    }

    /// Sessions as cookies.
    pub(crate) fn cookies(&self) -> PathBuf {
        let line = |token| format!("cookie: astra_session={token}");
        self.file("cookies", self.tokens.iter().map(line))
    }

    /// Sessions as bearer tokens.
    pub(crate) fn bearers(&self) -> PathBuf {
        let line = |token| format!("authorization: Bearer {token}");
        self.file("bearers", self.tokens.iter().map(line))
    }

    fn file(&self, name: &str, lines: impl IntoIterator<Item = impl Display>) -> PathBuf {
        let path = self.directory.path().join(name);
        let text: String = lines.into_iter().map(|line| format!("{line}\n")).collect();
        fs::write(&path, text).expect("the directory is ours");
        path
    }
}

/// The tokens and keys of a new account, made one after the other.
async fn account(client: Client, sessions: usize) -> (Vec<String>, Vec<String>) {
    let wallet = Wallet::generate(&SystemRandom);
    let (mut tokens, mut keys) = (vec![], vec![]);
    for _ in 0..sessions {
        tokens.push(client.sign_in(&wallet).await.token);
    }
    let signed_in = client.with_bearer(&tokens[0]);
    for number in 0..CREDENTIALS_EACH {
        let asked = json!({ "name": number.to_string(), "scope": "read", "expiresInDays": 1 });
        let answer = signed_in.post("/perps/me/api-keys", &asked).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        keys.push(answer.field("secret"));
    }
    (tokens, keys)
}
