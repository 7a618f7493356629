//! The flows with a memory store, a manual clock and a chain of one rule.

use std::sync::Arc;

use async_trait::async_trait;
use time::{Duration, macros::datetime};

use super::*;
use crate::{
    ChainRegistry, ChainVerifier, Error,
    chain::{Address, ChainAddress, ChainId, Namespace},
    challenge::Purpose,
    client_address::ClientAddress,
    expected::{Refusal, TimeRules},
    freshness::OneProcess,
    memory::{ManualClock, MemoryStore, PlainTokens, SeededRandom},
    principal::Principal,
    profile::Profile,
    proof::Proof,
    rate_limit::Nodes,
    secret::Secret,
    store::ChallengeStore,
    store::StoreError,
    verifier::{AddressError, ChainInfo, Control, ProvenAccount, Source, VerifyError},
};

const ADDRESS: &str = "tester";

/// A chain whose signature is the address followed by the message.
struct TestChain(ChainInfo);

#[async_trait]
impl ChainVerifier for TestChain {
    fn info(&self) -> &ChainInfo {
        &self.0
    }

    fn is_available(&self) -> bool {
        self.0.name != "Broken"
    }

    async fn parse_address(&self, text: &str) -> Result<Address, AddressError> {
        if text == "nodedown" {
            return Err(AddressError::Unavailable);
        }
        Address::new(text).map_err(|error| AddressError::malformed(error.expected))
    }

    async fn verify(
        &self,
        account: &ChainAddress,
        message: &[u8],
        proof: &Proof,
    ) -> Result<ProvenAccount, VerifyError> {
        if proof.signature == b"node down" {
            return Err(VerifyError::Unavailable);
        }
        if proof.signature != sign(account.address.as_str(), message).signature {
            return Err(VerifyError::InvalidProof);
        }
        Ok(ProvenAccount {
            account: account.clone(),
            control: Control::Key,
        })
    }
}

fn sign(address: &str, message: &[u8]) -> Proof {
    Proof {
        signature: [address.as_bytes(), message].concat(),
        public_key: None,
        key_type: None,
    }
}

struct World {
    challenges: Arc<Challenges>,
    sign_in: SignIn,
    access: Access,
    access_of_aura: Access,
    revocation: Revocation,
    clock: Arc<ManualClock>,
    store: Arc<MemoryStore>,
}

fn namespace() -> Namespace {
    Namespace::new("test").unwrap()
}

fn chain() -> ChainId {
    "test:main".parse().unwrap()
}

fn broken(info: &ChainInfo) -> ChainInfo {
    ChainInfo {
        namespace: Namespace::new("broken").unwrap(),
        name: "Broken".into(),
        chain_ids: vec![],
        ..info.clone()
    }
}

fn world() -> World {
    node(Arc::new(MemoryStore::new(2)))
}

/// One of those that share a store.
fn node(store: Arc<MemoryStore>) -> World {
    let info = ChainInfo {
        namespace: namespace(),
        name: "Test".into(),
        chain_ids: vec![chain()],
        key_types: vec!["only".into()],
        needs_public_key: false,
        address_is_key: true,
        source: Source::Builtin,
    };
    let broken = broken(&info);
    let clock = Arc::new(ManualClock::at(datetime!(2026-03-01 12:00 UTC)));
    let origin: crate::origin::Origin = "https://example.com".parse().unwrap();
    let ports = Ports {
        store: store.clone(),
        registry: Arc::new(ChainRegistry::new([
            Arc::new(TestChain(info)) as Arc<dyn ChainVerifier>,
            Arc::new(TestChain(broken)),
        ])),
        clock: clock.clone(),
        random: Arc::new(SeededRandom::new(1)),
    };
    let policy = ChallengePolicy {
        profile: Profile::Ocx,
        accepted_origins: vec![origin.clone()],
        origin,
        accepted_uris: vec!["urn:example:app".into()],
        times: TimeRules {
            clock_skew: Duration::minutes(2),
            max_age: Duration::minutes(15),
            requires_expiration: false,
            max_validity: Duration::days(7),
        },
        ttl: Duration::minutes(5),
    };
    let challenges = Arc::new(Challenges::new(ports, policy));
    let alone = Arc::new(OneProcess);
    let credentials = Credentials::new(store.clone(), clock.clone(), alone, 100);
    let credentials = Arc::new(credentials);
    let limits = Arc::new(Limits::new(Quotas::default(), 1, &Nodes::Alone));
    let access = |profile| {
        let (rules, limits) = (Rules::of(profile, None), limits.clone());
        Access::new(profile, rules, credentials.clone(), limits, clock.clone())
    };
    World {
        sign_in: SignIn::new(
            challenges.clone(),
            credentials.clone(),
            Arc::new(PlainTokens),
            Duration::days(7),
        ),
        challenges,
        access: access(Profile::Ocx),
        access_of_aura: access(Profile::Aura),
        revocation: Revocation::new(store.clone(), credentials.clone(), clock.clone()),
        clock,
        store,
    }
}

