//! Session tokens: JWTs signed with Ed25519 (RFC 7519, RFC 8037).
//!
//! jsonwebtoken is built without a cryptographic backend of its own, because each of them
//! brings a second generation of the libraries already here; this file is its backend.

use std::{
    cell::RefCell,
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwap;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_core::{
    Random,
    secret::Secret,
    session::{SessionClaims, TokenIssuer},
};
use ed25519_dalek::{
    Signer as _, SigningKey, VerifyingKey,
    pkcs8::{DecodePrivateKey, EncodePrivateKey, spki::der::pem::LineEnding},
};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{Error, ErrorKind},
    signature::{self, Signer, Verifier},
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::signing_keys::{KeyFiles, KeySet, SigningKeyError};

/// Signs session tokens, each with the key whose turn it is when the token is issued.
pub(crate) struct SessionTokens {
    issuer: String,
    /// Read by one at a time, so that what was read last is kept.
    files: Mutex<KeyFiles>,
    keys: ArcSwap<KeySet>,
}

/// A key that signs tokens.
pub(crate) struct TokenKey {
    header: Header,
    key: EncodingKey,
    published: PublishedKey,
}

/// What others verify tokens with: the public half of a signing key, as members of a JWK (RFC 8037).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublishedKey {
    /// The `kid` in a token's header: the key's thumbprint (RFC 7638).
    pub id: String,
    /// The 32 bytes of the key, in base64url.
    pub x: String,
}

impl PublishedKey {
    fn of(key: &VerifyingKey) -> Self {
        let x = URL_SAFE_NO_PAD.encode(key.as_bytes());
        let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        let id = URL_SAFE_NO_PAD.encode(Sha256::digest(members));
        Self { id, x }
    }
}

/// A text that is no signing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an Ed25519 private key in PKCS#8 PEM")]
pub(crate) struct InvalidSigningKey;

impl TokenKey {
    /// Reads a key from its PEM text.
    ///
    /// # Errors
    /// [`InvalidSigningKey`].
    pub(crate) fn from_pem(pem: &str) -> Result<Self, InvalidSigningKey> {
        let key = SigningKey::from_pkcs8_pem(pem).map_err(|_| InvalidSigningKey)?;
        let published = PublishedKey::of(&key.verifying_key());
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(published.id.clone());
        Ok(Self {
            header,
            key: EncodingKey::from_ed_der(key.as_bytes()),
            published,
        })
    }

    /// A fresh key, as PKCS#8 PEM.
    pub(crate) fn generate(random: &dyn Random) -> Zeroizing<String> {
        let mut seed = Zeroizing::new([0; 32]);
        random.fill(&mut *seed);
        let pem = SigningKey::from_bytes(&seed).to_pkcs8_pem(LineEnding::LF);
        pem.expect("an Ed25519 key is written as PKCS#8")
    }

    /// What others verify its tokens with.
    pub(crate) fn published(&self) -> &PublishedKey {
        &self.published
    }
}

impl SessionTokens {
    /// Signs in this issuer's name, with the keys in these files.
    ///
    /// # Errors
    /// [`SigningKeyError`].
    pub(crate) fn open(issuer: String, files: KeyFiles) -> Result<Self, SigningKeyError> {
        // Another server in this process has installed the same provider.
        let _installed = PROVIDER.install_default();
        let keys = ArcSwap::from_pointee(files.read()?);
        Ok(Self {
            issuer,
            files: Mutex::new(files),
            keys,
        })
    }

    /// Whose tokens these are.
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The keys.
    pub(crate) fn keys(&self) -> Arc<KeySet> {
        self.keys.load_full()
    }

