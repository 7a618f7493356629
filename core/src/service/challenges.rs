//! Challenges: issue a request to sign, check the answer, exchange it once for what it was asked for.

mod unanswered;

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use unanswered::{Handle, Unanswered};

use crate::{
    ChainRegistry, Clock, Error, Random,
    account::AccountId,
    chain::{Address, ChainId, Namespace},
    challenge::{Challenge, ChallengeId, Message, Purpose},
    claim::Claim,
    clock::whole_milliseconds,
    expected::{Expected, ExpectedNonce, TimeRules},
    message::{Fields, SignInMessage, format_instant},
    nonce::Nonce,
    origin::Origin,
    profile::Profile,
    proof::Proof,
    store::{ChallengeTarget, Grant, Granted, Redeem, Store},
    verifier::{AddressError, ChainVerifier},
    wallet::Wallet,
};

/// For so long a target is given the same challenge again. With the usual time to answer, at
/// most six are ever live, so a stranger who asks for an address cannot crowd out its owner.
const REUSE: Duration = Duration::MINUTE;

/// What the flows work with: the outside world, behind traits.
#[derive(Clone)]
pub struct Ports {
    /// Everything that is stored.
    pub store: Arc<dyn Store>,
    /// The chains.
    pub registry: Arc<ChainRegistry>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness for nonces, ids and secrets.
    pub random: Arc<dyn Random>,
}

/// What challenges say and which answers are accepted, from configuration.
#[derive(Debug, Clone)]
pub struct ChallengePolicy {
    /// The dialect they are issued in.
    pub profile: Profile,
    /// The origin named in messages the server builds. It must be one of the accepted, or no answer to such
    /// a message is.
    pub origin: Origin,
    /// Every origin accepted in a message, as its domain and as what its URI belongs to.
    pub accepted_origins: Vec<Origin>,
    /// Further URIs accepted in a message, compared as exact text.
    pub accepted_uris: Vec<String>,
    /// How a message's own times are judged.
    pub times: TimeRules,
    /// How long a challenge can be answered; more than zero, and not more than `times` admits.
    pub ttl: Duration,
}

/// The challenges of one profile.
pub struct Challenges {
    pub(super) ports: Ports,
    pub(super) policy: ChallengePolicy,
    unanswered: Unanswered,
}

/// A nonce for a message the client builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedNonce {
    /// Goes into the message.
    pub nonce: Nonce,
    /// The first instant at which it is no longer valid.
    pub expires_at: OffsetDateTime,
}

/// A message the server built, to be signed.
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

/// A challenge whose answer was proven, not consumed yet.
#[derive(Debug, Clone)]
pub(super) struct Proven {
    challenge: ChallengeId,
    pub(super) wallet: Wallet,
}

impl Challenges {
    /// Challenges by this policy.
    pub fn new(ports: Ports, policy: ChallengePolicy) -> Self {
        Self {
            ports,
            policy,
            unanswered: Unanswered::default(),
        }
    }

    /// Issues a sign-in nonce for a message the client will build, for any accepted chain of the namespace.
    /// To be answered with [`SignIn::verify_message`](super::SignIn::verify_message).
    ///
    /// # Errors
    /// [`Error::UnknownChain`], [`Error::InvalidAddress`], [`Error::ChainUnavailable`] or [`Error::Store`].
    pub async fn issue_nonce(
        &self,
        namespace: &Namespace,
        address: &str,
    ) -> Result<IssuedNonce, Error> {
        let address = self.verifier(namespace)?.parse_address(address).await;
        let address = address.map_err(refusal)?;
        let namespace = namespace.clone();
        let challenge = self.fresh(Purpose::SignIn, address, Message::ByClient { namespace });
        let issued = IssuedNonce {
            nonce: challenge.nonce.clone(),
            expires_at: challenge.expires_at,
        };
        self.store(challenge).await?;
        Ok(issued)
    }

    /// Issues a challenge with the whole message, to be answered by its id with
    /// [`SignIn::verify_challenge`](super::SignIn::verify_challenge).
    ///
    /// # Errors
    /// [`Error::UnknownChain`], [`Error::ChainNotAllowed`], [`Error::InvalidAddress`],
    /// [`Error::ChainUnavailable`] or [`Error::Store`].
    pub async fn issue(
        &self,
        purpose: Purpose,
        chain: &ChainId,
        address: &str,
    ) -> Result<IssuedChallenge, Error> {
        let challenge = self.with_message(purpose, chain, address).await?;
        self.store(challenge.clone()).await?;
        Ok(issued(challenge))
    }

