//! Long-lived credentials for programs: a public id, a secret shown once, its hash stored.

use std::{fmt, net::IpAddr, sync::Arc};

use time::{Duration, OffsetDateTime};

use crate::{
    Random,
    account::AccountId,
    allowlist::Allowlist,
    chain::ChainAddress,
    profile::Profile,
    scope::ScopeSet,
    secret::{HashedSecret, Secret},
    secret_format::Format,
    wallet::WalletKey,
};

/// Names a key in public: `ocx_kid_` and 16 characters of Crockford's base32 (OCX), or a UUID of
/// version 4 (Aura, RFC 9562 §5.4). It authenticates nobody.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ApiKeyId(Arc<str>);

impl ApiKeyId {
    /// A fresh id in the form of the dialect.
    pub fn generate(profile: Profile, random: &dyn Random) -> Self {
        let mut bits = [0; 16];
        random.fill(&mut bits);
        let text = match profile {
            // The last 16 characters of a ULID are all random.
            Profile::Ocx => format!(
                "ocx_kid_{}",
                &ulid::Ulid::from_bytes(bits).to_string()[10..]
            ),
            Profile::Aura => uuid::Builder::from_random_bytes(bits)
                .into_uuid()
                .to_string(),
        };
        Self(text.into())
    }

    /// Takes an id as it came, from a request or a row. It is not checked: one of another form is an id
    /// nobody has.
    pub fn from_text(text: &str) -> Self {
        Self(text.into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ApiKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A key as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The key's permanent name.
    pub id: ApiKeyId,
    /// The dialect it was issued in and is valid in.
    pub profile: Profile,
    /// Whose it is.
    pub account: AccountId,
    /// The wallet it was minted with, on the chain it named.
    pub wallet: ChainAddress,
    /// By what that wallet is known, whatever chain it named.
    pub wallet_key: WalletKey,
    /// The owner's label.
    pub name: Option<String>,
    /// The first characters of the secret, by which its owner can tell it from others: the dialect's
    /// prefix and four more, as in `ocx_sk_Ab12`.
    pub secret_prefix: String,
    /// SHA-256 of the whole secret, prefix and checksum included.
    pub secret_hash: HashedSecret,
    /// What it may do.
    pub scopes: ScopeSet,
    /// From where; empty: from everywhere.
    pub allowlist: Allowlist,
    /// Reads a minute, where they differ from the dialect's; a tenth as many writes. No flow sets it: an
    /// operator does, in the store.
    pub rate_limit_per_minute: Option<u32>,
    /// When it was issued.
    pub created_at: OffsetDateTime,
    /// The first instant at which it is no longer valid; `None`: it never expires.
    pub expires_at: Option<OffsetDateTime>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<OffsetDateTime>,
    /// When and from where it was last used with success. Written in batches, so a crash can lose some seconds.
    pub last_use: Option<LastUse>,
}

/// When and from where a key was last used with success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastUse {
    /// When, in whole seconds.
    pub at: OffsetDateTime,
    /// From where; absent when it is not known (see [`ClientAddress::shown`](crate::client_address::ClientAddress::shown)).
    pub ip: Option<IpAddr>,
}

/// What a key is good for at some instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiKeyStatus {
    /// It authenticates.
    Active,
    /// Its time is over.
    Expired,
    /// It was revoked, perhaps after it expired.
    Revoked,
}

impl ApiKey {
    /// What it is good for at this instant; at `expires_at` itself it is expired.
    pub fn status(&self, now: OffsetDateTime) -> ApiKeyStatus {
        if self.revoked_at.is_some() {
            ApiKeyStatus::Revoked
        } else if self.expires_at.is_some_and(|end| now >= end) {
            ApiKeyStatus::Expired
        } else {
            ApiKeyStatus::Active
        }
    }
}

/// What the owner of a new key asks for. The caller checks it against what its dialect admits, such as
/// the length of the name: nothing here is refused.
#[derive(Debug, Clone)]
pub struct ApiKeyRequest {
    /// A label, for the owner's eyes only.
    pub name: Option<String>,
    /// What it may do. An empty set is a key that passes only where any key does.
    pub scopes: ScopeSet,
    /// From where; empty: from everywhere.
    pub allowlist: Allowlist,
    /// For how long; `None` for good.
    pub ttl: Option<Duration>,
}

/// Whom a new key acts for.
#[derive(Debug, Clone)]
pub struct ApiKeyOwner {
    /// The account.
    pub account: AccountId,
    /// The wallet, on the chain it named.
    pub wallet: ChainAddress,
    /// By what that wallet is known, whatever chain it named.
    pub wallet_key: WalletKey,
}

/// A key with its secret, which exists only at issue.
#[derive(Debug, Clone)]
pub struct IssuedApiKey {
    /// What is stored.
    pub key: ApiKey,
    /// What the client gets, once: `ocx_sk_` and 40 characters, or `aura_live_` and 32. The last six are a
    /// checksum (see [`has_form`]).
    pub secret: Secret,
}

