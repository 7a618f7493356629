//! Sign-in: challenge, proof, session.

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use crate::{
    ChainRegistry, Clock, Error, Random,
    account::AccountId,
    chain::{Address, ChainAddress, ChainId, Namespace},
    challenge::{Challenge, ChallengeId, Purpose, Text},
    claim::{self, Claim},
    expected::{Expected, ExpectedNonce, TimeRules},
    message::{Fields, SignInMessage, format_instant},
    nonce::Nonce,
    origin::Origin,
    profile::Profile,
    proof::Proof,
    random::base62,
    secret::Secret,
    session::{IssuedSession, Session, SessionClaims, SessionId, TokenIssuer},
    store::{Grant, Redeem, Store},
    verifier::{ChainVerifier, ProvenAccount},
    wallet::WalletKey,
};

/// Turns a wallet's signature into a session, in one profile.
pub struct SignIn {
    ports: SignInPorts,
    policy: SignInPolicy,
}

/// What sign-in works with.
#[derive(Clone)]
pub struct SignInPorts {
    /// Challenges, accounts and sessions.
    pub store: Arc<dyn Store>,
    /// The chains.
    pub registry: Arc<ChainRegistry>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness for nonces and ids.
    pub random: Arc<dyn Random>,
    /// Signs session tokens.
    pub tokens: Arc<dyn TokenIssuer>,
}

/// What sign-in accepts and gives, from configuration.
#[derive(Debug, Clone)]
pub struct SignInPolicy {
    /// The dialect it serves.
    pub profile: Profile,
    /// The origins that may ask for a signature; the first one is named in messages the server builds.
    pub origin: Origin,
    /// Every origin accepted in a message, the first one included.
    pub accepted_origins: Vec<Origin>,
    /// Further URIs accepted in a message.
    pub accepted_uris: Vec<String>,
    /// How a message's own times are judged.
    pub times: TimeRules,
    /// How long a challenge can be answered.
    pub challenge_ttl: Duration,
    /// How long a session lasts.
    pub session_ttl: Duration,
}

/// A finished sign-in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The account that owns the wallet.
    pub account: AccountId,
    /// The wallet that signed, on the chain it named.
    pub wallet: ChainAddress,
    /// The session's token, to be handed out once.
    pub token: Secret,
}

impl SignIn {
    /// Sign-in by this policy.
    pub fn new(ports: SignInPorts, policy: SignInPolicy) -> Self {
        Self { ports, policy }
    }

    /// Issues a nonce for a message the client will build, for any accepted chain of the namespace.
    ///
    /// # Errors
    /// [`Error::UnknownChain`], [`Error::InvalidAddress`] or [`Error::Store`].
    pub async fn issue_nonce(
        &self,
        namespace: &Namespace,
        address: &str,
    ) -> Result<Challenge, Error> {
        let verifier = self.verifier(namespace)?;
        let address = parse_address(&*verifier, address)?;
        self.insert(
            |_, _| {
                Ok(Text::ByClient {
                    namespace: namespace.clone(),
                })
            },
            address,
        )
        .await
    }

    /// Issues a challenge with the whole message, built by the server.
    ///
    /// # Errors
    /// [`Error::UnknownChain`], [`Error::ChainNotAllowed`], [`Error::InvalidAddress`] or [`Error::Store`].
    pub async fn issue_challenge(
        &self,
        chain: &ChainId,
        address: &str,
    ) -> Result<Challenge, Error> {
        let verifier = self.verifier(chain.namespace())?;
        if !verifier.info().chain_ids.contains(chain) {
            return Err(Error::ChainNotAllowed);
        }
        let address = parse_address(&*verifier, address)?;
        let text = |nonce: &Nonce, issued_at| {
            let message = self.build_message(&*verifier, chain, &address, nonce, issued_at)?;
            Ok(Text::ByServer {
                chain: chain.clone(),
                message: message.to_string(),
            })
        };
        self.insert(text, address.clone()).await
    }