    /// Reads the files again. When anything is wrong, the keys stay as they were.
    ///
    /// # Errors
    /// [`SigningKeyError`].
    pub(crate) fn read_again(&self) -> Result<Arc<KeySet>, SigningKeyError> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let (read, known) = (Arc::new(files.read()?), self.keys());
        if read.ids().ne(known.ids()) {
            let ids: Vec<_> = read.ids().collect();
            tracing::info!(?ids, "the keys of session tokens have changed");
        }
        self.keys.store(read.clone());
        Ok(read)
    }

    /// Whether a text has a JWT's form: three parts of base64url, not longer than any token issued here. No
    /// pass stops early, so that the compiler can look at many bytes at a time.
    pub(crate) fn has_form(text: &[u8]) -> bool {
        let is_dot = |byte: u8| byte == b'.';
        let is_digit = |byte: u8| byte.is_ascii_alphanumeric() | (byte == b'-') | (byte == b'_');
        let is_none_empty = |parts: &[u8]| {
            let pairs = parts.iter().zip(&parts[1..]);
            let has_two_dots = pairs.fold(false, |has, (one, next)| {
                has | (is_dot(*one) & is_dot(*next))
            });
            !has_two_dots && !is_dot(parts[0]) && !parts.ends_with(b".")
        };
        (5..=2048).contains(&text.len())
            && text.iter().filter(|byte| is_dot(**byte)).count() == 2
            && (text.iter()).fold(true, |fits, byte| fits & (is_digit(*byte) | is_dot(*byte)))
            && is_none_empty(text)
    }
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'static str,
    sub: String,
    sid: String,
    wallet: String,
    iat: i64,
    exp: i64,
    jti: &'a str,
}

impl TokenIssuer for SessionTokens {
    fn issue(&self, claims: &SessionClaims<'_>) -> Secret {
        let keys = self.keys.load();
        let key = keys.signing_at(claims.issued_at);
        let claims = Claims {
            iss: &self.issuer,
            aud: claims.profile.as_str(),
            sub: claims.account.to_string(),
            sid: claims.session.to_string(),
            wallet: claims.wallet.to_string(),
            iat: claims.issued_at.unix_timestamp(),
            exp: claims.expires_at.unix_timestamp(),
            jti: &claims.token_id,
        };
        let token = jsonwebtoken::encode(&key.header, &claims, &key.key);
        Secret::new(
            token.expect("claims of text and numbers are signed with a key that was checked"),
        )
    }
}

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| match algorithm {
        Algorithm::EdDSA => Ok(Box::new(Ed25519Signer::new(key)?)),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    },
    verifier_factory: |algorithm, key| match algorithm {
        Algorithm::EdDSA => Ok(Box::new(Ed25519Verifier::new(key)?)),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    },
    key_utils: KeyUtils::new_unimplemented(),
};

struct Ed25519Signer(SigningKey);

thread_local! {
    /// The key this thread signed with last: jsonwebtoken asks for a signer per token, and working
    /// out the public half each time costs as much as signing.
    static LAST_KEY: RefCell<Option<SigningKey>> = const { RefCell::new(None) };
}

impl Ed25519Signer {
    fn new(key: &EncodingKey) -> Result<Self, Error> {
        let seed: &[u8; 32] = key
            .as_bytes()
            .try_into()
            .map_err(|_| ErrorKind::InvalidEddsaKey)?;
        let known =
            LAST_KEY.with_borrow(|last| last.clone().filter(|last| last.as_bytes() == seed));
        Ok(Self(known.unwrap_or_else(|| {
            let key = SigningKey::from_bytes(seed);
            LAST_KEY.set(Some(key.clone()));
            key
        })))
    }
}

impl Signer<Vec<u8>> for Ed25519Signer {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        Ok(self.0.sign(message).to_vec())
    }
}

