//! The sites that may ask for a signature, and the pages that may call.

use countersign_core::origin::Origin;

use super::finding::Finding;
use crate::{settings::Settings, site::Site};

const SIGN_IN: &str = "sign-in origins";
const PAGES: &str = "web pages";

pub(super) fn check(settings: &Settings) -> Vec<Finding> {
    let site = Site::new(settings, settings.listen);
    let sign_in = faults(
        settings,
        "sign_in.origins",
        SIGN_IN,
        &settings.sign_in_origins,
    );
    let pages = settings.browser_origins.as_deref().unwrap_or_default();
    let pages = faults(settings, "browser.origins", PAGES, pages)
        .chain(disagreements(settings, &site))
        .chain(cookies_lost(settings, &site));
    let sign_in = or_ok(sign_in.collect(), SIGN_IN, || texts(&site.sign_in_origins));
    let pages = or_ok(pages.collect(), PAGES, || texts(&site.browser_origins));
    sign_in.into_iter().chain(pages).collect()
}

fn or_ok(
    faults: Vec<Finding>,
    subject: &'static str,
    found: impl FnOnce() -> String,
) -> Vec<Finding> {
    if faults.is_empty() {
        return vec![Finding::ok(subject, found())];
    }
    faults
}

fn texts(origins: &[Origin]) -> String {
    let texts: Vec<_> = origins.iter().map(ToString::to_string).collect();
    match texts.is_empty() {
        true => "none".to_owned(),
        false => texts.join(", "),
    }
}

/// What is wrong with single origins of a setting.
fn faults<'a>(
    settings: &Settings,
    setting: &'static str,
    subject: &'static str,
    origins: &'a [Origin],
) -> impl Iterator<Item = Finding> + 'a {
    let is_public = is_public(settings);
    origins.iter().filter_map(move |origin| {
        let why = match (origin.is_loopback(), origin.scheme()) {
            (true, _) if is_public => {
                "left over from development? Any program on a visitor's machine can serve pages there"
            }
            (false, "http") => "plain http: whoever is on the way can change its pages",
            _ => return None,
        };
        let cure = match origin.is_loopback() {
            true => format!("remove {origin} from {setting}"),
            false => format!("write https://{} in {setting}", origin.authority()),
        };
        Some(Finding::warning(subject, format!("{origin}: {why}"), cure))
    })
}

fn is_public(settings: &Settings) -> bool {
    let public = settings.public_url.as_ref();
    public.is_some_and(|url| !url.is_loopback())
}

/// Pages that may call but not name themselves in a message, and the other way round.
fn disagreements(settings: &Settings, site: &Site) -> Vec<Finding> {
    if settings.browser_origins.is_none() {
        return vec![];
    }
    let silent = site
        .browser_origins
        .iter()
        .filter(|origin| !site.sign_in_origins.contains(origin))
        .map(|origin| {
            let found = format!("{origin} may call, but a message that names it is refused");
            Finding::warning(PAGES, found, format!("add {origin} to sign_in.origins"))
        });
    let barred = site
        .sign_in_origins
        .iter()
        .filter(|origin| !site.browser_origins.contains(origin))
        .map(|origin| {
            let found = format!("{origin} may be named in a message, but its web pages get 403");
            Finding::warning(PAGES, found, format!("add {origin} to browser.origins"))
        });
    silent.chain(barred).collect()
}

/// Browsers keep cookies of one site from pages of another.
fn cookies_lost(settings: &Settings, site: &Site) -> Vec<Finding> {
    let Some(url) = settings.public_url.as_ref().filter(|_| is_public(settings)) else {
        return vec![];
    };
    let is_elsewhere = |origin: &&Origin| origin.scheme() == "https" && !is_same_site(origin, url);
    let warn = |origin: &Origin| {
        Finding::warning(
            PAGES,
            format!(
                "{origin} is another site than {url}: many browsers keep the session cookie from its pages"
            ),
            "serve both below one domain, or let those pages use bearer tokens",
        )
    };
    let elsewhere = site.browser_origins.iter().filter(is_elsewhere);
    elsewhere.map(warn).collect()
}

/// By the last two labels: without the list of public suffixes, `a.co.uk` and `b.co.uk` pass for one site.
fn is_same_site(one: &Origin, other: &Origin) -> bool {
    fn site(origin: &Origin) -> Vec<&str> {
        origin.host().rsplit('.').take(2).collect()
    }
    one.scheme() == other.scheme() && site(one) == site(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_scheme_and_domain() {
        for (one, other, expected) in [
            ("https://app.example.com", "https://auth.example.com", true),
            ("https://example.com", "https://auth.example.com:8443", true),
            ("https://example.org", "https://example.com", false),
            ("http://app.example.com", "https://example.com", false),
        ] {
            let same = is_same_site(&one.parse().unwrap(), &other.parse().unwrap());
            assert_eq!(same, expected, "{one} {other}");
        }
    }
}
