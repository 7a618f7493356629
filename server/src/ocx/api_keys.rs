//! `/perps/me/api-keys`: mint, list and revoke API keys. Sessions only.

use std::sync::Arc;

use countersign_core::{
    allowlist::{Allowlist, Network},
    api_key::{ApiKeyId, ApiKeyRequest},
    principal::Principal,
    profile::Profile,
    service::KeyRevocation,
    store::{KeyHolder, KeyOwner},
};
use poem::web::Data;
use poem_openapi::{ApiResponse, OpenApi, param::Path, payload::Json};
use time::Duration;

use super::{
    Ocx, Tag,
    error::ApiError,
    key_view::{ApiKeyView, ApiKeyWithSecret, ApiKeys, NewApiKey},
    security::SignedIn,
};
use crate::http::{
    fault::{Fault, pointer},
    request_id::to_the_end,
    secured::Secured,
    strict_json::StrictJson,
    text::{Cidr, Form, Text},
};

pub(crate) struct ApiKeysApi;

#[derive(ApiResponse)]
enum Created {
    /// The key, with the secret that is shown this once.
    #[oai(status = 201)]
    Created(Json<ApiKeyWithSecret>),
}

#[derive(ApiResponse)]
enum Revoked {
    /// The key is revoked; from now on it authenticates nobody.
    #[oai(status = 204)]
    Done,
}

#[OpenApi(prefix_path = "/perps/me/api-keys", tag = "Tag::ApiKeys")]
impl ApiKeysApi {
    /// List API keys.
    ///
    /// All keys of the account, expired and revoked ones included, newest first. For sessions only.
    #[oai(path = "/", method = "get", operation_id = "listApiKeys")]
    async fn list(
        &self,
        ocx: Data<&Arc<Ocx>>,
        caller: Secured<SignedIn>,
    ) -> Result<Json<ApiKeys>, ApiError> {
        let keys = ocx.api_keys.list(&owner(&caller.0.0)).await?;
        let now = ocx.clock.now();
        let keys = keys.iter().map(|key| ApiKeyView::of(key, now)).collect();
        Ok(Json(ApiKeys { keys }))
    }

    /// Create an API key.
    ///
    /// The secret is in this answer and nowhere else. For sessions only.
    #[oai(path = "/", method = "post", operation_id = "createApiKey")]
    async fn create(
        &self,
        ocx: Data<&Arc<Ocx>>,
        caller: Secured<SignedIn>,
        body: StrictJson<NewApiKey>,
    ) -> Result<Created, ApiError> {
        let issued = ocx.api_keys.mint(&caller.0.0, &request(body.0)?).await?;
        let now = ocx.clock.now();
        Ok(Created::Created(Json(ApiKeyWithSecret::of(&issued, now))))
    }

    /// Revoke an API key.
    ///
    /// It stops authenticating at once. For sessions only.
    #[oai(path = "/:id", method = "delete", operation_id = "revokeApiKey")]
    async fn revoke(
        &self,
        ocx: Data<&Arc<Ocx>>,
        caller: Secured<SignedIn>,
        /// The key's id.
        id: Path<String>,
    ) -> Result<Revoked, ApiError> {
        let (owner, id) = (owner(&caller.0.0), ApiKeyId::from_text(&id.0));
        let revocation = ocx.revocation.clone();
        let revoked = to_the_end(async move { revocation.revoke_api_key(&owner, &id).await });
        match revoked.await?? {
            KeyRevocation::Done => Ok(Revoked::Done),
            KeyRevocation::WasRevoked => Err(ApiError::api_key_revoked()),
            KeyRevocation::NotFound => Err(ApiError::api_key_not_found()),
        }
    }
}

/// All keys of the account.
fn owner(principal: &Principal) -> KeyOwner {
    KeyOwner {
        profile: Profile::Ocx,
        holder: KeyHolder::Account(principal.account),
    }
}

fn request(body: NewApiKey) -> Result<ApiKeyRequest, Fault> {
    let networks = body.allowed_ips.unwrap_or_default();
    let network = |(at, text): (usize, &Text<Cidr>)| {
        text.parse::<Network>().map_err(|_| {
            let pointer = pointer("/allowedIps", &at.to_string());
            Fault::invalid_request(pointer, Cidr::EXPECTED)
        })
    };
    let networks: Result<_, _> = networks.iter().enumerate().map(network).collect();
    Ok(ApiKeyRequest {
        name: Some(body.name.into_string()),
        scopes: [body.scope.into()].into_iter().collect(),
        allowlist: Allowlist::new(networks?),
        ttl: body.expires_in_days.map(|days| Duration::days(days.into())),
    })
}
