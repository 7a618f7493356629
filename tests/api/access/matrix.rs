//! Every route with every credential: each cell is a status and a code.

use countersign_core::profile::Profile;
use countersign_tests::{Answer, Client};
use reqwest::Method;
use serde_json::{Value, json};

use super::history::{EXPIRED, Fate, GOOD, History, REVOKED};

const AWAY: &str = "203.0.113.7";

/// What a caller presents, by a name for messages.
pub(crate) type Row = (&'static str, Vec<(&'static str, String)>, &'static str);

/// Columns of the table of OCX: routes that are judged alike.
pub(crate) const OCX_COLUMNS: [&[&str]; 5] = [
    &[
        "GET /perps/markets",
        "HEAD /perps/markets",
        "GET /auth/chains",
    ],
    &["GET /perps/positions"],
    &["POST /perps/orders", "POST /wallet/withdraw"],
    &[
        "GET /perps/me/api-keys",
        "POST /perps/me/api-keys",
        "DELETE /perps/me/api-keys/ocx_kid_0",
    ],
    &["GET /auth/me"],
];

/// Columns of the table of Aura.
pub(crate) const AURA_COLUMNS: [&[&str]; 3] = [
    &["GET /v1/markets", "HEAD /v1/markets"],
    &["POST /v1/tx/echo"],
    &[
        "GET /v1/auth/keys",
        "DELETE /v1/auth/keys/00000000-0000-4000-8000-000000000000",
    ],
];

/// Calls that never fail because of a credential, with their status for good.
const UNMOVED: [(&str, u16); 2] = [("POST /auth/nonce", 200), ("POST /auth/logout", 204)];