fn message(nonce: &str) -> String {
    format!(
        "example.com wants you to sign in with your Test account:\n{ADDRESS}\n\n\nURI: https://example.com/app\n\
         Version: 1\nChain ID: main\nNonce: {nonce}\nIssued At: 2026-03-01T12:00:00Z"
    )
}

/// Whom a session's token stands for.
async fn who(access: &Access, token: &Secret) -> Result<Principal, Error> {
    let presented = Presented::Credential {
        hash: token.hash(),
        kind: CredentialKind::Session,
        transport: Transport::Header,
    };
    let client = ClientAddress::Known([203, 0, 113, 7].into());
    let caller = access.authenticate(presented, client).await?;
    Ok(caller.principal().expect("a token was presented"))
}

impl World {
    async fn authenticate(&self, token: &Secret) -> Result<Principal, Error> {
        who(&self.access, token).await
    }

    async fn issue(&self, purpose: Purpose) -> IssuedChallenge {
        self.challenges
            .issue(purpose, &chain(), ADDRESS)
            .await
            .unwrap()
    }

    async fn issue_nonce(&self) -> IssuedNonce {
        self.challenges
            .issue_nonce(&namespace(), ADDRESS)
            .await
            .unwrap()
    }

    async fn submit(&self, text: &str) -> Result<SignedIn, Error> {
        self.sign_in
            .verify_message(&namespace(), text, &sign(ADDRESS, text.as_bytes()))
            .await
    }

    async fn signed_in(&self) -> SignedIn {
        let nonce = self.issue_nonce().await.nonce;
        self.submit(&message(nonce.as_str())).await.unwrap()
    }
}

#[tokio::test]
async fn a_signed_message_starts_a_session() {
    let world = world();
    let signed_in = world.signed_in().await;
    let principal = world.authenticate(&signed_in.token).await.unwrap();
    assert_eq!(
        (principal.account, principal.wallet.to_string()),
        (signed_in.account, "test:main:tester".into())
    );
}

#[tokio::test]
async fn a_signed_server_message_starts_a_session() {
    let world = world();
    let challenge = world.issue(Purpose::SignIn).await;
    let proof = sign(ADDRESS, challenge.message.as_bytes());
    let signed_in = world
        .sign_in
        .verify_challenge(challenge.id, &proof)
        .await
        .unwrap();
    assert!(world.authenticate(&signed_in.token).await.is_ok());
    assert_eq!(
        world
            .sign_in
            .verify_challenge(challenge.id, &proof)
            .await
            .unwrap_err(),
        Error::ChallengeNotLive
    );
}

#[tokio::test]
async fn the_server_message_says_its_purpose_in_words() {
    let world = world();
    let challenge = world.issue(Purpose::SignIn).await;
    assert!(
        challenge.message.contains("\nSign in to example.com.\n"),
        "{}",
        challenge.message
    );
}

#[tokio::test]
async fn a_message_is_redeemed_once() {
    let world = world();
    let text = message(world.issue_nonce().await.nonce.as_str());
    world.submit(&text).await.unwrap();
    assert_eq!(
        world.submit(&text).await.unwrap_err(),
        Error::Refused(Refusal::NonceMismatch)
    );
}

#[tokio::test]
async fn a_message_redeemed_at_another_node_is_refused() {
    let here = world();
    let there = node(here.store.clone());
    let text = message(here.issue_nonce().await.nonce.as_str());
    assert!(there.submit(&text).await.is_ok());
    assert_eq!(
        here.submit(&text).await.unwrap_err(),
        Error::ChallengeNotLive
    );
}

#[tokio::test]
async fn a_challenge_to_mint_a_key_starts_no_session() {
    let world = world();
    let challenge = world.issue(Purpose::MintKey).await;
    let proof = sign(ADDRESS, challenge.message.as_bytes());
    for _ in 0..2 {
        let answer = world.sign_in.verify_challenge(challenge.id, &proof).await;
        assert_eq!(answer.unwrap_err(), Error::ChallengeNotLive);
    }
}