impl JwtSigner for Ed25519Signer {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

struct Ed25519Verifier(VerifyingKey);

impl Ed25519Verifier {
    fn new(key: &DecodingKey) -> Result<Self, Error> {
        let bytes = key
            .try_get_as_bytes()?
            .try_into()
            .map_err(|_| ErrorKind::InvalidEddsaKey)?;
        VerifyingKey::from_bytes(bytes)
            .map(Self)
            .map_err(|_| ErrorKind::InvalidEddsaKey.into())
    }
}

impl Verifier<Vec<u8>> for Ed25519Verifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let signature =
            ed25519_dalek::Signature::from_slice(signature).map_err(|_| signature::Error::new())?;
        self.0
            .verify_strict(message, &signature)
            .map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Ed25519Verifier {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

#[cfg(test)]
mod tests {
    use countersign_core::{account::AccountId, profile::Profile, session::SessionId};
    use jsonwebtoken::Validation;
    use serde_json::Value;
    use time::{Duration, macros::datetime};

    use super::*;
    use crate::{data_dir::write_new_secret, random::SystemRandom, signing_keys::FIRST};

    #[test]
    fn a_token_verifies_with_the_public_key_and_says_what_was_claimed() {
        let pem = TokenKey::generate(&SystemRandom);
        let directory = tempfile::tempdir().unwrap();
        let files = KeyFiles::new(directory.path(), Duration::days(7));
        write_new_secret(&directory.path().join(FIRST), &pem).unwrap();
        let tokens = SessionTokens::open("countersign".into(), files).unwrap();
        let issued_at = datetime!(2126-03-01 12:00 UTC);
        let (account, session) = (
            AccountId::generate(issued_at, &SystemRandom),
            SessionId::generate(issued_at, &SystemRandom),
        );
        let wallet = "eip155:1:0xab".parse().unwrap();
        let token = tokens.issue(&SessionClaims {
            session,
            profile: Profile::Ocx,
            account,
            wallet: &wallet,
            issued_at,
            expires_at: issued_at + Duration::days(7),
            token_id: "unguessable".into(),
        });
        assert!(SessionTokens::has_form(token.expose().as_bytes()));

        let public = SigningKey::from_pkcs8_pem(&pem).unwrap().verifying_key();
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&["ocx"]);
        validation.set_issuer(&["countersign"]);
        let key = DecodingKey::from_ed_der(public.as_bytes());
        let decoded = jsonwebtoken::decode::<Value>(token.expose(), &key, &validation).unwrap();
        assert_eq!(
            decoded.header.kid.as_ref(),
            Some(&PublishedKey::of(&public).id)
        );
        let claims = decoded.claims;
        assert_eq!(claims["sub"], account.to_string());
        assert_eq!(claims["sid"], session.to_string());
        assert_eq!(claims["wallet"], "eip155:1:0xab");
        assert_eq!(
            claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
            604_800
        );

        let another = SigningKey::from_pkcs8_pem(&TokenKey::generate(&SystemRandom))
            .unwrap()
            .verifying_key();
        let key = DecodingKey::from_ed_der(another.as_bytes());
        let refused = jsonwebtoken::decode::<Value>(token.expose(), &key, &validation).unwrap_err();
        assert_eq!(*refused.kind(), ErrorKind::InvalidSignature);
    }

    /// RFC 8037, appendix A.3.
    #[test]
    fn a_key_is_named_by_its_thumbprint() {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let bytes: [u8; 32] = URL_SAFE_NO_PAD.decode(x).unwrap().try_into().unwrap();
        let key = PublishedKey::of(&VerifyingKey::from_bytes(&bytes).unwrap());
        assert_eq!(key.x, x);
        assert_eq!(key.id, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn only_three_parts_of_base64url_have_a_tokens_form() {
        assert!(SessionTokens::has_form(b"a.b-_.C9"));
        for text in [
            "",
            "a.b",
            "a.b.c.d",
            "a..c",
            ".b.c",
            "a.b.",
            "a.é.c",
            "a.b.c=",
            "a.b.c d",
            &"a".repeat(3000),
        ] {
            assert!(!SessionTokens::has_form(text.as_bytes()), "{text}");
        }
    }
}
