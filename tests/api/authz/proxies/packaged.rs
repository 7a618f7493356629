//! Traefik and Envoy, configured by their blocks of `docs/forward-auth.md`. No Debian package has them; those of
//! PyPI do, which `scripts/test` installs.

use super::{
    PAGES, Request, Stack, TRUSTED,
    matrix::{IDENTITY, check},
    upstream::Upstream,
};
use countersign_tests::proxy::Proxy;

use crate::access::{
    history::History,
    matrix::{OCX_COLUMNS, ocx_rows},
};

/// Both, with a server and an upstream behind them.
fn stack(server: countersign_tests::Server) -> Stack {
    let upstream = Upstream::start();
    let proxies = [
        Proxy::traefik(server.authority(), upstream.authority()),
        Proxy::envoy(server.authority(), upstream.authority()),
    ];
    Stack {
        server,
        upstream,
        proxies,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ocx_is_judged_alike_through_packaged_proxies() {
    let mut history = History::begin().await;
    let rows = ocx_rows(&mut history).await;
    let stack = stack(history.serve(&[TRUSTED, PAGES]).await);
    check(&stack, &rows, &OCX_COLUMNS[..3]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_names_himself_and_what_is_judged_is_what_is_served() {
    let stack = stack(countersign_tests::Server::start_with(&[TRUSTED, PAGES]));
    for proxy in &stack.proxies {
        let spoofed = IDENTITY
            .iter()
            .fold(Request::new("GET", "/perps/markets"), |request, name| {
                request.with(name, "spoofed")
            });
        let spoofed = spoofed.with("X-Forwarded-For", "127.0.0.1");
        let (_, received) = stack.ask(proxy, &spoofed).await;
        let received = received.expect("anybody may see the markets");
        assert!(!format!("{received:?}").contains("spoofed"), "{received:?}");
        assert_eq!(received.header("x-auth-credential"), "anonymous");
        for path in [
            "/perps/%6darkets",
            "/perps//markets",
            "/x/../perps/markets",
            "/perps/%2e%2e/wallet/balance",
            "/perps%2Fpositions",
            "/perps/markets;x=1",
            "/perps/markets/",
        ] {
            let (reply, received) = stack.ask(proxy, &Request::new("GET", path)).await;
            // A proxy may put a path right before it asks, if it passes on what it asked about.
            let served = received.map(|received| received.target);
            let is_same = served.as_deref().is_none_or(|it| it == "/perps/markets");
            assert!(is_same, "{} {path}: {served:?} {reply:?}", proxy.name);
        }
    }
}
