//! Real proxies in front of a real upstream, configured by the blocks of `docs/forward-auth.md`.

mod browsers;
mod documented;
mod failing;
mod matrix;
mod packaged;
mod paths;
mod raw;
mod shapes;
mod spoofing;
mod upstream;

use countersign_core::profile::Profile;
use countersign_tests::{Server, proxy::Proxy};

use raw::{Reply, Request};
use upstream::{Received, Upstream};

/// Where nginx and Caddy ask from.
const TRUSTED: (&str, &str) = (
    "COUNTERSIGN__SERVER__TRUSTED_PROXIES",
    "127.0.0.1,127.0.0.2",
);
/// The page that cookies may come from.
const PAGE: &str = "https://app.example.com";
const PAGES: (&str, &str) = ("COUNTERSIGN__BROWSER__ORIGINS", PAGE);

/// Both proxies, with one server and one upstream behind them.
struct Stack {
    server: Server,
    upstream: Upstream,
    proxies: [Proxy; 2],
}

impl Stack {
    /// Puts proxies in front of a server, for one dialect.
    fn around(server: Server, dialect: Profile) -> Self {
        let upstream = Upstream::start();
        let proxies = [
            Proxy::nginx(server.authority(), upstream.authority(), dialect),
            Proxy::caddy(server.authority(), upstream.authority(), dialect),
        ];
        Self {
            server,
            upstream,
            proxies,
        }
    }

    /// A server with the rules of OCX's own platform.
    fn start() -> Self {
        Self::around(Server::start_with(&[TRUSTED, PAGES]), Profile::Ocx)
    }

    /// A server with rules.
    fn with_rules(rules: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        std::fs::write(directory.path().join("countersign.toml"), rules).expect("it is written");
        let server = Server::start_on(directory, &[TRUSTED, PAGES]);
        Self::around(server, Profile::Ocx)
    }

    /// What a client is answered, and what reached the upstream.
    async fn ask(&self, proxy: &Proxy, request: &Request) -> (Reply, Option<Received>) {
        let reply = request.send(proxy.port).await;
        let mut received = self.upstream.take();
        assert!(received.len() < 2, "{request:?}: {received:?}");
        let received = received.pop();
        let case = format!("{} {request:?}: {reply:?} {received:?}", proxy.name);
        // Nobody reaches the upstream without being admitted, and nothing else answers in its place.
        let is_from_upstream = reply.header("x-upstream") == "reached";
        assert_eq!(received.is_some(), is_from_upstream, "{case}");
        let is_admitted = reply.is_success() || reply.status == 101;
        assert_eq!(received.is_some(), is_admitted, "{case}");
        (reply, received)
    }
}
