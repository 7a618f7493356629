//! Browsers behind proxies: who is sent to sign in, and whose cookie counts.

use countersign_core::profile::Profile;
use countersign_tests::Server;

use super::{PAGE, PAGES, Request, Stack, TRUSTED};
use crate::wallet;

const SIGN_IN: (&str, &str) = (
    "COUNTERSIGN__ACCESS__SIGN_IN_URL",
    "https://app.example.com/login",
);

/// Pages of plain http, as these proxies serve.
const OWN: (&str, &str) = (PAGES.0, "http://app.example.com,https://app.example.com");

fn stack() -> Stack {
    Stack::around(Server::start_with(&[TRUSTED, OWN, SIGN_IN]), Profile::Ocx)
}

fn load(method: &str, path: &str) -> Request {
    Request::new(method, path)
        .with("Sec-Fetch-Mode", "navigate")
        .with("Accept", "text/html,*/*;q=0.8")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_load_goes_to_sign_in_and_everything_else_gets_the_status() {
    let stack = stack();
    let page = "/perps/positions?a=1&b=%2F";
    let back = "https://app.example.com/login?return_to=http%3A%2F%2Fapp.example.com%2Fperps%2Fpositions%3Fa%3D1%26b%3D%252F";
    let fetch = Request::new("GET", page).with("Sec-Fetch-Mode", "cors");
    let preflight = Request::new("OPTIONS", "/perps/orders")
        .with("Origin", PAGE)
        .with("Access-Control-Request-Method", "POST")
        .with("Sec-Fetch-Mode", "cors");
    let form = load("POST", "/perps/orders")
        .with("Origin", PAGE)
        .with_body("a=1");
    for proxy in &stack.proxies {
        for (case, request, status) in [
            ("a page load", load("GET", page), 302),
            ("its HEAD", load("HEAD", page), 302),
            (
                "with a dead cookie",
                load("GET", page).with("Cookie", "astra_session=a.b.c"),
                302,
            ),
            (
                "an old browser's",
                Request::new("GET", page).with("Accept", "text/html"),
                302,
            ),
            (
                "with a bad key",
                load("GET", page).with("x-api-key", "ocx_sk_x"),
                401,
            ),
            ("fetch", fetch.clone(), 401),
            ("a form", form.clone(), 401),
            ("a preflight", preflight.clone(), 403),
            ("a page that nobody may load", load("GET", "/nowhere"), 403),
            (
                "a page of another host",
                load("GET", page)
                    .without("Host")
                    .with("Host", "evil.example"),
                401,
            ),
        ] {
            let (reply, received) = stack.ask(proxy, &request).await;
            let case = format!("{} {case}: {reply:?}", proxy.name);
            assert_eq!(reply.status, status, "{case}");
            assert_eq!(
                reply.header("location"),
                if status == 302 { back } else { "" },
                "{case}"
            );
            assert!(
                received.is_none() && reply.header("cache-control") == "no-store",
                "{case}"
            );
            let is_challenged = reply.header("www-authenticate") == "Bearer";
            assert!(is_challenged || status != 401, "{case}");
            let is_cleared = reply.header("set-cookie").contains("Max-Age=0");
            assert_eq!(is_cleared, case.contains("dead cookie"), "{case}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_changes_something_only_for_a_listed_page() {
    let stack = stack();
    let token = stack.server.client().sign_in(&wallet()).await.token;
    let cookie = format!("astra_session={token}");
    for proxy in &stack.proxies {
        for (headers, status) in [
            (vec![("Origin", PAGE)], 200),
            (vec![("Sec-Fetch-Site", "same-origin")], 200),
            (vec![("Origin", "https://evil.example")], 403),
            (vec![("Origin", "null")], 403),
            (vec![("Sec-Fetch-Site", "cross-site")], 403),
            (vec![], 403),
        ] {
            let order = Request::new("POST", "/perps/orders").with("Cookie", &cookie);
            let order = headers
                .iter()
                .fold(order, |order, (name, value)| order.with(name, value));
            let (reply, _) = stack.ask(proxy, &order.with_body("{}")).await;
            assert_eq!(
                reply.status, status,
                "{} {headers:?}: {reply:?}",
                proxy.name
            );
        }
    }
}

/// The upgrade is a GET, which changes nothing: the upstream has to look at the origin by itself, as the page says.
#[tokio::test(flavor = "multi_thread")]
async fn a_web_socket_opens_with_a_cookie_whatever_page_asks() {
    let stack = stack();
    let token = stack.server.client().sign_in(&wallet()).await.token;
    let upgrade = |protocol: &str| {
        Request::new("GET", "/perps/stream")
            .without("Connection")
            .with("Connection", "Upgrade")
            .with("Upgrade", protocol)
            .with("Origin", "https://evil.example")
    };
    for proxy in &stack.proxies {
        let anybody = upgrade("websocket")
            .without("Connection")
            .with("Connection", "Upgrade, close");
        let (reply, _) = stack.ask(proxy, &anybody).await;
        assert_eq!(reply.status, 401, "{}: {reply:?}", proxy.name);
        let cookie = format!("astra_session={token}");
        let (reply, received) = stack
            .ask(proxy, &upgrade("WebSocket").with("Cookie", &cookie))
            .await;
        let received = received.unwrap_or_else(|| panic!("{}: {reply:?}", proxy.name));
        assert_eq!(reply.status, 101, "{}: {reply:?}", proxy.name);
        assert_eq!(received.header("origin"), "https://evil.example");
        assert_eq!(received.header("x-auth-credential"), "session");
        // Requests inside a connection that was taken over by another protocol would be judged by nobody.
        let other = upgrade("h2c")
            .without("Connection")
            .with("Connection", "Upgrade, HTTP2-Settings, close")
            .with("HTTP2-Settings", "AAMAAABkAAQAAP__")
            .with("Cookie", &cookie);
        for request in [other.clone(), other.with("Upgrade", "websocket")] {
            let (reply, received) = stack.ask(proxy, &request).await;
            let received = received.unwrap_or_else(|| panic!("{}: {reply:?}", proxy.name));
            let upgrade = received.header("upgrade");
            assert!(
                matches!(upgrade, "" | "websocket"),
                "{}: {upgrade}",
                proxy.name
            );
        }
    }
}
