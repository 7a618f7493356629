//! API keys: mint and list. [`Revocation`](super::Revocation) ends them.

use std::sync::Arc;

use super::{
    challenges::{AddressAnswer, Challenges},
    credentials::Credentials,
};
use crate::{
    Error,
    api_key::{ApiKey, ApiKeyOwner, ApiKeyRequest, IssuedApiKey},
    challenge::Purpose,
    clock::whole_milliseconds,
    principal::Principal,
    proof::Proof,
    store::{Grant, Issued, KeyOwner},
};

/// The API keys of one profile.
pub struct ApiKeys {
    challenges: Arc<Challenges>,
    credentials: Arc<Credentials>,
}

impl ApiKeys {
    /// Keys minted by the answers to these challenges, or by principals.
    pub fn new(challenges: Arc<Challenges>, credentials: Arc<Credentials>) -> Self {
        Self {
            challenges,
            credentials,
        }
    }

    /// Mints a key for somebody who is signed in. Whether this principal may, the caller has decided.
    ///
    /// # Errors
    /// [`Error::Store`]; its [`TooManyApiKeys`](crate::store::StoreError::TooManyApiKeys) at the account's cap.
    pub async fn mint(
        &self,
        principal: &Principal,
        request: &ApiKeyRequest,
    ) -> Result<IssuedApiKey, Error> {
        let Challenges { ports, policy, .. } = &*self.challenges;
        let now = whole_milliseconds(ports.clock.now());
        let (owner, random) = (principal.owner(), &*ports.random);
        let issued = IssuedApiKey::generate(policy.profile, owner, request, now, random);
        ports.store.insert_api_key(issued.key.clone()).await?;
        self.make_known(&issued);
        tracing::debug!(key = %issued.key.id, account = %issued.key.account, "minted an API key");
        Ok(issued)
    }

    /// Mints a key for the wallet that answers a challenge of [`Challenges::issue_for_address`] for
    /// [`Purpose::MintKey`]. A refused proof consumes nothing.
    ///
    /// # Errors
    /// [`Error::UnknownChain`], [`Error::ChainNotAllowed`], [`Error::InvalidAddress`], [`Error::ChallengeNotLive`],
    /// [`Error::Refused`] when what is accepted has changed since, [`Error::UnknownKeyType`], [`Error::PublicKeyRequired`],
    /// [`Error::InvalidProof`], [`Error::ChainUnavailable`], or [`Error::Store`] as in [`mint`](Self::mint).
    pub async fn mint_by_proof(
        &self,
        answer: &AddressAnswer<'_>,
        proof: &Proof,
        request: ApiKeyRequest,
    ) -> Result<IssuedApiKey, Error> {
        let challenges = &self.challenges;
        let proven = challenges
            .verify_by_address(Purpose::MintKey, answer, proof)
            .await?;
        let (wallet, wallet_key) = (proven.wallet.address.clone(), proven.wallet.key.clone());
        let random = challenges.ports.random.clone();
        let now = whole_milliseconds(challenges.ports.clock.now());
        let profile = challenges.policy.profile;
        let grant: Grant = Arc::new(move |account| {
            let owner = ApiKeyOwner {
                account,
                wallet: wallet.clone(),
                wallet_key: wallet_key.clone(),
            };
            let issued = IssuedApiKey::generate(profile, owner, &request, now, &*random);
            Issued::ApiKey(Box::new(issued))
        });
        let granted = challenges.redeem(proven, grant).await?;
        let Issued::ApiKey(issued) = granted.issued else {
            unreachable!("the grant makes a key");
        };
        self.make_known(&issued);
        tracing::debug!(key = %issued.key.id, account = %issued.key.account, is_new_account = granted.is_new_account, "minted an API key");
        Ok(*issued)
    }

    /// The keys of an owner, live or not, newest first, with uses that are not written yet.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn list(&self, owner: &KeyOwner) -> Result<Vec<ApiKey>, Error> {
        let mut keys = self.challenges.ports.store.list_api_keys(owner).await?;
        self.credentials.add_unwritten_uses(&mut keys);
        for key in &mut keys {
            // Uses are noted in whole seconds, which must not come before the key.
            if let Some(last) = &mut key.last_use {
                last.at = last.at.max(key.created_at);
            }
        }
        Ok(keys)
    }

    fn make_known(&self, issued: &IssuedApiKey) {
        let principal = issued.key.clone().into();
        self.credentials
            .make_known(issued.key.secret_hash, principal);
    }
}
