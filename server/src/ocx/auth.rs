//! `/auth`: sign in, see who is signed in, log out.

use std::sync::Arc;

use countersign_core::{
    Error,
    chain::ChainId,
    challenge::{ChallengeId, Purpose},
    profile::Profile,
    proof::{Proof, parse_hex},
    service::SignedIn,
};
use countersign_ethereum::Ethereum;
use poem::web::Data;
use poem_openapi::{ApiResponse, OpenApi, payload::Json};

use super::{
    Ocx, Tag, cookie,
    error::ApiError,
    security::{Admitted, Identified, Sessions},
    sign_in_quota::SignInQuota,
    view::{
        Chain, Chains, ChallengeRequest, ChallengeView, Me, Nonce, NonceRequest, SignedInView,
        SiweRequest, VerifyRequest,
    },
};
use crate::http::{
    browser::SameSite, fault::Fault, nullable::Nullable, request_id::to_the_end, secured::Secured,
    strict_json::StrictJson,
};

pub(crate) struct AuthApi;

#[derive(ApiResponse)]
enum SignInOk {
    /// Signed in; the session cookie is set.
    #[oai(status = 200)]
    Ok(
        Json<SignedInView>,
        /// The session cookie. Its value also serves as a bearer token.
        #[oai(header = "Set-Cookie")]
        String,
    ),
}

#[derive(ApiResponse)]
enum MeOk {
    /// Who the request comes from, or `null`.
    #[oai(status = 200)]
    Ok(Json<Nullable<Me>>),
}

#[derive(ApiResponse)]
enum LogoutOk {
    /// Logged out; the session cookie is cleared.
    #[oai(status = 204)]
    Done(
        /// Clears the session cookie.
        #[oai(header = "Set-Cookie")]
        String,
    ),
}

#[OpenApi(prefix_path = "/auth", tag = "Tag::Authentication")]
impl AuthApi {
    /// Ask for a nonce.
    ///
    /// The first step of SIWE: the nonce goes into an EIP-4361 message that the client builds. Anybody may call.
    #[oai(path = "/nonce", method = "post", operation_id = "issueNonce")]
    async fn issue_nonce(
        &self,
        ocx: Data<&Arc<Ocx>>,
        _quota: SignInQuota,
        body: StrictJson<NonceRequest>,
    ) -> Result<Json<Nonce>, ApiError> {
        let issued = ocx
            .challenges
            .issue_nonce(&Ethereum::namespace(), &body.0.wallet_address)
            .await;
        let challenge = issued.map_err(|error| ApiError::from(error).at("/walletAddress"))?;
        Ok(Json(challenge.into()))
    }

    /// Sign in with a signed EIP-4361 message.
    ///
    /// The message must carry a nonce of `POST /auth/nonce`, asked for by the same wallet. Anybody may call.
    #[oai(path = "/siwe", method = "post", operation_id = "signInWithEthereum")]
    async fn siwe(
        &self,
        ocx: Data<&Arc<Ocx>>,
        _browser_rule: SameSite,
        _quota: SignInQuota,
        body: StrictJson<SiweRequest>,
    ) -> Result<SignInOk, ApiError> {
        let proof = proof(&body.0.signature, None, None)?;
        let signed_in = ocx
            .sign_in
            .verify_message(&Ethereum::namespace(), &body.0.message, &proof)
            .await?;
        Ok(ocx.signed_in(&signed_in))
    }

    /// List the chains whose wallets can sign in.
    ///
    /// Anybody may call.
    #[oai(path = "/chains", method = "get", operation_id = "listChains")]
    async fn chains(
        &self,
        ocx: Data<&Arc<Ocx>>,
        _caller: Secured<Admitted>,
    ) -> Result<Json<Chains>, ApiError> {
        let chains = ocx
            .registry
            .list()
            .iter()
            .map(|verifier| Chain::from(&**verifier))
            .collect();
        Ok(Json(Chains { chains }))
    }