impl IssuedApiKey {
    /// A fresh key, which is stored nowhere yet: [`ApiKeys`](crate::service::ApiKeys) is the way to mint
    /// one. `now` is in whole milliseconds.
    pub fn generate(
        profile: Profile,
        owner: ApiKeyOwner,
        request: &ApiKeyRequest,
        now: OffsetDateTime,
        random: &dyn Random,
    ) -> Self {
        let format = format(profile);
        let text = format.generate(random);
        let secret_prefix = text[..format.prefix.len() + SHOWN].to_owned();
        let secret = Secret::new(text);
        let key = ApiKey {
            id: ApiKeyId::generate(profile, random),
            profile,
            account: owner.account,
            wallet: owner.wallet,
            wallet_key: owner.wallet_key,
            name: request.name.clone(),
            secret_prefix,
            secret_hash: secret.hash(),
            scopes: request.scopes,
            allowlist: request.allowlist.clone(),
            rate_limit_per_minute: None,
            created_at: now,
            expires_at: request.ttl.map(|ttl| now + ttl),
            revoked_at: None,
            last_use: None,
        };
        Self { key, secret }
    }
}

/// So many characters of a secret are kept to tell it from others; 130 random bits remain unknown.
const SHOWN: usize = 4;
/// Whether a text has the form of a dialect's secrets: its prefix, random base62 characters, and six
/// more that are the CRC-32 of all before them. A mistyped key does not.
/// It is no defence: anybody can compute the checksum.
///
/// ```
/// use countersign_core::{api_key::has_form, profile::Profile};
///
/// let secret = "aura_live_000000000000000000000000001yueba";
/// assert!(has_form(Profile::Aura, secret));
/// assert!(!has_form(Profile::Aura, &secret.replace("live_0", "live_1")), "mistyped");
/// assert!(!has_form(Profile::Ocx, secret), "of another dialect");
/// ```
pub fn has_form(profile: Profile, text: impl AsRef<[u8]>) -> bool {
    format(profile).fits(text.as_ref())
}

/// How a dialect's secrets look.
fn format(profile: Profile) -> Format {
    match profile {
        Profile::Ocx => Format {
            prefix: "ocx_sk_",
            random: 34,
        },
        Profile::Aura => Format {
            prefix: "aura_live_",
            random: 26,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::memory::SeededRandom;

    const PROFILES: [Profile; 2] = [Profile::Ocx, Profile::Aura];

    #[test]
    fn ids_have_the_form_of_their_dialect() {
        let random = SeededRandom::new(1);
        let ocx = ApiKeyId::generate(Profile::Ocx, &random).to_string();
        let rest = ocx.strip_prefix("ocx_kid_").unwrap();
        assert!(
            rest.len() == 16
                && rest
                    .bytes()
                    .all(|b| b"0123456789ABCDEFGHJKMNPQRSTVWXYZ".contains(&b)),
            "{ocx}"
        );
        let aura = ApiKeyId::generate(Profile::Aura, &random).to_string();
        assert_eq!(
            uuid::Uuid::parse_str(&aura).unwrap().get_version_num(),
            4,
            "{aura}"
        );
        assert_eq!(aura, aura.to_lowercase());
    }

    #[test]
    fn a_fresh_secret_has_the_form_and_no_two_are_alike() {
        let random = SeededRandom::new(2);
        for (profile, length) in [(Profile::Ocx, 47), (Profile::Aura, 42)] {
            let mut seen = HashSet::new();
            for _ in 0..1000 {
                let text = format(profile).generate(&random);
                assert!(text.len() == length && has_form(profile, &text), "{text}");
                assert!(seen.insert(text));
            }
        }
    }

    #[test]
    fn one_wrong_character_is_seen() {
        let random = SeededRandom::new(3);
        for profile in PROFILES {
            let good = format(profile).generate(&random);
            for at in 0..good.len() {
                for wrong in ["0", "z", "_", "é"] {
                    let mut text = good.clone();
                    if &text[at..=at] == wrong {
                        continue;
                    }
                    text.replace_range(at..=at, wrong);
                    assert!(!has_form(profile, &text), "{text}");
                }
                assert!(!has_form(profile, &good[..at]), "{at}");
            }
            assert!(!has_form(profile, format!("{good}0")));
            assert!(!has_form(profile, ""));
        }
    }

    #[test]
    fn a_key_of_one_dialect_is_none_of_the_other() {
        let random = SeededRandom::new(4);
        assert!(!has_form(
            Profile::Ocx,
            format(Profile::Aura).generate(&random)
        ));
        assert!(!has_form(
            Profile::Aura,
            format(Profile::Ocx).generate(&random)
        ));
    }
}
