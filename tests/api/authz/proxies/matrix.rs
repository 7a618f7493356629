//! The matrix of `access/matrix.rs`, through proxies: what passes is what the engine lets pass, and nothing else
//! reaches the upstream.

use countersign_core::profile::Profile;

use super::{PAGE, PAGES, Received, Reply, Request, Stack, TRUSTED};
use crate::access::{
    history::History,
    matrix::{AURA_COLUMNS, OCX_COLUMNS, Row, aura_rows, ocx_rows, status_of},
};

/// Two are refused by nginx itself.
const TWICE: &str = "two Authorization fields";
pub(super) const IDENTITY: [&str; 5] = [
    "x-auth-account",
    "x-auth-wallet",
    "x-auth-credential",
    "x-auth-key-id",
    "x-auth-scopes",
];

#[tokio::test(flavor = "multi_thread")]
async fn ocx_is_judged_alike_through_proxies() {
    let mut history = History::begin().await;
    let rows = ocx_rows(&mut history).await;
    let server = history.serve(&[TRUSTED, PAGES]).await;
    let stack = Stack::around(server, Profile::Ocx);
    // The other columns are Countersign's own operations.
    check(&stack, &rows, &OCX_COLUMNS[..3]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn aura_is_judged_alike_through_proxies() {
    let mut history = History::begin().await;
    let rows = aura_rows(&mut history).await;
    let server = history.serve(&[TRUSTED, PAGES]).await;
    let stack = Stack::around(server, Profile::Aura);
    check(&stack, &rows, &AURA_COLUMNS).await;
}

pub(super) async fn check(stack: &Stack, rows: &[Row], columns: &[&[&str]]) {
    let mut passed = 0;
    for row in rows {
        for (column, expected) in columns.iter().zip(row.2.split(' ')) {
            for route in column.iter().filter(|route| !route.contains("/auth/")) {
                for proxy in &stack.proxies {
                    let case = format!("{} on {route} through {}", row.0, proxy.name);
                    let (reply, received) = stack.ask(proxy, &request(route, row)).await;
                    check_cell(&case, route, expected, &reply, received.as_ref());
                    passed += usize::from(received.is_some());
                }
            }
        }
    }
    assert!(passed > 20, "{passed}");
}

/// What the row presents, and lies about who it is.
fn request(route: &str, row: &Row) -> Request {
    let (method, path) = route.split_once(' ').expect("method and path");
    // A cookie changes something only for a listed page.
    let request = Request::new(method, path).with("Origin", PAGE);
    let request = IDENTITY
        .iter()
        .fold(request, |request, name| request.with(name, "spoofed"));
    let request = (row.1.iter()).fold(request, |request, (name, value)| request.with(name, value));
    if method == "POST" {
        return request.with_body("{\"any\": \"object\"}");
    }
    request
}

#[track_caller]
fn check_cell(case: &str, route: &str, expected: &str, reply: &Reply, received: Option<&Received>) {
    let Some(received) = received else {
        let is_twice = case.starts_with(TWICE) && reply.status == 400;
        assert_ne!(expected, "ok", "{case}: {reply:?}");
        assert!(
            is_twice || reply.status == status_of(expected),
            "{case}: {reply:?}"
        );
        let is_told = is_twice || route.starts_with("HEAD") || reply.body.contains(expected);
        return assert!(is_told, "{case}: {expected}: {reply:?}");
    };
    assert_eq!((expected, reply.status), ("ok", 200), "{case}: {reply:?}");
    assert_eq!(
        format!("{} {}", received.method, received.target),
        route,
        "{case}"
    );
    let is_whole = received.method != "POST" || received.body == "{\"any\": \"object\"}";
    assert!(is_whole, "{case}: {received:?}");
    check_identity(case, received);
}

/// Who passes is who the upstream is told, and nobody the client made up.
#[track_caller]
fn check_identity(case: &str, received: &Received) {
    assert!(
        !format!("{received:?}").contains("spoofed"),
        "{case}: {received:?}"
    );
    let [account, wallet, credential, key_id, scopes] = IDENTITY.map(|name| received.header(name));
    let is_whole = match credential {
        "anonymous" => [account, wallet, key_id, scopes].concat().is_empty(),
        "session" => account.len() == 26 && (key_id, scopes) == ("", "read trade"),
        "api-key" => account.len() == 26 && !key_id.is_empty() && !scopes.is_empty(),
        _ => false,
    };
    let is_named = wallet.is_empty() || wallet.starts_with("eip155:1:0x");
    assert!(is_whole && is_named, "{case}: {received:?}");
    // A dead cookie is nothing; beside another credential it is not looked at.
    let is_alone = !["despite", "over", "rescued", "good"]
        .iter()
        .any(|word| case.contains(word));
    let is_anonymous = case.contains("nothing") || (case.contains("cookie") && is_alone);
    assert!(
        !is_anonymous || credential == "anonymous",
        "{case}: {received:?}"
    );
}
