//! Whoever does not know lets nobody in.

use super::{Request, Stack};
use crate::{health::drop_sessions, wallet};

#[tokio::test(flavor = "multi_thread")]
async fn without_its_database_nobody_passes() {
    let stack = Stack::start();
    let token = stack.server.client().sign_in(&wallet()).await.token;
    drop_sessions(&stack.server).await;
    for proxy in &stack.proxies {
        for (name, value) in [
            ("Cookie", format!("astra_session={token}")),
            ("Authorization", format!("Bearer {token}")),
        ] {
            for path in ["/perps/positions", "/perps/markets"] {
                let request = Request::new("GET", path).with(name, &value);
                let (reply, received) = stack.ask(proxy, &request).await;
                let case = format!("{} {name} {path}: {reply:?}", proxy.name);
                assert!(reply.status == 503 && received.is_none(), "{case}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_server_nobody_passes() {
    let Stack {
        server,
        upstream,
        proxies,
    } = Stack::start();
    server.stop();
    for proxy in &proxies {
        let reply = Request::new("GET", "/perps/markets").send(proxy.port).await;
        assert!(
            matches!(reply.status, 502 | 503),
            "{}: {reply:?}",
            proxy.name
        );
    }
    assert!(upstream.take().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_reaches_the_client_as_429() {
    let server = countersign_tests::Server::start_with(&[
        super::TRUSTED,
        ("COUNTERSIGN__LIMITS__SCALE", "1"),
    ]);
    let stack = Stack::around(server, countersign_core::profile::Profile::Aura);
    for proxy in &stack.proxies {
        let mut asked = 0;
        let limited = loop {
            let (reply, _) = stack.ask(proxy, &Request::new("GET", "/v1/markets")).await;
            asked += 1;
            if !reply.is_success() {
                break reply;
            }
            assert!(asked < 100, "no limit");
        };
        assert_eq!(limited.status, 429, "{}: {limited:?}", proxy.name);
        assert!(
            limited.header("retry-after").parse::<u32>().is_ok(),
            "{limited:?}"
        );
        assert!(limited.body.contains("rate_limited"), "{limited:?}");
    }
}