#[tokio::test]
async fn an_expired_nonce_is_refused() {
    let world = world();
    let text = message(world.issue_nonce().await.nonce.as_str());
    world.clock.advance(Duration::minutes(5));
    assert_eq!(
        world.submit(&text).await.unwrap_err(),
        Error::Refused(Refusal::NonceMismatch)
    );
}

#[tokio::test]
async fn a_refused_proof_consumes_nothing() {
    let world = world();
    let text = message(world.issue_nonce().await.nonce.as_str());
    let forged = sign("someone else", text.as_bytes());
    let refused = world
        .sign_in
        .verify_message(&namespace(), &text, &forged)
        .await;
    assert_eq!(refused.unwrap_err(), Error::InvalidProof);
    assert!(world.submit(&text).await.is_ok());
}

#[tokio::test]
async fn an_unreachable_chain_is_no_bad_signature() {
    let world = world();
    let text = message(world.issue_nonce().await.nonce.as_str());
    let proof = Proof {
        signature: b"node down".to_vec(),
        public_key: None,
        key_type: None,
    };
    let answer = world
        .sign_in
        .verify_message(&namespace(), &text, &proof)
        .await;
    assert_eq!(answer.unwrap_err(), Error::ChainUnavailable);
}

#[tokio::test]
async fn an_unlisted_key_type_is_refused() {
    let world = world();
    let text = message(world.issue_nonce().await.nonce.as_str());
    let proof = Proof {
        key_type: Some("other".into()),
        ..sign(ADDRESS, text.as_bytes())
    };
    let answer = world
        .sign_in
        .verify_message(&namespace(), &text, &proof)
        .await;
    assert_eq!(
        answer.unwrap_err(),
        Error::UnknownKeyType {
            accepted: vec!["only".into()]
        }
    );
}

#[tokio::test]
async fn a_nonce_serves_only_the_wallet_it_was_issued_to() {
    let world = world();
    let nonce = world
        .challenges
        .issue_nonce(&namespace(), "another")
        .await
        .unwrap()
        .nonce;
    assert_eq!(
        world.submit(&message(nonce.as_str())).await.unwrap_err(),
        Error::Refused(Refusal::NonceMismatch)
    );
}

#[tokio::test]
async fn the_nonce_of_a_server_message_serves_no_client_message() {
    let world = world();
    let challenge = world.issue(Purpose::SignIn).await;
    let text = message(challenge.nonce.as_str());
    assert_eq!(
        world.submit(&text).await.unwrap_err(),
        Error::Refused(Refusal::NonceMismatch)
    );
}

#[tokio::test]
async fn a_client_nonce_cannot_be_answered_by_its_challenge_id() {
    let world = world();
    let nonce = world.issue_nonce().await.nonce;
    let found = world
        .store
        .find_challenge_by_nonce(Profile::Ocx, Purpose::SignIn, &nonce)
        .await;
    let answer = world
        .sign_in
        .verify_challenge(found.unwrap().unwrap().id, &sign(ADDRESS, b""))
        .await;
    assert_eq!(answer.unwrap_err(), Error::ChallengeNotLive);
}

#[tokio::test]
async fn each_expectation_has_its_own_refusal_and_the_domain_comes_first() {
    let world = world();
    let text = message(world.issue_nonce().await.nonce.as_str());
    for (from, to, refusal) in [
        (
            "example.com wants",
            "evil.example wants",
            Refusal::DomainMismatch,
        ),
        (
            "example.com wants",
            "http://example.com wants",
            Refusal::SchemeMismatch,
        ),
        (
            "URI: https://example.com",
            "URI: https://evil.example",
            Refusal::UriNotAllowed,
        ),
        (
            "Chain ID: main",
            "Chain ID: other",
            Refusal::ChainNotAllowed,
        ),
        (
            "12:00:00Z",
            "12:00:00Z\nExpiration Time: 2026-03-01T12:00:00Z",
            Refusal::Expired,
        ),
        (
            "12:00:00Z",
            "12:00:00Z\nExpiration Time: 2026-04-01T12:00:00Z",
            Refusal::ValidityTooLong,
        ),
        (
            "12:00:00Z",
            "12:00:00Z\nNot Before: 2026-03-01T12:00:01Z",
            Refusal::NotYetValid,
        ),
        ("12:00:00Z", "12:02:01Z", Refusal::IssuedInFuture),
        ("12:00:00Z", "11:44:59Z", Refusal::IssuedTooOld),
        ("Nonce: ", "Nonce: x", Refusal::NonceMismatch),
        (
            "example.com wants you to sign in with your Test account:\ntester",
            "evil.example wants you to sign in with your Test account:\nother",
            Refusal::DomainMismatch,
        ),
    ] {
        let changed = text.replace(from, to);
        assert_eq!(
            world.submit(&changed).await.unwrap_err(),
            Error::Refused(refusal),
            "{from:?} -> {to:?}"
        );
    }
    let listed = text.replace("URI: https://example.com/app", "URI: urn:example:app");
    assert!(world.submit(&listed).await.is_ok());
}

