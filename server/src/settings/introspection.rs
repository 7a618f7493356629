//! The services that may ask about tokens, as meant.

use countersign_core::{profile::Profile, secret::HashedSecret};

use super::{InvalidSetting, invalid};
use crate::config::{Config, IntrospectionClient as Written};

const SETTING: &str = "introspection.clients";
/// Longer names are no names.
const LONGEST_NAME: usize = 32;

/// A service that may ask about the tokens of one dialect.
#[derive(Debug, Clone)]
pub(crate) struct IntrospectionClient {
    /// By what operators know it.
    pub name: String,
    /// The dialect.
    pub profile: Profile,
    /// Of its credential.
    pub secret_hash: HashedSecret,
}

pub(super) fn clients(config: &Config) -> Result<Vec<IntrospectionClient>, InvalidSetting> {
    let written = &config.introspection.clients;
    for (at, client) in written.iter().enumerate() {
        let before = &written[..at];
        if before.iter().any(|other| other.name == client.name) {
            return Err(invalid(SETTING, &client.name, "each name once"));
        }
        if before.iter().any(|other| other.sha256 == client.sha256) {
            let expected = "a credential of its own, which no other client has";
            return Err(invalid(SETTING, &client.name, expected));
        }
    }
    let clients = written.iter().map(client).collect::<Result<_, _>>()?;
    match written.first().filter(|_| config.internal.listen.is_none()) {
        Some(first) => Err(invalid(
            SETTING,
            &first.name,
            "internal.listen to be set, because introspection is served there and nowhere else",
        )),
        None => Ok(clients),
    }
}

fn client(written: &Written) -> Result<IntrospectionClient, InvalidSetting> {
    let refuse = |expected: &str| invalid(SETTING, &written.name, expected);
    if !is_name(&written.name) {
        return Err(refuse("a name of 1 to 32 of a-z, 0-9 and -"));
    }
    let profile = Profile::parse(&written.profile);
    let secret_hash = digest(&written.sha256);
    Ok(IntrospectionClient {
        name: written.name.clone(),
        profile: profile.ok_or_else(|| refuse("its profile to be ocx or aura"))?,
        secret_hash: secret_hash.ok_or_else(|| {
            refuse("its sha256 to be 64 lower-case hex digits, as `countersign service-credential new` prints them")
        })?,
    })
}

/// Whether a text is a service's name.
pub(crate) fn is_name(text: &str) -> bool {
    let is_of_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(is_of_name)
}

/// One spelling only, so that the same credential cannot stand there twice.
fn digest(text: &str) -> Option<HashedSecret> {
    let mut digest = [0; 32];
    hex::decode_to_slice(text, &mut digest).ok()?;
    let is_lower_case = !text.bytes().any(|b| b.is_ascii_uppercase());
    is_lower_case.then(|| HashedSecret::from_bytes(digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str) -> Written {
        Written {
            name: name.to_owned(),
            profile: "ocx".to_owned(),
            sha256: hex::encode(HashedSecret::of(name.as_bytes()).as_bytes()),
        }
    }

    /// Two clients and an internal listener, which are in order, and then changed.
    fn parsed(change: impl Fn(&mut Config)) -> Result<Vec<IntrospectionClient>, String> {
        let mut config = Config::default();
        config.internal.listen = Some("127.0.0.1:9464".into());
        config.introspection.clients = vec![written("orders"), written("wallet-2")];
        change(&mut config);
        clients(&config).map_err(|error| error.to_string())
    }

    #[test]
    fn clients_are_read() {
        let read = parsed(|c| c.introspection.clients[1].profile = "aura".into()).unwrap();
        assert_eq!(read[0].secret_hash, HashedSecret::of(b"orders"));
        assert_eq!(
            (read[0].profile, read[1].profile),
            (Profile::Ocx, Profile::Aura)
        );
        let none = parsed(|c| {
            c.introspection.clients.clear();
            c.internal.listen = None;
        });
        assert!(none.unwrap().is_empty());
    }

    #[test]
    fn a_refusal_names_the_client_and_what_was_expected() {
        let second = |change: fn(&mut Written)| {
            let refused = parsed(|c| change(&mut c.introspection.clients[1]));
            refused.map(drop).unwrap_err()
        };
        for (refusal, expected) in [
            (second(|c| c.name = "orders".into()), "each name once"),
            (
                second(|c| c.sha256 = written("orders").sha256),
                "a credential of its own",
            ),
            (second(|c| c.name.clear()), "a name of 1 to 32"),
            (second(|c| c.name = "a".repeat(33)), "a name of 1 to 32"),
            (second(|c| c.name = "Orders".into()), "a name of 1 to 32"),
            (second(|c| c.name = "a b".into()), "a name of 1 to 32"),
            (second(|c| c.profile = "OCX".into()), "ocx or aura"),
            (second(|c| c.profile.clear()), "ocx or aura"),
            (second(|c| c.sha256.clear()), "64 lower-case hex digits"),
            (
                second(|c| c.sha256 = c.sha256.to_uppercase()),
                "64 lower-case hex digits",
            ),
            (
                second(|c| {
                    c.sha256.pop();
                }),
                "64 lower-case hex digits",
            ),
        ] {
            assert!(refusal.starts_with("introspection.clients = "), "{refusal}");
            assert!(refusal.contains(expected), "{refusal}");
        }
    }

    #[test]
    fn clients_without_the_listener_that_would_serve_them_are_refused() {
        let refusal = parsed(|c| c.internal.listen = None).map(drop).unwrap_err();
        assert!(refusal.contains("internal.listen to be set"), "{refusal}");
    }
}
