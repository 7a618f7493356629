//! Web origins: scheme, host and port, compared as a browser compares them.

use std::{fmt, str::FromStr};

use fluent_uri::{Uri, component::Authority};

/// Scheme, host and port (RFC 6454 §4). Scheme and host are lower case; the scheme's default port is left out.
///
/// ```
/// use countersign_core::origin::{InvalidOrigin, Origin};
///
/// let origin: Origin = "HTTPS://Example.com:443".parse()?;
/// assert_eq!(origin.to_string(), "https://example.com");
/// assert_eq!(Origin::of_uri("https://example.com/login?next=/"), Some(origin.clone()));
/// assert_ne!("https://example.com:8443".parse(), Ok(origin));
/// assert_eq!("https://example.com/".parse::<Origin>(), Err(InvalidOrigin), "nothing follows the host");
/// # Ok::<(), InvalidOrigin>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: String,
    host: String,
    port: Option<u16>,
}

/// A text that is no origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected an origin such as https://example.com: scheme, host and optional port, nothing after it"
)]
pub struct InvalidOrigin;

impl Origin {
    /// The origin of a scheme and an authority (`example.com:8443`); `None` where the
    /// authority carries userinfo, no host name, or a port with leading zeros or over 65535.
    pub fn of(scheme: &str, authority: &str) -> Option<Self> {
        let uri = format!("{scheme}://{authority}");
        let uri = Uri::parse(uri.as_str()).ok()?;
        let parsed = uri.authority()?;
        (parsed.as_str() == authority).then(|| Self::from_parts(scheme, &parsed))?
    }

    /// The origin of a URI, whatever its path, query and fragment; `None` where it has none, as for `urn:`
    /// and `mailto:`, and where [`of`](Self::of) is `None`.
    pub fn of_uri(uri: &str) -> Option<Self> {
        let uri = Uri::parse(uri).ok()?;
        Self::from_parts(uri.scheme().as_str(), &uri.authority()?)
    }

    fn from_parts(scheme: &str, authority: &Authority<'_>) -> Option<Self> {
        if authority.has_userinfo() || !is_host(authority.host()) {
            return None;
        }
        let scheme = scheme.to_ascii_lowercase();
        let port = match authority.port().map(|port| port.as_str()) {
            None | Some("") => None,
            // Compared as text by wallets, so one spelling only.
            Some(port) => Some(
                port.parse::<u16>()
                    .ok()
                    .filter(|number| number.to_string() == port)?,
            ),
        };
        let port = port.filter(|port| default_port(&scheme) != Some(*port));
        Some(Self {
            host: authority.host().to_ascii_lowercase(),
            port,
            scheme,
        })
    }

    /// The scheme, lower case.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The host name or IP address, lower case; IPv6 in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Host and port as they appear in a sign-in message and in a `Host` header, for example
    /// `example.com:8443`; a default port is left out.
    pub fn authority(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    /// The port, which is the scheme's own where none is written.
    pub fn port(&self) -> Option<u16> {
        self.port.or_else(|| default_port(&self.scheme))
    }

    /// Whether the host is this machine itself: `localhost`, `127.0.0.0/8` or `[::1]`.
    pub fn is_loopback(&self) -> bool {
        let address = self.host.trim_start_matches('[').trim_end_matches(']');
        self.host == "localhost"
            || address
                .parse::<std::net::IpAddr>()
                .is_ok_and(|ip| ip.is_loopback())
    }
}

/// A host name as DNS and browsers know it, or an IP address: what RFC 3986 allows besides
/// (percent-encoding, `*` and other delimiters) names no site.
fn is_host(host: &str) -> bool {
    let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    (1..=253).contains(&host.len()) && (host.starts_with('[') || host.bytes().all(is_name))
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "https" => Some(443),
        "http" => Some(80),
        _ => None,
    }
}

/// Reads `scheme://host` or `scheme://host:port`, as a browser's `Origin` header has it.
impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let (scheme, authority) = text.split_once("://").ok_or(InvalidOrigin)?;
        Self::of(scheme, authority).ok_or(InvalidOrigin)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_ports_and_letter_case_do_not_matter() {
        let expected: Origin = "https://example.com".parse().unwrap();
        for text in [
            "https://example.com:443",
            "HTTPS://Example.COM",
            "https://example.com:",
        ] {
            assert_eq!(text.parse(), Ok(expected.clone()), "{text}");
        }
        assert_eq!(expected.port(), Some(443));
        let other: Origin = "https://example.com:8443".parse().unwrap();
        assert_eq!(other.port(), Some(8443));
    }

    #[test]
    fn what_is_more_or_less_than_an_origin_is_refused() {
        for text in [
            "example.com",
            "https://",
            "https://a@b",
            "https://a/",
            "https://a?x",
            "https://a#x",
            "null",
            "*",
            "https://a:70000",
            "https://a:0443",
            "https://a%41.example",
            "https://*.example.com",
        ] {
            assert_eq!(text.parse::<Origin>(), Err(InvalidOrigin), "{text}");
        }
    }

    #[test]
    fn loopback_hosts_are_known() {
        for (text, loopback) in [
            ("http://localhost:1", true),
            ("http://127.0.0.1", true),
            ("http://[::1]:8", true),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(
                text.parse::<Origin>().unwrap().is_loopback(),
                loopback,
                "{text}"
            );
        }
    }
}
