//! Who we are: origins and host names, from configuration and the bound port, never from a request.

use std::net::SocketAddr;

use countersign_core::origin::Origin;

use crate::settings::Settings;

/// The server's own identity on the web.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// Under which clients reach the server.
    pub own: Origin,
    /// The origin named in messages the server builds.
    pub origin: Origin,
    /// Every origin accepted in a message.
    pub sign_in_origins: Vec<Origin>,
    /// Origins of the web pages that may call.
    pub browser_origins: Vec<Origin>,
    /// The `Host` headers answered to; `None`: any, because a proxy in front decides.
    pub hosts: Option<Vec<String>>,
    /// Whether cookies travel over https only.
    pub is_https: bool,
}

impl Site {
    /// The identity of a server bound to this address. Without a public URL the server is
    /// local, and answers to its local names only: a page whose DNS name points here (DNS
    /// rebinding) gets nothing.
    pub(crate) fn new(settings: &Settings, bound: SocketAddr) -> Self {
        let local = local_origins(bound);
        let own = settings
            .public_url
            .clone()
            .map_or_else(|| local.clone(), |public| vec![public]);
        let first = own[0].clone();
        let sign_in_origins = if settings.sign_in_origins.is_empty() {
            own
        } else {
            settings.sign_in_origins.clone()
        };
        let hosts = settings
            .public_url
            .is_none()
            .then(|| local_hosts(&local, bound));
        Self {
            own: first,
            origin: sign_in_origins[0].clone(),
            browser_origins: settings
                .browser_origins
                .clone()
                .unwrap_or_else(|| sign_in_origins.clone()),
            sign_in_origins,
            hosts,
            is_https: settings
                .public_url
                .as_ref()
                .is_some_and(|public| public.scheme() == "https"),
        }
    }

    /// The identity of the internal listener. No web page may call it, and on loopback it answers to its
    /// local names only.
    pub(crate) fn internal(bound: SocketAddr) -> Self {
        let local = local_origins(bound);
        Self {
            own: local[0].clone(),
            origin: local[0].clone(),
            sign_in_origins: vec![],
            browser_origins: vec![],
            hosts: bound.ip().is_loopback().then(|| local_hosts(&local, bound)),
            is_https: false,
        }
    }
}

/// The `Host` headers of these origins, and of the same port on IPv6.
fn local_hosts(local: &[Origin], bound: SocketAddr) -> Vec<String> {
    let ipv6 = format!("[::1]:{}", bound.port());
    local.iter().map(Origin::authority).chain([ipv6]).collect()
}

fn local_origins(bound: SocketAddr) -> Vec<Origin> {
    let port = bound.port();
    let mut origins: Vec<Origin> = Vec::new();
    for authority in [
        bound.to_string(),
        format!("127.0.0.1:{port}"),
        format!("localhost:{port}"),
    ] {
        let origin = Origin::of("http", &authority).expect("an address and port make an origin");
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    origins
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn site(change: impl Fn(&mut Config)) -> Site {
        let mut config = Config::default();
        change(&mut config);
        Site::new(
            &Settings::parse(&config).unwrap(),
            "127.0.0.1:8123".parse().unwrap(),
        )
    }

    fn texts(origins: &[Origin]) -> Vec<String> {
        origins.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn without_configuration_the_site_is_local() {
        let site = site(|_| {});
        assert_eq!(
            texts(&site.sign_in_origins),
            ["http://127.0.0.1:8123", "http://localhost:8123"]
        );
        assert_eq!(
            site.hosts.unwrap(),
            ["127.0.0.1:8123", "localhost:8123", "[::1]:8123"]
        );
        assert!(!site.is_https);
    }

    #[test]
    fn with_a_public_url_the_site_is_that() {
        let site = site(|c| c.server.public_url = Some("https://id.example.com".into()));
        assert_eq!(texts(&site.sign_in_origins), ["https://id.example.com"]);
        assert_eq!(texts(&site.browser_origins), ["https://id.example.com"]);
        assert!(site.hosts.is_none() && site.is_https);
    }

    #[test]
    fn the_sign_in_origins_come_first_in_messages() {
        let site = site(|c| {
            c.server.public_url = Some("https://id.example.com".into());
            c.sign_in.origins = vec!["https://app.example.com".into()];
        });
        assert_eq!(site.origin.to_string(), "https://app.example.com");
        assert_eq!(texts(&site.browser_origins), ["https://app.example.com"]);
    }
}