    /// Issues a challenge with the whole message, to be answered by its address with
    /// [`ApiKeys::mint_by_proof`](super::ApiKeys::mint_by_proof). Whoever asks again within a minute is given
    /// the same one.
    ///
    /// # Errors
    /// As [`issue`](Self::issue).
    pub async fn issue_for_address(
        &self,
        purpose: Purpose,
        chain: &ChainId,
        address: &str,
    ) -> Result<IssuedChallenge, Error> {
        let fresh = self.with_message(purpose, chain, address).await?;
        let issued_after = fresh.issued_at - REUSE;
        let store = &self.ports.store;
        let challenge = store.insert_or_reuse_challenge(fresh, issued_after).await?;
        Ok(issued(challenge))
    }

    /// Checks a message the client built around a nonce of [`issue_nonce`](Self::issue_nonce).
    pub(super) async fn verify_message(
        &self,
        namespace: &Namespace,
        text: &str,
        proof: &Proof,
    ) -> Result<Proven, Error> {
        let verifier = self.verifier(namespace)?;
        let claim = Claim::read(&*verifier, text).await?;
        let now = self.ports.clock.now();
        let challenge = self.find_by_nonce(&claim, now).await?;
        let nonce = challenge
            .as_ref()
            .map_or(ExpectedNonce::NoneIssued, |challenge| {
                ExpectedNonce::Issued(&challenge.nonce)
            });
        let expected = self.expected(&*verifier, nonce, now);
        let account = claim.verify(&*verifier, &expected, proof).await?;
        let challenge = challenge.ok_or(Error::ChallengeNotLive)?.id;
        let wallet = Wallet::of(verifier.info(), &account);
        Ok(Proven { challenge, wallet })
    }

    /// Checks the answer to a challenge of [`issue`](Self::issue).
    pub(super) async fn verify_by_id(
        &self,
        purpose: Purpose,
        id: ChallengeId,
        proof: &Proof,
    ) -> Result<Proven, Error> {
        let found = self.find(purpose, &Handle::Id(id)).await?;
        let challenge = found.ok_or(Error::ChallengeNotLive)?;
        self.verify(&challenge, proof).await
    }

    /// Checks the answer to some live challenge of [`issue_for_address`](Self::issue_for_address):
    /// the one with this text, or otherwise each. Strangers may have asked for some of them.
    pub(super) async fn verify_by_address(
        &self,
        purpose: Purpose,
        answer: &AddressAnswer<'_>,
        proof: &Proof,
    ) -> Result<Proven, Error> {
        let verifier = self.accepting(answer.chain)?;
        let target = ChallengeTarget {
            profile: self.policy.profile,
            purpose,
            chain: answer.chain.clone(),
            address: parse_account(&*verifier, answer.chain, answer.address).await?,
        };
        let now = self.ports.clock.now();
        let live = self.ports.store.list_live_challenges(&target, now).await?;
        let mut refusal = Error::ChallengeNotLive;
        for challenge in live.iter().filter(|challenge| answer.fits(challenge)) {
            match self.verify(challenge, proof).await {
                Err(error @ (Error::InvalidProof | Error::Refused(_))) => refusal = error,
                decided => return decided,
            }
        }
        Err(refusal)
    }

    /// Consumes the challenge and grants what it was for; one of several racing calls wins.
    pub(super) async fn redeem(&self, proven: Proven, grant: Grant) -> Result<Granted, Error> {
        let now = whole_milliseconds(self.ports.clock.now());
        let redeem = Redeem {
            challenge: proven.challenge,
            now,
            wallet: proven.wallet,
            new_account: AccountId::generate(now, &*self.ports.random),
            grant,
        };
        let granted = self.ports.store.redeem(redeem).await?;
        granted.ok_or(Error::ChallengeNotLive)
    }

