//! `/v1/auth`: sign a challenge, get an API key; list and revoke keys.

use std::sync::Arc;

use countersign_core::{
    allowlist::Allowlist,
    api_key::{ApiKeyId, ApiKeyRequest},
    chain::ChainId,
    principal::Principal,
    profile::Profile,
    proof::{Proof, parse_hex},
    scope,
    service::{AddressAnswer, KeyRevocation},
    store::{KeyHolder as Holder, KeyOwner},
};
use poem::web::Data;
use poem_openapi::{ApiResponse, OpenApi, param::Path, payload::Json};

use super::{
    Aura, Tag,
    error::ApiError,
    security::{KeyHolder, Quota},
    view::{
        ApiKeyView, ApiKeys, ChallengePurpose, ChallengeRequest, ChallengeView, MintKeyRequest,
        MintedKey,
    },
};
use crate::http::{
    fault::Fault, request_id::to_the_end, secured::Secured, strict_json::StrictJson,
};

pub(crate) struct AuthApi;

#[derive(ApiResponse)]
enum Revoked {
    /// The key is revoked; from now on it authenticates nobody.
    #[oai(status = 204)]
    Done,
}

#[OpenApi(prefix_path = "/v1/auth", tag = "Tag::Auth")]
impl AuthApi {
    /// Ask for a text to sign.
    ///
    /// Whoever asks again for the same wallet within a minute is given the same text. Anybody may call.
    #[oai(path = "/challenge", method = "post", operation_id = "issueChallenge")]
    async fn issue_challenge(
        &self,
        aura: Data<&Arc<Aura>>,
        _quota: Quota,
        body: StrictJson<ChallengeRequest>,
    ) -> Result<Json<ChallengeView>, ApiError> {
        let request = body.0;
        let chain = aura.chain(request.chain.as_deref())?;
        let purpose = request.purpose.unwrap_or(ChallengePurpose::MintKey);
        let challenges = &aura.challenges;
        let issued = challenges
            .issue_for_address(purpose.into(), &chain, &request.address)
            .await?;
        Ok(Json(issued.into()))
    }

    /// Mint an API key with a signed challenge.
    ///
    /// The key is in this answer and nowhere else; every call mints another one. Anybody may call: the
    /// signature shows who does.
    #[oai(path = "/keys", method = "post", operation_id = "mintKey")]
    async fn mint(
        &self,
        aura: Data<&Arc<Aura>>,
        _quota: Quota,
        body: StrictJson<MintKeyRequest>,
    ) -> Result<Json<MintedKey>, ApiError> {
        let request = body.0;
        let chain = aura.chain(request.chain.as_deref())?;
        let proof = Proof {
            signature: hex("/signature", &request.signature)?,
            public_key: Some(hex("/publicKey", &request.public_key)?),
            key_type: request.key_type.clone(),
        };
        let answer = AddressAnswer {
            chain: &chain,
            address: &request.address,
            text: request.challenge.as_deref(),
        };
        let key = key_request(&request);
        let issued = aura.api_keys.mint_by_proof(&answer, &proof, key).await?;
        Ok(Json((&issued).into()))
    }

    /// List the API keys of a wallet.
    ///
    /// All keys of the wallet that minted the calling key, revoked ones included, newest first. For API keys of any scope.
    #[oai(path = "/keys", method = "get", operation_id = "listKeys")]
    async fn list(
        &self,
        aura: Data<&Arc<Aura>>,
        caller: Secured<KeyHolder>,
    ) -> Result<Json<ApiKeys>, ApiError> {
        let keys = aura.api_keys.list(&owner(&caller.0.0)).await?;
        let keys = keys.iter().map(ApiKeyView::from).collect();
        Ok(Json(ApiKeys { keys }))
    }

    /// Revoke an API key.
    ///
    /// A key can revoke every key of its wallet, itself included. It stops authenticating at once; revoking it again
    /// changes nothing. For API keys of any scope.
    #[oai(path = "/keys/:id", method = "delete", operation_id = "revokeKey")]
    async fn revoke(
        &self,
        aura: Data<&Arc<Aura>>,
        caller: Secured<KeyHolder>,
        /// The key's id.
        id: Path<String>,
    ) -> Result<Revoked, ApiError> {
        // A UUID is the same in either case.
        let (owner, id) = (
            owner(&caller.0.0),
            ApiKeyId::from_text(&id.0.to_ascii_lowercase()),
        );
        let revocation = aura.revocation.clone();
        let revoked = to_the_end(async move { revocation.revoke_api_key(&owner, &id).await });
        match revoked.await?? {
            KeyRevocation::Done | KeyRevocation::WasRevoked => Ok(Revoked::Done),
            KeyRevocation::NotFound => Err(ApiError::api_key_not_found()),
        }
    }
}

impl Aura {
    fn chain(&self, named: Option<&str>) -> Result<ChainId, Fault> {
        let expected = "a CAIP-2 chain id such as alephium:mainnet";
        let chain = match named {
            Some(text) => text.parse().ok(),
            None => self.default_chain.clone(),
        };
        chain.ok_or_else(|| Fault::invalid_request("/chain", expected))
    }
}

/// The keys of the wallet, not of its account.
fn owner(principal: &Principal) -> KeyOwner {
    KeyOwner {
        profile: Profile::Aura,
        holder: Holder::Wallet(principal.wallet_key.clone()),
    }
}

fn key_request(request: &MintKeyRequest) -> ApiKeyRequest {
    let all = scope::Scope::of(Profile::Aura);
    let scopes = match &request.scopes {
        Some(scopes) => scopes.iter().map(|scope| (*scope).into()).collect(),
        None => all.iter().copied().collect(),
    };
    ApiKeyRequest {
        name: request.name.as_deref().map(str::to_owned),
        scopes,
        allowlist: Allowlist::default(),
        ttl: None,
    }
}

/// With or without `0x`, in either case; the chain gets bytes.
fn hex(pointer: &str, text: &str) -> Result<Vec<u8>, Fault> {
    parse_hex(text).map_err(|_| Fault::invalid_request(pointer, "hex digits, with or without 0x"))
}
