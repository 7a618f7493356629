//! Sign-in: challenge, proof, session.

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use crate::{
    ChainRegistry, Clock, Error, Random,
    account::AccountId,
    chain::{Address, ChainAddress, ChainId, Namespace},
    challenge::{Challenge, ChallengeId, Message, Purpose},
    claim::Claim,
    expected::{Expected, ExpectedNonce, TimeRules},
    message::{Fields, SignInMessage, format_instant},
    nonce::Nonce,
    origin::Origin,
    profile::Profile,
    proof::Proof,
    random::{UNGUESSABLE, base62},
    secret::Secret,
    session::{IssuedSession, Session, SessionClaims, SessionId, TokenIssuer},
    store::{Grant, Redeem, Store},
    verifier::{ChainVerifier, ProvenAccount},
    wallet::Wallet,
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
    /// The origin named in messages the server builds; one of the accepted.
    pub origin: Origin,
    /// Every origin accepted in a message.
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

/// A nonce for a message the client builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedNonce {
    /// Goes into the message.
    pub nonce: Nonce,
    /// The first instant at which it is no longer valid.
    pub expires_at: OffsetDateTime,
}

/// A message the server built, to be signed and answered by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedChallenge {
    /// Goes back with the signature.
    pub id: ChallengeId,
    /// The exact text to sign.
    pub message: String,
    /// The one-time value inside the message.
    pub nonce: Nonce,
    /// The first instant at which it is no longer valid.
    pub expires_at: OffsetDateTime,
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
    ) -> Result<IssuedNonce, Error> {
        let address = parse_address(&*self.verifier(namespace)?, address)?;
        let challenge = self.challenge(
            address,
            Message::ByClient {
                namespace: namespace.clone(),
            },
        );
        let issued = IssuedNonce {
            nonce: challenge.nonce.clone(),
            expires_at: challenge.expires_at,
        };
        self.ports.store.insert_challenge(challenge).await?;
        Ok(issued)
    }

    /// Issues a challenge with the whole message, built by the server.
    ///
    /// # Errors
    /// [`Error::UnknownChain`], [`Error::ChainNotAllowed`], [`Error::InvalidAddress`] or [`Error::Store`].
    pub async fn issue_challenge(
        &self,
        chain: &ChainId,
        address: &str,
    ) -> Result<IssuedChallenge, Error> {
        let verifier = self.verifier(chain.namespace())?;
        if !verifier.info().chain_ids.contains(chain) {
            return Err(Error::ChainNotAllowed);
        }
        let address = parse_address(&*verifier, address)?;
        let mut challenge = self.challenge(
            address,
            Message::ByServer {
                chain: chain.clone(),
                text: String::new(),
            },
        );
        let text = self
            .build_message(&*verifier, chain, &challenge)
            .to_string();
        challenge.message = Message::ByServer {
            chain: chain.clone(),
            text: text.clone(),
        };
        let Challenge { id, expires_at, .. } = challenge;
        let issued = IssuedChallenge {
            id,
            message: text,
            nonce: challenge.nonce.clone(),
            expires_at,
        };
        self.ports.store.insert_challenge(challenge).await?;
        Ok(issued)
    }

    /// Verifies a message the client built around a nonce of [`issue_nonce`](Self::issue_nonce), and starts a session.
    /// A refused proof consumes nothing.
    ///
    /// # Errors
    /// [`Error::UnknownChain`], [`Error::InvalidMessage`], [`Error::Refused`], [`Error::UnknownKeyType`],
    /// [`Error::PublicKeyRequired`], [`Error::InvalidProof`], [`Error::ChainUnavailable`], [`Error::Store`], or
    /// [`Error::ChallengeNotLive`] when somebody else was faster.
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
        let nonce = challenge
            .as_ref()
            .map_or(ExpectedNonce::NoneIssued, |challenge| {
                ExpectedNonce::Issued(&challenge.nonce)
            });
        let expected = self.expected(&*verifier, nonce, now);
        let proven = claim.verify(&*verifier, &expected, proof).await?;
        let challenge = challenge.ok_or(Error::ChallengeNotLive)?;
        self.redeem(&*verifier, challenge.id, proven).await
    }

    /// Verifies the answer to a challenge of [`issue_challenge`](Self::issue_challenge), and starts a session.
    /// A refused proof consumes nothing.
    ///
    /// # Errors
    /// [`Error::ChallengeNotLive`], [`Error::UnknownChain`], [`Error::Refused`] when what is accepted has changed
    /// since, [`Error::UnknownKeyType`], [`Error::PublicKeyRequired`], [`Error::InvalidProof`], [`Error::ChainUnavailable`] or [`Error::Store`].
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
        let Message::ByServer { chain, text } = &challenge.message else {
            return Err(Error::ChallengeNotLive);
        };
        let verifier = self.verifier(chain.namespace())?;
        // Checked like any other message: chains and origins may have changed since it was built.
        let claim = Claim::read(&*verifier, text)?;
        let expected = self.expected(&*verifier, ExpectedNonce::Issued(&challenge.nonce), now);
        let proven = claim.verify(&*verifier, &expected, proof).await?;
        self.redeem(&*verifier, challenge.id, proven).await
    }

    fn expected<'a>(
        &'a self,
        verifier: &'a dyn ChainVerifier,
        nonce: ExpectedNonce<'a>,
        now: OffsetDateTime,
    ) -> Expected<'a> {
        Expected {
            origins: &self.policy.accepted_origins,
            uris: &self.policy.accepted_uris,
            chain_ids: &verifier.info().chain_ids,
            nonce,
            now,
            times: &self.policy.times,
        }
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

    /// A fresh challenge for this address.
    fn challenge(&self, address: Address, message: Message) -> Challenge {
        let random = &*self.ports.random;
        let issued_at = whole_milliseconds(self.ports.clock.now());
        Challenge {
            id: ChallengeId::generate(issued_at, random),
            profile: self.policy.profile,
            purpose: Purpose::SignIn,
            nonce: Nonce::generate(issued_at, random),
            address,
            message,
            issued_at,
            expires_at: issued_at + self.policy.challenge_ttl,
            consumed_at: None,
        }
    }

    fn build_message(
        &self,
        verifier: &dyn ChainVerifier,
        chain: &ChainId,
        challenge: &Challenge,
    ) -> SignInMessage {
        let origin = &self.policy.origin;
        let message = SignInMessage::new(Fields {
            // An absent scheme stands for https.
            scheme: (origin.scheme() != "https").then(|| origin.scheme().to_owned()),
            domain: origin.authority(),
            chain_name: verifier.info().name.clone(),
            address: challenge.address.to_string(),
            statement: Some(format!("Sign in to {}.", origin.authority())),
            uri: origin.to_string(),
            chain_id: verifier.format_chain_id(chain),
            nonce: challenge.nonce.to_string(),
            issued_at: format_instant(challenge.issued_at),
            expiration_time: Some(format_instant(challenge.expires_at)),
            not_before: None,
            request_id: None,
            resources: None,
        });
        message.expect(
            "an origin, a chain's name, an address and a nonce satisfy the grammar by their types",
        )
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
            wallet: Wallet::of(verifier.info(), &proven),
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
            let token_id = base62(&*random, UNGUESSABLE);
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
