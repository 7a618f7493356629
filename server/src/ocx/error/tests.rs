use super::*;

async fn answer(error: ApiError) -> (u16, String) {
    let response = error.into_response();
    let status = response.status().as_u16();
    let body = response.into_body().into_string().await.unwrap();
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    (status, body["code"].as_str().unwrap().to_owned())
}

/// What no black-box test can bring about: chains that need a node are not built in, and we do
/// not know of a way to make us fail.
#[tokio::test]
async fn facts_that_are_hard_to_bring_about_have_their_codes_too() {
    for (error, status, code) in [
        (
            ApiError::from(Error::ChainUnavailable),
            503,
            "CHAIN_UNAVAILABLE",
        ),
        (
            Error::InsufficientScope { needed: None }.into(),
            403,
            "INSUFFICIENT_SCOPE",
        ),
        (Error::PublicKeyRequired.into(), 400, "INVALID_REQUEST"),
        (Fault::RequestTimeout.into(), 408, "REQUEST_TIMEOUT"),
        (Fault::Internal.into(), 500, "INTERNAL_ERROR"),
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
        body.contains("INVALID_REQUEST") && !body.contains("secret detail"),
        "{body}"
    );
}
