//! Sign-in: challenge, proof, session.

use std::sync::Arc;

use time::Duration;

use super::{
    challenges::{Challenges, Proven},
    credentials::Credentials,
};
use crate::{
    Error,
    account::AccountId,
    chain::{ChainAddress, Namespace},
    challenge::{ChallengeId, Purpose},
    clock::whole_milliseconds,
    proof::Proof,
    random::{UNGUESSABLE, base62},
    secret::Secret,
    session::{IssuedSession, Session, SessionClaims, SessionId, TokenIssuer},
    store::{Grant, Issued},
};

/// Turns a wallet's signature into a session, in one profile.
pub struct SignIn {
    challenges: Arc<Challenges>,
    credentials: Arc<Credentials>,
    tokens: Arc<dyn TokenIssuer>,
    session_ttl: Duration,
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
    /// Sign-in by the answers to these challenges; sessions last for `session_ttl`.
    pub fn new(
        challenges: Arc<Challenges>,
        credentials: Arc<Credentials>,
        tokens: Arc<dyn TokenIssuer>,
        session_ttl: Duration,
    ) -> Self {
        Self {
            challenges,
            credentials,
            tokens,
            session_ttl,
        }
    }

    /// Verifies a message the client built around a nonce of [`Challenges::issue_nonce`], and starts a session.
    /// `text` is the exact text that was signed. A refused proof consumes nothing.
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
        let challenges = &self.challenges;
        let proven = challenges.verify_message(namespace, text, proof).await?;
        self.start_session(proven).await
    }

    /// Verifies the answer to a challenge of [`Challenges::issue`], and starts a session.
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
        let challenges = &self.challenges;
        let proven = challenges.verify_by_id(Purpose::SignIn, id, proof).await?;
        self.start_session(proven).await
    }

    async fn start_session(&self, proven: Proven) -> Result<SignedIn, Error> {
        let grant = self.session_grant(&proven);
        let granted = self.challenges.redeem(proven, grant).await?;
        let Issued::Session(issued) = granted.issued else {
            unreachable!("the grant makes a session");
        };
        let IssuedSession { session, token } = *issued;
        let known = session.clone().into();
        self.credentials.make_known(session.token_hash, known);
        tracing::debug!(session = %session.id, account = %session.account, is_new_account = granted.is_new_account, "signed in");
        Ok(SignedIn {
            account: session.account,
            wallet: session.wallet,
            token,
        })
    }

    fn session_grant(&self, proven: &Proven) -> Grant {
        let Challenges { ports, policy, .. } = &*self.challenges;
        let now = whole_milliseconds(ports.clock.now());
        let (profile, expires_at) = (policy.profile, now + self.session_ttl);
        let (random, tokens) = (ports.random.clone(), self.tokens.clone());
        let (wallet, wallet_key) = (proven.wallet.address.clone(), proven.wallet.key.clone());
        Arc::new(move |account| {
            let id = SessionId::generate(now, &*random);
            let claims = SessionClaims {
                session: id,
                profile,
                account,
                wallet: &wallet,
                issued_at: now,
                expires_at,
                token_id: base62(&*random, UNGUESSABLE),
            };
            let token = tokens.issue(&claims);
            let session = Session {
                id,
                profile,
                account,
                wallet: wallet.clone(),
                wallet_key: wallet_key.clone(),
                token_hash: token.hash(),
                issued_at: now,
                expires_at,
                revoked_at: None,
            };
            Issued::Session(Box::new(IssuedSession { session, token }))
        })
    }
}