    /// Verifies a message the client built around a nonce of [`issue_nonce`](Self::issue_nonce), and starts a session.
    /// A refused proof consumes nothing.
    ///
    /// # Errors
    /// [`Error::InvalidMessage`], [`Error::Refused`], [`Error::InvalidProof`], [`Error::ChainUnavailable`] and others.
    pub async fn verify_message(
        &self,
        namespace: &Namespace,
        text: &str,
        proof: &Proof,
    ) -> Result<SignedIn, Error> {
        let verifier = self.verifier(namespace)?;
        let claim = Claim::read(&*verifier, text)?;
        let now = self.ports.clock.now();
        let challenge = self.find_by_nonce(&claim, now).await?;
        let expected = Expected {
            origins: &self.policy.accepted_origins,
            uris: &self.policy.accepted_uris,
            chain_ids: &verifier.info().chain_ids,
            nonce: challenge
                .as_ref()
                .map_or(ExpectedNonce::NoneIssued, |challenge| {
                    ExpectedNonce::Issued(&challenge.nonce)
                }),
            now,
            times: &self.policy.times,
        };
        let proven = claim.prove(&*verifier, &expected, proof).await?;
        let challenge = challenge.ok_or(Error::ChallengeNotLive)?;
        self.redeem(&*verifier, challenge.id, proven).await
    }

    /// Verifies the answer to a challenge of [`issue_challenge`](Self::issue_challenge), and starts a session.
    /// A refused proof consumes nothing.
    ///
    /// # Errors
    /// [`Error::ChallengeNotLive`], [`Error::InvalidProof`], [`Error::ChainUnavailable`] and others.
    pub async fn verify_challenge(
        &self,
        id: ChallengeId,
        proof: &Proof,
    ) -> Result<SignedIn, Error> {
        let now = self.ports.clock.now();
        let found = self
            .ports
            .store
            .find_challenge(self.policy.profile, Purpose::SignIn, id)
            .await?;
        let challenge = found
            .filter(|challenge| challenge.is_live(now))
            .ok_or(Error::ChallengeNotLive)?;
        let Text::ByServer { chain, message } = challenge.text else {
            return Err(Error::ChallengeNotLive);
        };
        let verifier = self.verifier(chain.namespace())?;
        let account = ChainAddress {
            chain,
            address: challenge.address,
        };
        let proven = claim::prove(&*verifier, &account, &message, proof).await?;
        self.redeem(&*verifier, challenge.id, proven).await
    }

    fn verifier(&self, namespace: &Namespace) -> Result<Arc<dyn ChainVerifier>, Error> {
        self.ports
            .registry
            .find(namespace)
            .ok_or(Error::UnknownChain)
    }

    /// The live challenge whose nonce the message carries, if it was issued to this wallet.
    async fn find_by_nonce(
        &self,
        claim: &Claim<'_>,
        now: OffsetDateTime,
    ) -> Result<Option<Challenge>, Error> {
        let Some(nonce) = Nonce::parse(&claim.message().fields().nonce) else {
            return Ok(None);
        };
        let found = self
            .ports
            .store
            .find_challenge_by_nonce(self.policy.profile, Purpose::SignIn, &nonce)
            .await?;
        let refusal = match &found {
            None => "unknown nonce",
            Some(challenge) if challenge.consumed_at.is_some() => "used nonce",
            Some(challenge) if !challenge.is_live(now) => "expired nonce",
            Some(challenge) if !challenge.admits_client_message(claim.account()) => {
                "nonce of another wallet or of a server-built message"
            }
            Some(_) => return Ok(found),
        };
        tracing::debug!(refusal, "no challenge for this message");
        Ok(None)
    }

