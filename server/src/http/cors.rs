//! Cross-origin requests of listed pages (the Fetch standard, "CORS protocol"). Origins are exact and
//! come with credentials; a page that is not listed gets no permission and its browser keeps the answer.

use poem::{
    Request, Response,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
};

use crate::site::Site;

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
const REQUEST_HEADERS: &str = "authorization, content-type, x-api-key, x-request-id";
const RESPONSE_HEADERS: &str = "ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after, www-authenticate, x-request-id";
/// How long a browser may remember the answer to a preflight, in seconds.
const REMEMBER: &str = "600";
const PREFLIGHT_VARY: &str =
    "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";

/// The listed origin a request comes from, as its header has it.
pub(crate) fn listed_origin(site: &Site, headers: &HeaderMap) -> Option<HeaderValue> {
    let mut sent = headers.get_all(header::ORIGIN).iter();
    let (origin, None) = (sent.next()?, sent.next()) else {
        return None;
    };
    let parsed = origin.to_str().ok()?.parse().ok()?;
    site.browser_origins
        .contains(&parsed)
        .then(|| origin.clone())
}

/// The answer to a browser that asks before it sends (a preflight); `None` for every other request.
pub(crate) fn preflight(request: &Request) -> Option<Response> {
    let is_preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ORIGIN)
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    is_preflight.then(|| {
        let mut response = Response::builder().status(StatusCode::NO_CONTENT).finish();
        set(&mut response, header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        set(
            &mut response,
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            REQUEST_HEADERS,
        );
        set(&mut response, header::ACCESS_CONTROL_MAX_AGE, REMEMBER);
        response
    })
}

/// Lets a listed page read the answer, errors included.
pub(crate) fn admit(origin: Option<HeaderValue>, is_preflight: bool, response: &mut Response) {
    if is_preflight {
        set(response, header::VARY, PREFLIGHT_VARY);
    }
    let Some(origin) = origin else { return };
    response
        .headers_mut()
        .insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    set(response, header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    set(
        response,
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        RESPONSE_HEADERS,
    );
}

fn set(response: &mut Response, name: HeaderName, value: &'static str) {
    response
        .headers_mut()
        .insert(name, HeaderValue::from_static(value));
}
