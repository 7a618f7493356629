//! The rules of the two dialects: of their own operations, and of the platforms that they are known from, as the
//! products document them.

use super::rule::{Admits, PathPattern, Rule};
use crate::{profile::Profile, scope::Scope};

const READ: Admits = Admits::with(Scope::Read);
const TRADE: Admits = Admits::with(Scope::Trade);
const WRITE_TX: Admits = Admits::with(Scope::WriteTx);

/// The rules of a dialect's own operations.
pub(super) fn own(profile: Profile) -> Vec<Rule> {
    match profile {
        Profile::Ocx => vec![
            rule("GET", "/auth/chains", Admits::EVERYBODY),
            rule("GET POST", "/perps/me/api-keys", Admits::SESSION),
            rule("DELETE", "/perps/me/api-keys/*", Admits::SESSION),
        ],
        Profile::Aura => vec![
            rule("POST", "/v1/auth/challenge", Admits::BY_BODY),
            rule("POST", "/v1/auth/keys", Admits::BY_BODY),
            rule("GET", "/v1/auth/keys", Admits::KNOWN),
            rule("DELETE", "/v1/auth/keys/*", Admits::KNOWN),
        ],
    }
}

/// The rules of a dialect's platform.
pub(super) fn platform(profile: Profile) -> Vec<Rule> {
    match profile {
        Profile::Ocx => ocx(),
        Profile::Aura => aura(),
    }
}

fn ocx() -> Vec<Rule> {
    let order = |path| Rule {
        is_order_path: true,
        ..rule("POST", path, TRADE)
    };
    vec![
        // Market data.
        rule("GET", "/perps/markets/**", Admits::EVERYBODY),
        rule("GET", "/markets/**", Admits::EVERYBODY),
        rule("GET", "/perps/book-stream", Admits::EVERYBODY),
        // Orders and quotes.
        order("/orders"),
        order("/orders/cancel-all"),
        order("/orders/*/cancel"),
        order("/orders/*/modify"),
        order("/quotes/**"),
        order("/perps/orders/**"),
        order("/perps/quotes/**"),
        // Funds.
        rule("POST", "/wallet/withdraw", TRADE),
        rule("POST", "/wallet/transfer", TRADE),
        // What belongs to the account.
        rule("GET", "/perps/**", READ),
        rule("GET", "/orders/**", READ),
        rule("GET", "/wallet/**", READ),
        rule("GET", "/portfolio/**", READ),
        rule("GET", "/options/stream/events", READ),
    ]
}

fn aura() -> Vec<Rule> {
    vec![
        rule(
            "GET POST PUT PATCH DELETE",
            "/v1/proposals/drafts/**",
            Admits::KNOWN,
        ),
        rule("POST", "/v1/tx/**", WRITE_TX),
        rule("POST", "/v1/proposals/validate", Admits::EVERYBODY),
        rule("POST", "/v1/oracle/pending-reveal", Admits::EVERYBODY),
        rule("POST", "/v1/faucet/claim", Admits::EVERYBODY),
        rule("GET", "/v1/**", Admits::EVERYBODY),
    ]
}

fn rule(methods: &str, path: &str, admits: Admits) -> Rule {
    Rule {
        methods: methods.split(' ').map(str::to_owned).collect(),
        path: PathPattern::new(path),
        admits,
        is_order_path: false,
    }
}