#[tokio::test]
async fn unknown_and_unserved_chains_are_refused() {
    let world = world();
    let issue = async |chain: &str| {
        world
            .challenges
            .issue(Purpose::SignIn, &chain.parse().unwrap(), ADDRESS)
            .await
            .unwrap_err()
    };
    assert_eq!(issue("nope:1").await, Error::UnknownChain);
    assert_eq!(issue("test:side").await, Error::ChainNotAllowed);
}

#[tokio::test]
async fn too_many_challenges_are_an_error_of_their_own() {
    let world = world();
    world.issue_nonce().await;
    world.issue_nonce().await;
    let third = world.challenges.issue_nonce(&namespace(), ADDRESS).await;
    assert_eq!(
        third.unwrap_err(),
        Error::Store(StoreError::TooManyChallenges)
    );
}

#[tokio::test]
async fn a_session_ends_at_its_expiry() {
    let world = world();
    let token = world.signed_in().await.token;
    world
        .clock
        .advance(Duration::days(7) - Duration::NANOSECOND);
    assert!(world.authenticate(&token).await.is_ok());
    world.clock.advance(Duration::NANOSECOND);
    assert_eq!(
        world.authenticate(&token).await.unwrap_err(),
        Error::ExpiredCredential
    );
}

#[tokio::test]
async fn a_revoked_session_is_refused_even_after_its_expiry() {
    let world = world();
    let token = world.signed_in().await.token;
    assert!(world.authenticate(&token).await.is_ok());
    let revoked = world
        .revocation
        .revoke_session(Profile::Ocx, &token.hash())
        .await;
    assert_eq!(revoked, Ok(()));
    assert_eq!(
        world.authenticate(&token).await.unwrap_err(),
        Error::RevokedCredential
    );
    world.clock.advance(Duration::days(8));
    assert_eq!(
        world.authenticate(&token).await.unwrap_err(),
        Error::RevokedCredential
    );
}

#[tokio::test]
async fn a_session_is_invalid_in_another_profile() {
    let world = world();
    let token = world.signed_in().await.token;
    assert_eq!(
        who(&world.access_of_aura, &token).await.unwrap_err(),
        Error::InvalidCredential
    );
}

#[tokio::test]
async fn a_text_that_is_no_message_or_of_another_chain_names_its_line() {
    let world = world();
    let text = message(world.issue_nonce().await.nonce.as_str());
    for (from, to, line) in [
        ("Version: 1", "Version: one", 6),
        ("Test account", "Other account", 1),
        ("tester\n", "te/ster\n", 2),
    ] {
        let Error::InvalidMessage(fault) = world.submit(&text.replace(from, to)).await.unwrap_err()
        else {
            panic!("{from:?} -> {to:?}");
        };
        assert_eq!(fault.line, line, "{from:?} -> {to:?}");
    }
}

#[tokio::test]
async fn an_address_the_chain_refuses_gets_no_challenge() {
    let world = world();
    let refused = world
        .challenges
        .issue_nonce(&namespace(), "no address")
        .await;
    assert!(
        matches!(refused, Err(Error::InvalidAddress { .. })),
        "{refused:?}"
    );
    let refused = world.challenges.issue(Purpose::SignIn, &chain(), "").await;
    assert!(
        matches!(refused, Err(Error::InvalidAddress { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_chain_that_cannot_be_asked_is_unavailable_and_never_a_refusal() {
    let world = world();
    let challenges = &world.challenges;
    let broken = Namespace::new("broken").unwrap();
    for refused in [
        challenges.issue_nonce(&namespace(), "nodedown").await.err(),
        challenges.issue_nonce(&broken, ADDRESS).await.err(),
        // It serves no chain of this name either, which is not what the client is told.
        challenges
            .issue(Purpose::SignIn, &"broken:main".parse().unwrap(), ADDRESS)
            .await
            .err(),
    ] {
        assert_eq!(refused, Some(Error::ChainUnavailable));
    }
    let nonce = world.issue_nonce().await.nonce;
    let text = message(nonce.as_str()).replace("tester\n", "nodedown\n");
    let refused = world.submit(&text).await;
    assert_eq!(refused.unwrap_err(), Error::ChainUnavailable);
}
