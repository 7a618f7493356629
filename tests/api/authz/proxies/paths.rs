//! No pair of a decision and a path that the upstream receives disagrees.

use super::{Request, Stack};
use crate::wallet;

/// Rules among which a disagreement would matter.
const RULES: &str = "
[[access.ocx]]
methods = ['GET']
path = '/public/7:delete'
admits = ['session']
[[access.ocx]]
methods = ['GET']
path = '/public/caf%C3%A9/**'
admits = ['session']
[[access.ocx]]
methods = ['GET']
path = '/public/**'
admits = ['anonymous', 'session', 'key']
[[access.ocx]]
methods = ['GET']
path = '/admin/**'
admits = ['session']
";

/// Targets that have one reading, which is public.
const PLAIN: [&[u8]; 17] = [
    b"/public",
    b"/public/x",
    b"/public/a%20b",
    b"/public/%E2%82%AC",
    b"/public/%e2%82%ac",
    b"/public/a%3Ab",
    b"/public/%252e%252e/admin/x",
    b"/public/x..y/...",
    b"/public/a:b@c!$&'()*+,=~",
    b"/public/[a]",
    b"/public/x?",
    b"/public/x?y=/../admin/x",
    b"/public/x?%zz&a;b&%00",
    b"/public/x?//admin",
    b"/public/7:open",
    b"http://app.example.com/public/x",
    b"HTTP://elsewhere.example/public/x?y",
];

/// Targets that are, or may be read as, something else. What is answered differs; nobody is let in.
const ODD: [&[u8]; 93] = [
    b"/public/a%3bb",
    b"/public/a%23b",
    b"/public/a%3Fb",
    b"/public/..%3B/admin/x",
    b"/public/%C0%AE%C0%AE/admin/x",
    b"/public/a%C0%AFb",
    b"/public/%FF",
    b"/%70ublic/x",
    b"/public/%61",
    b"/public/%7Ex",
    b"/public/%2d",
    b"/public%2Fx",
    b"/public%2fx",
    b"/public/..%2fadmin/x",
    b"/public/..%2Fadmin/x",
    b"/public%2f..%2fadmin/x",
    b"/public/%2e%2e/admin/x",
    b"/public/%2E%2E/admin/x",
    b"/public/.%2e/admin/x",
    b"/public/%2e/x",
    b"/public/../admin/x",
    b"/public/../public/x",
    b"/admin/../public/x",
    b"/admin/%2e%2e/public/x",
    b"/public/./x",
    b"/public/..",
    b"/public/.",
    b"/./public/x",
    b"/../public/x",
    b"/public//x",
    b"/public//",
    b"/public/",
    b"/public/x/",
    b"//public/x",
    b"///public/x",
    b"//app.example.com/public/x",
    b"//app.example.com/../public/x",
    b"/public/..//admin/x",
    b"/public;/x",
    b"/public;a=b/../admin/x",
    b"/public/..;/admin/x",
    b"/public/x;a=b",
    b"/public/\\..\\admin\\x",
    b"/public\\..\\admin",
    b"\\public\\x",
    b"/\\public/x",
    b"/public/%5c..%5cadmin",
    b"/public/%5C",
    b"/public/x%00",
    b"/public/x%00.png",
    b"/public/x%0a",
    b"/public/x%0d%0aX-Auth-Account:%20x",
    b"/public/x%1F",
    b"/public/x%7f",
    b"/public/x\x00",
    b"/public/x\x01y",
    b"/public/x\ty",
    b"/public/x\x7fy",
    b"/public/x y",
    b"/public/\xc3\xa9",
    b"/public/\xff",
    b"/public/x?\xc3\xa9",
    b"/public/x?\x01",
    b"/public/x#/../admin/x",
    b"/public/x?y#z",
    b"/public/#",
    b"/admin/x#/public/x",
    b"/admin/x?/public/x",
    b"/admin/x",
    b"/admin",
    b"/Public/x",
    b"/PUBLIC/x",
    b"/public.",
    b"/publicx",
    b"/public/x%",
    b"/public/x%2",
    b"/public/x%zz",
    b"/public/x%+1",
    b"/public/%u002e%u002e/admin",
    b"/public/%c0%ae%c0%ae%c0%af",
    b"/public/7%3Adelete",
    b"/public/7%3adelete",
    b"/public/7:delete",
    b"/public/caf%c3%a9/x",
    b"/public/caf%C3%A9/x",
    b"http://app.example.com/admin/x",
    b"http://app.example.com/admin/x?/public/x",
    b"http://app.example.com?/public/x",
    b"http://public/admin/x",
    b"http://public@app.example.com/admin/x",
    b"http:/public/../admin/x",
    b"*",
    b"public/x",
];