    /// Checks the answer to a challenge whose message the server built. The message is checked
    /// like any other: chains and origins may have changed since it was built.
    async fn verify(&self, challenge: &Challenge, proof: &Proof) -> Result<Proven, Error> {
        let now = self.ports.clock.now();
        let Message::ByServer { chain, text } = &challenge.message else {
            return Err(Error::ChallengeNotLive);
        };
        if !challenge.is_live(now) {
            return Err(Error::ChallengeNotLive);
        }
        let verifier = self.verifier(chain.namespace())?;
        let claim = Claim::read(&*verifier, text).await?;
        let expected = self.expected(&*verifier, ExpectedNonce::Issued(&challenge.nonce), now);
        let account = claim.verify(&*verifier, &expected, proof).await?;
        Ok(Proven {
            challenge: challenge.id,
            wallet: Wallet::of(verifier.info(), &account),
        })
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

    /// The verifier of a namespace, if it can be asked.
    fn verifier(&self, namespace: &Namespace) -> Result<Arc<dyn ChainVerifier>, Error> {
        let found = self.ports.registry.find(namespace);
        let verifier = found.ok_or(Error::UnknownChain)?;
        if verifier.is_available() {
            Ok(verifier)
        } else {
            Err(Error::ChainUnavailable)
        }
    }

    /// The verifier of a chain that is accepted.
    fn accepting(&self, chain: &ChainId) -> Result<Arc<dyn ChainVerifier>, Error> {
        let verifier = self.verifier(chain.namespace())?;
        if verifier.info().chain_ids.contains(chain) {
            Ok(verifier)
        } else {
            Err(Error::ChainNotAllowed)
        }
    }

    /// The challenge whose nonce the message carries, if it was issued to this wallet and is live as far as is known
    /// here; another node may have consumed it, which [`redeem`](Self::redeem) finds out.
    async fn find_by_nonce(
        &self,
        claim: &Claim<'_>,
        now: OffsetDateTime,
    ) -> Result<Option<Challenge>, Error> {
        let Some(nonce) = Nonce::parse(&claim.message().fields().nonce) else {
            return Ok(None);
        };
        let found = self.find(Purpose::SignIn, &Handle::Nonce(nonce)).await?;
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

    /// The challenge that an answer names: from memory for the first answer, otherwise from the store.
    async fn find(&self, purpose: Purpose, handle: &Handle) -> Result<Option<Challenge>, Error> {
        if let Some(unanswered) = self.unanswered.take(purpose, handle) {
            return Ok(Some(unanswered));
        }
        let (store, profile) = (&self.ports.store, self.policy.profile);
        let stored = match handle {
            Handle::Nonce(nonce) => store.find_challenge_by_nonce(profile, purpose, nonce),
            Handle::Id(id) => store.find_challenge(profile, purpose, *id),
        };
        Ok(stored.await?)
    }

    /// Stores a fresh challenge, and remembers it for its first answer.
    async fn store(&self, challenge: Challenge) -> Result<(), Error> {
        let stored = self.ports.store.insert_challenge(challenge.clone());
        stored.await?;
        self.unanswered.remember(challenge);
        Ok(())
    }

    /// A fresh challenge for this address.
    fn fresh(&self, purpose: Purpose, address: Address, message: Message) -> Challenge {
        let random = &*self.ports.random;
        let issued_at = whole_milliseconds(self.ports.clock.now());
        Challenge {
            id: ChallengeId::generate(issued_at, random),
            profile: self.policy.profile,
            purpose,
            nonce: Nonce::generate(issued_at, random),
            address,
            message,
            issued_at,
            expires_at: issued_at + self.policy.ttl,
            consumed_at: None,
        }
    }

    /// A fresh challenge with the whole message.
    async fn with_message(
        &self,
        purpose: Purpose,
        chain: &ChainId,
        address: &str,
    ) -> Result<Challenge, Error> {
        let verifier = self.accepting(chain)?;
        let address = parse_account(&*verifier, chain, address).await?;
        let by_server = |text| Message::ByServer {
            chain: chain.clone(),
            text,
        };
        let mut challenge = self.fresh(purpose, address, by_server(String::new()));
        let message = self.build_message(&*verifier, chain, &challenge);
        challenge.message = by_server(message.to_string());
        Ok(challenge)
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
            statement: Some(statement(challenge.purpose, origin)),
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
}

/// An answer that names its address instead of its challenge.
#[derive(Debug, Clone, Copy)]
pub struct AddressAnswer<'a> {
    /// The chain that the challenge was issued for.
    pub chain: &'a ChainId,
    /// The address that signed, in any spelling its chain reads.
    pub address: &'a str,
    /// The exact text that was signed, where the client says it; otherwise every live challenge is tried.
    pub text: Option<&'a str>,
}

impl AddressAnswer<'_> {
    fn fits(&self, challenge: &Challenge) -> bool {
        let Message::ByServer { text, .. } = &challenge.message else {
            return false;
        };
        self.text.is_none_or(|answered| answered == text)
    }
}

/// The purpose in words, for the person who signs.
fn statement(purpose: Purpose, origin: &Origin) -> String {
    let site = origin.authority();
    match purpose {
        Purpose::SignIn => format!("Sign in to {site}."),
        Purpose::MintKey => format!("Create an API key that acts for this wallet at {site}."),
    }
}

fn issued(challenge: Challenge) -> IssuedChallenge {
    let message = match challenge.message {
        Message::ByServer { text, .. } => text,
        Message::ByClient { .. } => {
            unreachable!("a challenge with the client's message has no text to issue")
        }
    };
    IssuedChallenge {
        id: challenge.id,
        message,
        nonce: challenge.nonce,
        expires_at: challenge.expires_at,
    }
}

async fn parse_account(
    verifier: &dyn ChainVerifier,
    chain: &ChainId,
    text: &str,
) -> Result<Address, Error> {
    verifier.parse_account(chain, text).await.map_err(refusal)
}

fn refusal(error: AddressError) -> Error {
    match error {
        AddressError::Malformed { expected } | AddressError::Invalid { expected } => {
            Error::InvalidAddress { expected }
        }
        AddressError::Unavailable => Error::ChainUnavailable,
    }
}
