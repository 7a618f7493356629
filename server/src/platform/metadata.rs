//! `/.well-known/openid-configuration`: where what verifies session tokens is found. It has the names of OpenID Connect
//! Discovery for what is true here, and nothing else: there is no OpenID provider.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{ApiResponse, Object, OpenApi, payload::Json};

use super::{
    Platform, Tag,
    keys::{Algorithm, caching},
};
use crate::ocx::ApiError;

pub(crate) struct MetadataApi;

/// What a verifier of session tokens is set up with.
#[derive(Debug, Object)]
struct TokenMetadata {
    /// The `iss` of session tokens: a name, which need not be an address.
    issuer: String,
    /// Where the keys of session tokens are listed.
    jwks_uri: String,
    /// The algorithms that session tokens are signed with.
    session_token_signing_alg_values_supported: Vec<Algorithm>,
}

#[derive(ApiResponse)]
enum TokenMetadataOk {
    /// What a verifier of session tokens is set up with.
    #[oai(status = 200)]
    Ok(
        Json<TokenMetadata>,
        /// How long the answer may be kept.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

#[OpenApi(prefix_path = "/.well-known", tag = "Tag::Keys")]
impl MetadataApi {
    /// Find out how session tokens are verified.
    ///
    /// For libraries that ask here for issuer and keys. This is no OpenID provider: there is no authorization endpoint,
    /// and session tokens are no ID tokens. Anybody may call.
    #[oai(
        path = "/openid-configuration",
        method = "get",
        operation_id = "readTokenMetadata"
    )]
    async fn metadata(&self, platform: Data<&Arc<Platform>>) -> Result<TokenMetadataOk, ApiError> {
        let metadata = TokenMetadata {
            issuer: platform.tokens.issuer().to_owned(),
            jwks_uri: format!("{}/.well-known/jwks.json", platform.site.own),
            session_token_signing_alg_values_supported: vec![Algorithm::EdDsa],
        };
        Ok(TokenMetadataOk::Ok(Json(metadata), caching()))
    }
}
