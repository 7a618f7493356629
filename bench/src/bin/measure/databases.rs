//! The same server on SQLite and on Postgres: what is in memory, what is not, and sign-ins.

use countersign_bench::REMEMBERED;
use countersign_tests::Server;

use crate::{
    aims,
    credentials::Credentials,
    measured,
    plan::{CREDENTIALS_EACH, Plan},
    report::{Section, loads_table},
    rounds::Load,
    routes::YARDSTICK,
    servers::{Database, Kind},
    sign_ins::Who,
    wrk::CONNECTIONS,
};

/// Loads that each database has.
pub(crate) const KEY: &str = "API key from memory";
pub(crate) const SESSION: &str = "session in the cookie, from memory";
pub(crate) const COLD: &str = "API key from the database";
pub(crate) const SIGN_IN: &str = "whole sign-in";

const GUARDED: &str = "/guarded/item";

/// How a load is called.
pub(crate) fn named(load: &str, kind: Kind) -> String {
    format!("{load}, {}", kind.name())
}

/// A database with a server that remembers credentials, and one with a server that never does.
struct On {
    kind: Kind,
    server: Server,
    cold: Server,
    credentials: Credentials,
    of_cold: Credentials,
    _databases: [Database; 2],
}

impl On {
    async fn start(kind: Kind, plan: &Plan) -> Self {
        eprintln!("making credentials on {}", kind.name());
        let databases = [(); 2].map(|()| Database::create(kind));
        let server = databases[0].serve(&[]).await;
        let cold = databases[1].serve(&[(REMEMBERED, "0")]).await;
        Self {
            kind,
            credentials: Credentials::obtain(&server.client(), plan.accounts, CREDENTIALS_EACH)
                .await,
            of_cold: Credentials::obtain(&cold.client(), plan.accounts, 1).await,
            server,
            cold,
            _databases: databases,
        }
    }

    fn load(&self, name: &str) -> Load {
        let Self { server, cold, .. } = self;
        let load = match name {
            KEY => Load::requests(server, GUARDED, self.credentials.keys()),
            SESSION => Load::requests(server, GUARDED, self.credentials.cookies()),
            COLD => Load::requests(cold, GUARDED, self.of_cold.keys()),
            _ => Load::sign_ins(server, &Who::known(), CONNECTIONS),
        };
        load.called(named(name, self.kind))
    }
}

/// Measures both, one after the other within each round.
pub(crate) async fn measure(plan: &Plan) -> Section {
    let mut both = vec![];
    for kind in Kind::ALL {
        both.push(On::start(kind, plan).await);
    }
    let nothing = both[0].credentials.nothing();
    let yardstick = Load::requests(&both[0].server, "/yardstick/item", nothing);
    let mut loads = vec![yardstick.called(YARDSTICK.to_owned())];
    for name in [KEY, SESSION, COLD, SIGN_IN] {
        loads.extend(both.iter().map(|on| on.load(name)));
    }
    let measured = measured::measure(&loads, plan).await;
    for on in &both {
        let remembered = on.cold.metrics().await.value("credentials_remembered", "");
        assert_eq!(remembered, 0.0, "every key was looked up");
    }
    Section {
        aims: aims::of_databases(&measured),
        text: loads_table("load, and database", "the yardstick's", &measured),
    }
}
