//! The routes of one server against a yardstick in the same process.

use countersign_tests::Server;

use crate::{
    aims,
    credentials::Credentials,
    measured,
    plan::{CREDENTIALS_EACH, Plan},
    report::{Section, loads_table},
    rounds::Load,
    servers::start,
    sign_ins::Who,
    wrk::CONNECTIONS,
};

/// What all others are compared with.
pub(crate) const YARDSTICK: &str = "yardstick: no credential, rule or limit";
pub(crate) const KEY: &str = "API key in `x-api-key`";
pub(crate) const COOKIE: &str = "session in the cookie";
pub(crate) const BEARER: &str = "session as bearer JWT";
pub(crate) const SIGN_IN: &str = "whole sign-in";
pub(crate) const FORWARD_AUTH: &str = "forward-auth of an API key";
pub(crate) const BARE_OPERATION: &str = "the yardstick's operation without Countersign";
pub(crate) const BARE_ROUTE: &str = "a plain route without Countersign";
pub(crate) const BARE_ROUTE_ASKED: &str = "a plain route, sent what forward-auth is";

/// Proxies of this machine may ask about requests.
const PROXIES: (&str, &str) = ("COUNTERSIGN__SERVER__TRUSTED_PROXIES", "127.0.0.1");

/// Measures every load.
pub(crate) async fn measure(plan: &Plan) -> Section {
    let server = start("bench-server", &[]);
    let bare = start("bare-server", &[]);
    let asked = start("bench-server", &[PROXIES]);
    eprintln!("making credentials");
    let credentials = Credentials::obtain(&server.client(), plan.accounts, CREDENTIALS_EACH).await;
    let of_asked = Credentials::obtain(&asked.client(), plan.accounts, 1).await;
    eprintln!("{} keys, and as many sessions", credentials.count());
    let mut loads = requests(&server, &bare, &credentials);
    let headers = || of_asked.asked_about();
    loads.push(Load::requests(&bare, "/plain", headers()).called(BARE_ROUTE_ASKED));
    let decision = Load::requests(&asked, "/authz/ocx/forward-auth", headers());
    loads.push(decision.called(FORWARD_AUTH));
    loads.extend(sign_ins(&server));
    let measured = measured::measure(&loads, plan).await;
    Section {
        aims: aims::of_routes(&measured),
        text: loads_table("load", "the yardstick's", &measured),
    }
}

/// The yardstick comes first.
fn requests(server: &Server, bare: &Server, credentials: &Credentials) -> Vec<Load> {
    let load = |name, path, headers| Load::requests(server, path, headers).called(name);
    let of_bare = |name, path| Load::requests(bare, path, credentials.nothing()).called(name);
    vec![
        load(YARDSTICK, "/yardstick/item", credentials.nothing()),
        load(
            "yardstick, sent session cookies",
            "/yardstick/item",
            credentials.cookies(),
        ),
        load(KEY, "/guarded/item", credentials.keys()),
        load(COOKIE, "/guarded/item", credentials.cookies()),
        load(BEARER, "/guarded/item", credentials.bearers()),
        load(
            "nobody, with Aura's limit",
            "/v1/limited/item",
            credentials.nothing(),
        ),
        load(
            "`GET /auth/me` as bearer",
            "/auth/me",
            credentials.bearers(),
        ),
        of_bare(BARE_OPERATION, "/bare/item"),
        of_bare(BARE_ROUTE, "/plain"),
    ]
}

fn sign_ins(server: &Server) -> [Load; 3] {
    let known = Who::known();
    [
        Load::sign_ins(server, &known, CONNECTIONS).called(SIGN_IN),
        Load::sign_ins(server, &Who::New, CONNECTIONS).called("whole sign-in of a new wallet"),
        Load::sign_ins(server, &known, 1).called("whole sign-in, one client alone"),
    ]
}