#[tokio::test(flavor = "multi_thread")]
async fn what_the_upstream_receives_is_what_was_judged() {
    let stack = Stack::with_rules(RULES);
    for proxy in &stack.proxies {
        for target in PLAIN {
            let (reply, received) = stack.ask(proxy, &Request::new("GET", target)).await;
            let case = format!("{} {}: {reply:?}", proxy.name, target.escape_ascii());
            let received = received.unwrap_or_else(|| panic!("{case}"));
            assert_eq!(received.target, origin_form(target), "{case}");
            check_public(&case, &received.target);
        }
        let mut refused = 0;
        for target in ODD {
            let (reply, received) = stack.ask(proxy, &Request::new("GET", target)).await;
            let case = format!("{} {}: {reply:?}", proxy.name, target.escape_ascii());
            match received {
                None => {
                    assert!(matches!(reply.status, 400 | 401 | 403 | 421), "{case}");
                    refused += 1;
                }
                // A proxy may put a target right, if what it then asks about is what it sends.
                Some(received) => check_public(&case, &received.target),
            }
        }
        assert!(refused >= ODD.len() - 5, "{}: {refused}", proxy.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_long_is_judged_whole_or_refused() {
    let stack = Stack::with_rules(RULES);
    for proxy in &stack.proxies {
        let long = format!("/public/{}", "x".repeat(6000));
        let (reply, received) = stack.ask(proxy, &Request::new("GET", &long)).await;
        let received = received.unwrap_or_else(|| panic!("{reply:?}"));
        assert!(received.target == long, "{}", proxy.name);
        for (filler, length) in [("a/../", 1_000), ("x", 40_000), ("x", 2_000_000)] {
            let target = format!("/public/{}admin/x", filler.repeat(length / filler.len()));
            let (reply, received) = stack.ask(proxy, &Request::new("GET", &target)).await;
            match received {
                Some(received) => check_public("long", &received.target),
                None => assert!(
                    matches!(reply.status, 400 | 414 | 431 | 503 | 502),
                    "{reply:?}"
                ),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_is_judged_as_the_upstream_receives_it() {
    let stack = Stack::with_rules(RULES);
    for proxy in &stack.proxies {
        for method in [
            "GET", "HEAD", "get", "Get", "POST", "PUT", "OPTIONS", "TRACE", "BREW", "M-SEARCH",
            "PRI", "G\tET",
        ] {
            let request = Request::new(method, "/public/x")
                .with("X-Forwarded-Method", "GET")
                .with("X-Original-Method", "GET")
                .with("X-HTTP-Method-Override", "GET");
            let (reply, received) = stack.ask(proxy, &request).await;
            let is_expected = received.is_some() == matches!(method, "GET" | "HEAD");
            assert!(
                is_expected,
                "{} {method}: {reply:?} {received:?}",
                proxy.name
            );
            assert!(received.is_none_or(|received| received.method == method));
        }
    }
}

/// With a session every rule admits, so only what was judged can hold a request back.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_does_not_make_paths_readable() {
    let stack = Stack::with_rules(RULES);
    let token = stack.server.client().sign_in(&wallet()).await.token;
    let bearer = format!("Bearer {token}");
    for proxy in &stack.proxies {
        for (target, is_admitted) in [
            ("/admin/x", true),
            ("/public/7:delete", true),
            ("/public/7%3Adelete", false),
            ("/public/caf%C3%A9/x", true),
            ("/admin//x", false),
            ("/admin/../x", false),
            ("/admin/%2e%2e/x", false),
            ("/admin/x/", false),
            ("/elsewhere", false),
        ] {
            let request = Request::new("GET", target).with("Authorization", &bearer);
            let (reply, received) = stack.ask(proxy, &request).await;
            let case = format!("{} {target}: {reply:?}", proxy.name);
            assert_eq!(received.is_some(), is_admitted, "{case}");
            assert!(
                received.is_none_or(|received| received.target == target),
                "{case}"
            );
        }
    }
}

/// A target without scheme and host, which are not the path.
fn origin_form(target: &[u8]) -> String {
    let text = target.escape_ascii().to_string().replace("\\'", "'");
    match text.split_once("://") {
        Some((_, rest)) if !text.starts_with('/') => {
            rest[rest.find('/').expect("a path")..].to_owned()
        }
        _ => text,
    }
}

/// What an upstream makes of a target, if it decodes it and puts it right: it must be public.
#[track_caller]
fn check_public(case: &str, target: &str) {
    let path = target.split(['?', '#']).next().expect("a path");
    let decoded = decode(path).replace('\\', "/");
    let mut segments = Vec::new();
    for segment in decoded.split('/') {
        match segment.split(';').next().unwrap_or("") {
            "" | "." => {}
            ".." => drop(segments.pop()),
            other => segments.push(other.to_lowercase()),
        }
    }
    let is_kept = matches!(
        segments.get(1).map(String::as_str),
        Some("7:delete" | "café")
    );
    assert!(
        segments.first().is_some_and(|first| first == "public") && !is_kept,
        "{case}: {target}"
    );
}

fn decode(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after
            .get(..2)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let (byte, after) = match byte.filter(|_| *first == b'%') {
            Some(byte) => (byte, &after[2..]),
            None => (*first, after),
        };
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