    async fn insert(
        &self,
        text: impl FnOnce(&Nonce, OffsetDateTime) -> Result<Text, Error>,
        address: Address,
    ) -> Result<Challenge, Error> {
        let random = &*self.ports.random;
        let issued_at = whole_milliseconds(self.ports.clock.now());
        let nonce = Nonce::generate(random);
        let challenge = Challenge {
            id: ChallengeId::generate(issued_at, random),
            profile: self.policy.profile,
            purpose: Purpose::SignIn,
            text: text(&nonce, issued_at)?,
            nonce,
            address,
            issued_at,
            expires_at: issued_at + self.policy.challenge_ttl,
            consumed_at: None,
        };
        self.ports.store.insert_challenge(challenge.clone()).await?;
        Ok(challenge)
    }

    fn build_message(
        &self,
        verifier: &dyn ChainVerifier,
        chain: &ChainId,
        address: &Address,
        nonce: &Nonce,
        issued_at: OffsetDateTime,
    ) -> Result<SignInMessage, Error> {
        let origin = &self.policy.origin;
        Ok(SignInMessage::new(Fields {
            // An absent scheme stands for https.
            scheme: (origin.scheme() != "https").then(|| origin.scheme().to_owned()),
            domain: origin.authority(),
            chain_name: verifier.info().name.clone(),
            address: address.to_string(),
            statement: Some(format!("Sign in to {}.", origin.authority())),
            uri: origin.to_string(),
            chain_id: verifier.format_chain_id(chain),
            nonce: nonce.to_string(),
            issued_at: format_instant(issued_at),
            expiration_time: Some(format_instant(issued_at + self.policy.challenge_ttl)),
            not_before: None,
            request_id: None,
            resources: None,
        })?)
    }

    /// Consumes the challenge and starts the session; one of several racing calls wins.
    async fn redeem(
        &self,
        verifier: &dyn ChainVerifier,
        challenge: ChallengeId,
        proven: ProvenAccount,
    ) -> Result<SignedIn, Error> {
        let now = whole_milliseconds(self.ports.clock.now());
        let redeem = Redeem {
            challenge,
            now,
            wallet: WalletKey::of(verifier.info(), &proven),
            new_account: AccountId::generate(now, &*self.ports.random),
            grant: self.session_grant(now, proven.account),
        };
        let granted = self
            .ports
            .store
            .redeem(redeem)
            .await?
            .ok_or(Error::ChallengeNotLive)?;
        let IssuedSession { session, token } = granted.issued;
        tracing::debug!(session = %session.id, account = %session.account, is_new_account = granted.is_new_account, "signed in");
        Ok(SignedIn {
            account: session.account,
            wallet: session.wallet,
            token,
        })
    }

    fn session_grant(&self, now: OffsetDateTime, wallet: ChainAddress) -> Grant {
        let (profile, expires_at) = (self.policy.profile, now + self.policy.session_ttl);
        let (random, tokens) = (self.ports.random.clone(), self.ports.tokens.clone());
        Arc::new(move |account| {
            let id = SessionId::generate(now, &*random);
            let token_id = base62(&*random, 22);
            let claims = SessionClaims {
                session: id,
                profile,
                account,
                wallet: &wallet,
                issued_at: now,
                expires_at,
                token_id,
            };
            let token = tokens.issue(&claims);
            let token_hash = token.hash();
            let wallet = wallet.clone();
            let session = Session {
                id,
                profile,
                account,
                wallet,
                token_hash,
                issued_at: now,
                expires_at,
                revoked_at: None,
            };
            IssuedSession { session, token }
        })
    }
}

fn parse_address(verifier: &dyn ChainVerifier, text: &str) -> Result<Address, Error> {
    verifier
        .parse_address(text)
        .map_err(|error| Error::InvalidAddress {
            expected: error.expected(),
        })
}

/// Storage and the dialects know milliseconds.
fn whole_milliseconds(instant: OffsetDateTime) -> OffsetDateTime {
    instant - Duration::nanoseconds(i64::from(instant.nanosecond() % 1_000_000))
}
