use countersign_core::message::{MessageError, MessageErrorKind};

use super::*;

async fn answer(error: ApiError) -> (u16, String) {
    let response = error.into_response();
    let status = response.status().as_u16();
    let body = response.into_body().into_string().await.unwrap();
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    (status, body["error"]["code"].as_str().unwrap().to_owned())
}

/// What no black-box test can bring about.
#[tokio::test]
async fn facts_that_are_hard_to_bring_about_have_their_codes_too() {
    let message = MessageError {
        line: 1,
        kind: MessageErrorKind::Malformed,
        expected: "nothing".into(),
    };
    for (error, status, code) in [
        (ApiError::from(Error::ChainUnavailable), 503, "unavailable"),
        (
            Error::from(StoreError::Unavailable).into(),
            503,
            "unavailable",
        ),
        (
            Error::from(StoreError::TooManyChallenges).into(),
            503,
            "unavailable",
        ),
        (Error::PublicKeyRequired.into(), 400, "bad_request"),
        (
            Error::InvalidMessage(message).into(),
            401,
            "challenge_expired",
        ),
        (Error::SessionRequired.into(), 403, "forbidden"),
        (
            Error::InsufficientScope { needed: None }.into(),
            403,
            "insufficient_scope",
        ),
        (Error::CrossSite.into(), 403, "csrf_rejected"),
        (Error::NoRule.into(), 404, "not_found"),
        (Fault::RequestTimeout.into(), 408, "request_timeout"),
        (Fault::NotReady.into(), 503, "unavailable"),
        (Fault::Internal.into(), 500, "internal_error"),
    ] {
        assert_eq!(answer(error).await, (status, code.to_owned()));
    }
}

#[tokio::test]
async fn a_framework_error_is_put_into_the_envelope_without_its_own_text() {
    let error = poem::Error::from_string("secret detail", poem::http::StatusCode::BAD_REQUEST);
    let response = render_error(error);
    assert_eq!(response.status(), 400);
    let body = response.into_body().into_string().await.unwrap();
    assert!(
        body.contains("\"bad_request\"") && !body.contains("secret detail"),
        "{body}"
    );
}