/// What callers of OCX present, and what each column of routes answers.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(crate) async fn ocx_rows(history: &mut History) -> Vec<Row> {
    let mut session = async |profile, fate| history.session(profile, fate).await;
    let (good, second) = (
        session(Profile::Ocx, GOOD).await,
        session(Profile::Ocx, GOOD).await,
    );
    let (expired, revoked) = (
        session(Profile::Ocx, EXPIRED).await,
        session(Profile::Ocx, REVOKED).await,
    );
    let of_aura = session(Profile::Aura, GOOD).await;
    let mut key =
        async |scopes, allowlist, fate| history.key(Profile::Ocx, scopes, allowlist, fate).await;
    let (read, trade) = (key("read", "", GOOD).await, key("trade", "", GOOD).await);
    let home = key("trade", "127.0.0.0/8", GOOD).await;
    let (away, expired_key) = (
        key("trade", AWAY, GOOD).await,
        key("trade", "", EXPIRED).await,
    );
    let revoked_key = key("trade", "", REVOKED).await;
    let both = Fate {
        is_expired: true,
        is_revoked: true,
    };
    let revoked_and_expired = key("trade", AWAY, both).await;
    let aura_key = history.key(Profile::Aura, "read write:tx", "", GOOD).await;
    let mistyped = format!("{}0", &trade[..trade.len() - 1]);
    let mistyped = if mistyped == trade {
        trade.replace('0', "1")
    } else {
        mistyped
    };
    let unknown = format!("{good}x");

    let cookie = |token: &str| ("cookie", format!("astra_session={token}"));
    let bearer = |token: &str| ("authorization", format!("Bearer {token}"));
    let x_api_key = |key: &str| ("x-api-key", key.to_owned());
    let all = "ok ok ok ok user";
    let missing = "ok MISSING_CREDENTIAL MISSING_CREDENTIAL MISSING_CREDENTIAL null";
    let reads = "ok ok INSUFFICIENT_SCOPE SESSION_REQUIRED user";
    let trades = "ok ok ok SESSION_REQUIRED user";
    let invalid =
        "INVALID_CREDENTIAL INVALID_CREDENTIAL INVALID_CREDENTIAL INVALID_CREDENTIAL null";
    let is_expired =
        "EXPIRED_CREDENTIAL EXPIRED_CREDENTIAL EXPIRED_CREDENTIAL EXPIRED_CREDENTIAL null";
    let is_revoked =
        "REVOKED_CREDENTIAL REVOKED_CREDENTIAL REVOKED_CREDENTIAL REVOKED_CREDENTIAL null";
    let elsewhere = "IP_NOT_ALLOWED IP_NOT_ALLOWED IP_NOT_ALLOWED IP_NOT_ALLOWED IP_NOT_ALLOWED";
    // A dead cookie is nothing where anybody may pass.
    let dead = |code: &'static str| -> &'static str {
        match code {
            "INVALID_CREDENTIAL" => {
                "ok INVALID_CREDENTIAL INVALID_CREDENTIAL INVALID_CREDENTIAL null"
            }
            "EXPIRED_CREDENTIAL" => {
                "ok EXPIRED_CREDENTIAL EXPIRED_CREDENTIAL EXPIRED_CREDENTIAL null"
            }
            _ => "ok REVOKED_CREDENTIAL REVOKED_CREDENTIAL REVOKED_CREDENTIAL null",
        }
    };
    vec![
        ("nothing", vec![], missing),
        ("good cookie", vec![cookie(&good)], all),
        (
            "expired cookie",
            vec![cookie(&expired)],
            dead("EXPIRED_CREDENTIAL"),
        ),
        (
            "revoked cookie",
            vec![cookie(&revoked)],
            dead("REVOKED_CREDENTIAL"),
        ),
        (
            "unknown cookie",
            vec![cookie(&unknown)],
            dead("INVALID_CREDENTIAL"),
        ),
        (
            "malformed cookie",
            vec![cookie("x")],
            dead("INVALID_CREDENTIAL"),
        ),
        (
            "another profile's cookie",
            vec![cookie(&of_aura)],
            dead("INVALID_CREDENTIAL"),
        ),
        (
            "a key as cookie",
            vec![cookie(&trade)],
            dead("INVALID_CREDENTIAL"),
        ),
        (
            "two good cookies",
            vec![cookie(&good), cookie(&second)],
            dead("INVALID_CREDENTIAL"),
        ),
        ("good bearer token", vec![bearer(&good)], all),
        ("expired bearer token", vec![bearer(&expired)], is_expired),
        ("revoked bearer token", vec![bearer(&revoked)], is_revoked),
        ("unknown bearer token", vec![bearer(&unknown)], invalid),
        (
            "another profile's bearer token",
            vec![bearer(&of_aura)],
            invalid,
        ),
        (
            "another scheme",
            vec![("authorization", format!("Basic {good}"))],
            invalid,
        ),
        (
            "two Authorization fields",
            vec![bearer(&good), bearer(&good)],
            invalid,
        ),
        ("read key", vec![x_api_key(&read)], reads),
        ("trade key", vec![x_api_key(&trade)], trades),
        ("read key as bearer", vec![bearer(&read)], reads),
        ("trade key as bearer", vec![bearer(&trade)], trades),
        ("trade key from home", vec![x_api_key(&home)], trades),
        (
            "trade key from elsewhere",
            vec![x_api_key(&away)],
            elsewhere,
        ),
        ("expired key", vec![x_api_key(&expired_key)], is_expired),
        ("revoked key", vec![x_api_key(&revoked_key)], is_revoked),
        (
            "revoked, expired and from elsewhere",
            vec![x_api_key(&revoked_and_expired)],
            is_revoked,
        ),
        ("mistyped key", vec![x_api_key(&mistyped)], invalid),
        ("another profile's key", vec![x_api_key(&aura_key)], invalid),
        (
            "another profile's key as bearer",
            vec![bearer(&aura_key)],
            invalid,
        ),
        ("a session's token as key", vec![x_api_key(&good)], invalid),
        (
            "two keys",
            vec![x_api_key(&trade), x_api_key(&trade)],
            invalid,
        ),
        ("empty key", vec![x_api_key("")], invalid),
        (
            "token over key over cookie",
            vec![bearer(&good), x_api_key(&read), cookie(&expired)],
            all,
        ),
        (
            "key as bearer over key",
            vec![bearer(&read), x_api_key(&trade)],
            reads,
        ),
        (
            "key over cookie",
            vec![x_api_key(&read), cookie(&good)],
            reads,
        ),
        (
            "bad token is not rescued by a key",
            vec![bearer(&unknown), x_api_key(&trade)],
            invalid,
        ),
        (
            "bad token is not rescued by a cookie",
            vec![bearer(&expired), cookie(&good)],
            is_expired,
        ),
        (
            "bad key is not rescued by a cookie",
            vec![x_api_key(&revoked_key), cookie(&good)],
            is_revoked,
        ),
        (
            "good token despite a bad key",
            vec![bearer(&good), x_api_key(&mistyped)],
            all,
        ),
        (
            "good key despite a bad cookie",
            vec![x_api_key(&trade), cookie(&expired)],
            trades,
        ),
        (
            "good key despite another's cookie",
            vec![x_api_key(&trade), cookie(&of_aura)],
            trades,
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn ocx_judges_every_credential_on_every_route() {
    let mut history = History::begin().await;
    let rows = ocx_rows(&mut history).await;
    let server = history.serve(&[]).await;
    for row in &rows {
        for (column, expected) in OCX_COLUMNS.iter().zip(row.2.split(' ')) {
            for route in *column {
                let answer = ask(&server.client(), route, &row.1).await;
                check_ocx(&format!("{} on {route}", row.0), route, &answer, expected);
            }
        }
    }
    // Last, because logging out ends what is good.
    for row in &rows {
        for (route, status) in UNMOVED {
            let answer = ask(&server.client(), route, &row.1).await;
            assert_eq!(answer.status, status, "{} on {route}: {answer:?}", row.0);
        }
    }
}

/// The same for Aura.
pub(crate) async fn aura_rows(history: &mut History) -> Vec<Row> {
    let session = history.session(Profile::Aura, GOOD).await;
    let ocx_key = history.key(Profile::Ocx, "trade", "", GOOD).await;
    let mut key =
        async |scopes, allowlist, fate| history.key(Profile::Aura, scopes, allowlist, fate).await;
    let (read, write) = (key("read", "", GOOD).await, key("write:tx", "", GOOD).await);
    let both = key("read write:tx", "", GOOD).await;
    let (away, expired) = (
        key("read", AWAY, GOOD).await,
        key("read", "", EXPIRED).await,
    );
    let revoked = key("read write:tx", "", REVOKED).await;
    let mistyped = format!("{}!", &both[..both.len() - 1]);

    let bearer = |token: &str| ("authorization", format!("Bearer {token}"));
    let all = "ok ok ok";
    let bad = "unauthorized unauthorized unauthorized";
    vec![
        ("nothing", vec![], "ok unauthorized unauthorized"),
        ("read key", vec![bearer(&read)], "ok insufficient_scope ok"),
        ("write key", vec![bearer(&write)], all),
        ("key with both scopes", vec![bearer(&both)], all),
        (
            "lower-case scheme",
            vec![("authorization", format!("bearer {both}"))],
            all,
        ),
        (
            "key from elsewhere",
            vec![bearer(&away)],
            "ip_not_allowed ip_not_allowed ip_not_allowed",
        ),
        ("expired key", vec![bearer(&expired)], bad),
        ("revoked key", vec![bearer(&revoked)], bad),
        ("mistyped key", vec![bearer(&mistyped)], bad),
        ("another profile's key", vec![bearer(&ocx_key)], bad),
        ("a session's token", vec![bearer(&session)], bad),
        ("no token", vec![("authorization", "Bearer".into())], bad),
        (
            "another scheme",
            vec![("authorization", format!("Basic {both}"))],
            bad,
        ),
        (
            "two Authorization fields",
            vec![bearer(&both), bearer(&both)],
            bad,
        ),
        (
            "x-api-key is nothing here",
            vec![("x-api-key", both.clone())],
            "ok unauthorized unauthorized",
        ),
        (
            "a cookie is nothing here",
            vec![("cookie", format!("astra_session={session}"))],
            "ok unauthorized unauthorized",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn aura_judges_every_credential_on_every_route() {
    let mut history = History::begin().await;
    let rows = aura_rows(&mut history).await;
    let server = history.serve(&[]).await;
    for row in &rows {
        for (column, expected) in AURA_COLUMNS.iter().zip(row.2.split(' ')) {
            for route in *column {
                let answer = ask(&server.client(), route, &row.1).await;
                check_aura(&format!("{} on {route}", row.0), route, &answer, expected);
            }
        }
        let answer = ask(&server.client(), "POST /v1/auth/challenge", &row.1).await;
        assert_eq!(answer.status, 200, "{}: {answer:?}", row.0);
    }
}

async fn ask(client: &Client, route: &str, headers: &[(&'static str, String)]) -> Answer {
    let (method, path) = route.split_once(' ').expect("method and path");
    let client = headers
        .iter()
        .fold(client.clone(), |client, (name, value)| {
            client.with(name, value)
        });
    let mut request = client.request(method.parse().expect("a method"), path);
    if method == "POST" && path != "/auth/logout" {
        request = request.json(&body(path));
    }
    client.send(request).await
}

fn body(path: &str) -> Value {
    match path {
        "/auth/nonce" => json!({ "walletAddress": "0xE8Ca3a5e790ccC004167F3846879fd794da912B7" }),
        "/perps/me/api-keys" => json!({ "name": "matrix", "scope": "read" }),
        "/v1/auth/challenge" => {
            json!({ "address": "0xE8Ca3a5e790ccC004167F3846879fd794da912B7", "chain": "eip155:1" })
        }
        _ => json!({ "any": "object" }),
    }
}

pub(crate) fn status_of(code: &str) -> u16 {
    match code {
        "MISSING_CREDENTIAL" | "INVALID_CREDENTIAL" | "EXPIRED_CREDENTIAL"
        | "REVOKED_CREDENTIAL" | "unauthorized" => 401,
        _ => 403,
    }
}

/// The status of what passes: a new key, a key that is not there, or an answer.
fn passed(route: &str) -> u16 {
    if route.starts_with("DELETE") {
        404
    } else if route == "POST /perps/me/api-keys" {
        201
    } else {
        200
    }
}

#[track_caller]
fn check_ocx(case: &str, route: &str, answer: &Answer, expected: &str) {
    let is_head = route.starts_with(Method::HEAD.as_str());
    match expected {
        "user" => assert_eq!(answer.field("userId").len(), 26, "{case}: {answer:?}"),
        "null" => assert_eq!(answer.json(), Value::Null, "{case}: {answer:?}"),
        "ok" => {
            assert_eq!(answer.status, passed(route), "{case}: {answer:?}");
            if answer.status == 404 {
                answer.assert_error(404, "API_KEY_NOT_FOUND");
            }
        }
        code if is_head => assert_eq!(answer.status, status_of(code), "{case}: {answer:?}"),
        code => {
            let is_expected =
                (answer.status, answer.field("code").as_str()) == (status_of(code), code);
            assert!(is_expected, "{case}: expected {code}: {answer:?}");
            answer.assert_error(status_of(code), code);
        }
    }
    let is_challenged = answer.header("www-authenticate") == "Bearer";
    assert_eq!(is_challenged, answer.status == 401, "{case}: {answer:?}");
    if case.contains("cookie")
        && !case.contains("despite")
        && !case.contains("over")
        && !case.contains("rescued")
    {
        let is_cleared = answer
            .set_cookie()
            .is_some_and(|cookie| cookie.contains("Max-Age=0"));
        assert_eq!(is_cleared, !case.starts_with("good"), "{case}: {answer:?}");
    }
}

#[track_caller]
fn check_aura(case: &str, route: &str, answer: &Answer, expected: &str) {
    for header in ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"] {
        assert!(
            answer.header(header).parse::<u32>().is_ok(),
            "{case}: {answer:?}"
        );
    }
    if expected == "ok" {
        return assert_eq!(answer.status, passed(route), "{case}: {answer:?}");
    }
    assert_eq!(answer.status, status_of(expected), "{case}: {answer:?}");
    if !route.starts_with("HEAD") {
        answer.assert_aura_error(status_of(expected), expected);
    }
}
