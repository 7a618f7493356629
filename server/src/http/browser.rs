//! The browser rule, against CSRF and login CSRF: on calls that set the cookie, or that use it
//! to change something, the page that makes the call must be a listed one.

use countersign_core::origin::Origin;
use poem::{
    FromRequest, Request, RequestBody, Result,
    http::{HeaderMap, HeaderName, header},
};

use super::{context::Context, fault::Fault};

/// Shows that the browser rule was kept. An argument of every call that sets or clears the
/// cookie, before the body, so that the rule comes first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SameSite;

impl<'a> FromRequest<'a> for SameSite {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> Result<Self> {
        let context = Context::of(request)?;
        check(request.headers(), &context.site.browser_origins)?;
        Ok(Self)
    }
}

/// Whether a browser sent a request for a page that is not listed.
pub(crate) fn is_cross_site(headers: &HeaderMap, listed: &[Origin]) -> bool {
    check(headers, listed).is_err()
}

/// Whether a browser may have sent a request for a page that is not listed: a proxy in between may have dropped the
/// headers that would say.
pub(crate) fn may_be_cross_site(headers: &HeaderMap, listed: &[Origin]) -> bool {
    let tells = headers.contains_key(header::ORIGIN) || headers.contains_key(&SEC_FETCH_SITE);
    !tells || is_cross_site(headers, listed)
}

/// An `Origin` must be listed, and then passes. Without one, a `Sec-Fetch-Site` other than
/// `same-origin` is refused. With neither the caller is no browser.
static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

fn check(headers: &HeaderMap, listed: &[Origin]) -> Result<(), Fault> {
    let mut origins = headers.get_all(header::ORIGIN).iter().peekable();
    if origins.peek().is_some() {
        let is_listed = |value: &poem::http::HeaderValue| {
            let origin = value
                .to_str()
                .ok()
                .and_then(|text| text.parse::<Origin>().ok());
            origin.is_some_and(|origin| listed.contains(&origin))
        };
        return if origins.all(is_listed) {
            Ok(())
        } else {
            Err(Fault::CrossSite)
        };
    }
    let is_same_origin = headers
        .get_all(&SEC_FETCH_SITE)
        .iter()
        .all(|value| value == "same-origin");
    if is_same_origin {
        Ok(())
    } else {
        Err(Fault::CrossSite)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(headers: &[(&'static str, &'static str)]) -> Result<(), Fault> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        check(&map, &["https://app.example.com".parse().unwrap()])
    }

    #[test]
    fn a_listed_page_passes_whatever_the_site_header_says() {
        assert_eq!(answer(&[("origin", "https://app.example.com")]), Ok(()));
        assert_eq!(
            answer(&[
                ("origin", "https://app.example.com"),
                ("sec-fetch-site", "cross-site")
            ]),
            Ok(())
        );
    }

    #[test]
    fn other_pages_are_refused() {
        for origin in [
            "https://evil.example",
            "null",
            "http://app.example.com",
            "https://app.example.com:444",
            "https://app.example.com/x",
            "",
        ] {
            assert_eq!(
                answer(&[("origin", origin)]),
                Err(Fault::CrossSite),
                "{origin}"
            );
            assert_eq!(
                answer(&[("origin", origin), ("sec-fetch-site", "same-origin")]),
                Err(Fault::CrossSite),
                "{origin}"
            );
        }
        let two = [
            ("origin", "https://app.example.com"),
            ("origin", "https://evil.example"),
        ];
        assert_eq!(answer(&two), Err(Fault::CrossSite));
    }

    #[test]
    fn without_an_origin_the_site_header_decides() {
        for (value, expected) in [
            ("same-origin", Ok(())),
            ("same-site", Err(Fault::CrossSite)),
            ("cross-site", Err(Fault::CrossSite)),
            ("none", Err(Fault::CrossSite)),
        ] {
            assert_eq!(answer(&[("sec-fetch-site", value)]), expected, "{value}");
        }
    }

    #[test]
    fn a_caller_without_either_header_is_no_browser() {
        assert_eq!(answer(&[("user-agent", "curl")]), Ok(()));
    }
}
