//! Whether keys in the database that nobody uses cost those that are used anything.

use std::time::Instant;

use countersign_tests::Server;

use crate::{
    aims,
    credentials::Credentials,
    measured,
    plan::Plan,
    report::{Section, loads_table},
    rounds::Load,
    servers::{Database, Kind},
};

/// How the load on a database with so many keys is called.
pub(crate) fn named(keys: usize, kind: Kind) -> String {
    format!("{keys} keys in {}", kind.name())
}

/// A database with so many keys, of which some are used.
struct Filled {
    name: String,
    server: Server,
    used: Credentials,
    _database: Database,
}

impl Filled {
    async fn start(kind: Kind, keys: usize, used: usize) -> Self {
        let (database, start) = (Database::create(kind), Instant::now());
        let secrets = database.insert_keys(used).await;
        database.copy_keys(keys / used - 1);
        let name = named(keys, kind);
        let seconds = start.elapsed().as_secs_f64();
        eprintln!("{name}: filled in {seconds:.1} s");
        Self {
            name,
            server: database.serve(&[]).await,
            used: Credentials::of_keys(&secrets),
            _database: database,
        }
    }
}

/// Measures the same requests on databases of each size.
pub(crate) async fn measure(plan: &Plan) -> Section {
    let mut filled = vec![];
    for kind in Kind::ALL {
        for keys in plan.keys {
            filled.push(Filled::start(kind, keys, plan.keys[0]).await);
        }
    }
    let load = |on: &Filled| {
        Load::requests(&on.server, "/guarded/item", on.used.keys()).called(on.name.clone())
    };
    let loads: Vec<_> = filled.iter().map(load).collect();
    let measured = measured::measure(&loads, plan).await;
    let of_each = measured.chunks(plan.keys.len());
    let head = format!("{} of them used, of", plan.keys[0]);
    let tables = of_each.map(|sizes| loads_table(&head, "the first's", sizes));
    Section {
        aims: aims::of_many_keys(&measured, plan),
        text: tables.collect::<Vec<_>>().join("\n"),
    }
}