    /// Ask for a message to sign.
    ///
    /// The first step for wallets of every chain: the server builds the whole message. Anybody may call.
    #[oai(path = "/challenge", method = "post", operation_id = "issueChallenge")]
    async fn issue_challenge(
        &self,
        ocx: Data<&Arc<Ocx>>,
        _quota: SignInQuota,
        body: StrictJson<ChallengeRequest>,
    ) -> Result<Json<ChallengeView>, ApiError> {
        let chain: ChainId =
            body.0.chain.parse().map_err(|_| {
                Fault::invalid_request("/chain", "a CAIP-2 chain id such as eip155:1")
            })?;
        let challenge = ocx
            .challenges
            .issue(Purpose::SignIn, &chain, &body.0.address)
            .await
            .map_err(|error| {
                let pointer = if matches!(error, Error::InvalidAddress { .. }) {
                    "/address"
                } else {
                    "/chain"
                };
                ApiError::from(error).at(pointer)
            })?;
        Ok(Json(challenge.into()))
    }

    /// Sign in with the signature of a challenge.
    ///
    /// The second step after `POST /auth/challenge`. Anybody may call.
    #[oai(path = "/verify", method = "post", operation_id = "verifyChallenge")]
    async fn verify(
        &self,
        ocx: Data<&Arc<Ocx>>,
        _browser_rule: SameSite,
        _quota: SignInQuota,
        body: StrictJson<VerifyRequest>,
    ) -> Result<SignInOk, ApiError> {
        let request = body.0;
        let proof = proof(
            &request.signature,
            request.public_key.as_deref(),
            request.key_type,
        )?;
        // What is no id at all is an unknown challenge.
        let id = ChallengeId::parse(&request.challenge_id).ok_or(Error::ChallengeNotLive)?;
        let signed_in = ocx.sign_in.verify_challenge(id, &proof).await?;
        Ok(ocx.signed_in(&signed_in))
    }

    /// Who am I?
    ///
    /// For an API key, its owner. Answers `null`, and never 401, when the credential is absent, expired,
    /// revoked or invalid; `GET /auth/chains` says which of these it is.
    #[oai(path = "/me", method = "get", operation_id = "getMe")]
    async fn me(&self, caller: Secured<Identified>) -> Result<MeOk, ApiError> {
        let me = caller.0.0.principal().as_ref().map(Me::from);
        Ok(MeOk::Ok(Json(Nullable(me))))
    }

    /// Log out.
    ///
    /// Revokes at once every session the request names, by header or cookie, and clears the cookie. Does nothing
    /// without a session.
    #[oai(path = "/logout", method = "post", operation_id = "logOut")]
    async fn logout(
        &self,
        ocx: Data<&Arc<Ocx>>,
        _browser_rule: SameSite,
        sessions: Secured<Sessions>,
    ) -> Result<LogoutOk, ApiError> {
        let revocation = ocx.revocation.clone();
        let revoked = to_the_end(async move {
            for token in &sessions.0.0 {
                revocation.revoke_session(Profile::Ocx, token).await?;
            }
            Ok::<_, Error>(())
        });
        revoked.await??;
        Ok(LogoutOk::Done(cookie::clear(&ocx.site)))
    }
}

impl Ocx {
    fn signed_in(&self, signed_in: &SignedIn) -> SignInOk {
        let cookie = cookie::set(&self.site, &signed_in.token, self.session_ttl);
        SignInOk::Ok(Json(signed_in.into()), cookie)
    }
}

fn proof(
    signature: &str,
    public_key: Option<&str>,
    key_type: Option<String>,
) -> Result<Proof, Fault> {
    let hex = |pointer, text| {
        parse_hex(text)
            .map_err(|_| Fault::invalid_request(pointer, "hex digits, with or without 0x"))
    };
    Ok(Proof {
        signature: hex("/signature", signature)?,
        public_key: public_key.map(|text| hex("/publicKey", text)).transpose()?,
        key_type,
    })
}
