//! Connections: what each is to be, and the schema that must be there before any is used.

use std::{path::PathBuf, sync::Arc, time::Duration};

use countersign_core::secret::Secret;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, SqlxError, TransactionTrait,
    sqlx::{
        ConnectOptions, Connection, PgConnection, PgPool,
        postgres::{PgConnectOptions, PgListener, PgPoolOptions, PgSslMode},
        query_as,
    },
};
use sea_orm_migration::MigratorTrait;

use super::{
    super::{Migrator, OpenError, PostgresUrl, url::Host},
    node::Node,
    pool::WRITE,
};

/// A Postgres database, and what the connections to it are to be.
#[derive(Debug, Clone)]
pub struct PostgresOptions {
    /// Where it is, and who we are there.
    pub url: PostgresUrl,
    /// Another way to the same database for the one connection that listens to other servers; `None`: as above.
    pub listen_url: Option<PostgresUrl>,
    /// Connections for requests at most; at least 2. One more is for beats, and one listens.
    pub max_connections: u32,
    /// How long Postgres works on a statement, should nobody wait for it any more.
    pub statement_timeout: Duration,
    /// How the way there is protected.
    pub tls: Tls,
}

/// How the way to Postgres is protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// Not at all.
    Disable,
    /// Against those who listen; whoever can come between could still pretend to be the server.
    Require,
    /// Against both: the certificate is the host's, issued by a public authority or one in this file (PEM).
    VerifyFull {
        /// Certificates of further authorities.
        ca_file: Option<PathBuf>,
    },
}

impl PostgresOptions {
    /// Connections at most, unless more or fewer are set.
    pub const MAX_CONNECTIONS: u32 = 10;
    /// How long a statement may take, unless it is set.
    pub const STATEMENT_TIMEOUT: Duration = Duration::from_secs(5);

    /// With the defaults: full verification, unless the server is on this machine.
    pub fn new(url: PostgresUrl) -> Self {
        let tls = match url.is_remote() {
            true => Tls::VerifyFull { ca_file: None },
            false => Tls::Disable,
        };
        Self {
            url,
            listen_url: None,
            max_connections: Self::MAX_CONNECTIONS,
            statement_timeout: Self::STATEMENT_TIMEOUT,
            tls,
        }
    }
}

/// The oldest version that is served, and tested by its authors.
const OLDEST: i32 = 130_000;
/// How long one server waits for another that migrates.
const MIGRATION: Duration = Duration::from_secs(60);
/// How long a connection may be unused before it is asked whether it still is one.
const TESTED_AFTER: Duration = Duration::from_secs(1);
/// "countersign" as a number: whoever migrates holds this lock.
const MIGRATION_LOCK: i64 = 0x636f_756e_7465_7273;

/// What every connection is opened with. The environment of libpq may add to it, and not take away.
fn base(options: &PostgresOptions) -> PgConnectOptions {
    let PostgresUrl {
        user,
        password,
        host,
        port,
        database,
    } = &options.url;
    let to = PgConnectOptions::new_without_pgpass()
        .username(user)
        .port(*port)
        .database(database)
        .application_name("countersign");
    let to = match host {
        Host::Network(name) => to.host(name.trim_matches(['[', ']'])),
        Host::Socket(directory) => to.socket(directory),
    };
    let to = match password.as_ref().map(Secret::expose) {
        Some(password) => to.password(password),
        None => to,
    };
    let to = match &options.tls {
        Tls::Disable => to.ssl_mode(PgSslMode::Disable),
        Tls::Require => to.ssl_mode(PgSslMode::Require),
        Tls::VerifyFull { ca_file: None } => to.ssl_mode(PgSslMode::VerifyFull),
        Tls::VerifyFull {
            ca_file: Some(file),
        } => to.ssl_mode(PgSslMode::VerifyFull).ssl_root_cert(file),
    };
    // Whatever is set for the database or the user: a commit that was answered must survive a crash, and each
    // statement sees what was committed before it.
    to.options([
        ("synchronous_commit", "on"),
        ("default_transaction_isolation", "read committed"),
    ])
    // Statements would be logged with what they took.
    .disable_statement_logging()
}

fn with_timeouts(to: PgConnectOptions, statement: Duration, lock: Duration) -> PgConnectOptions {
    let (statement, lock) = (statement.as_millis(), lock.as_millis());
    to.options([
        ("statement_timeout", statement),
        ("lock_timeout", lock),
        // A server that is stopped in the middle must not hold locks for ever.
        (
            "idle_in_transaction_session_timeout",
            (2 * WRITE).as_millis(),
        ),
    ])
}

/// One connection, for a look.
pub(super) async fn connect(options: &PostgresOptions) -> Result<PgConnection, OpenError> {
    let timeout = options.statement_timeout;
    let to = with_timeouts(base(options), timeout, timeout);
    let connected = tokio::time::timeout(WRITE, PgConnection::connect_with(&to)).await;
    let silent = |_| OpenError::Unsuitable("it does not answer".to_owned());
    Ok(connected.map_err(silent)??)
}

/// The connection that listens.
pub(super) async fn listener(options: &PostgresOptions) -> Result<PgListener, SqlxError> {
    let url = options.listen_url.as_ref().unwrap_or(&options.url);
    let to = base(&PostgresOptions {
        url: url.clone(),
        ..options.clone()
    });
    let pool = PgPoolOptions::new().max_connections(1).connect_with(to);
    let mut listener = PgListener::connect_with(&pool.await?).await?;
    listener.ignore_pool_close_event(true);
    Ok(listener)
}

/// The pool that serves. It connects when it has to, and never to a database that has lost what this node knows.
pub(super) fn pool(options: &PostgresOptions, node: &Arc<Node>) -> PgPool {
    let timeout = options.statement_timeout;
    let (node, known) = (node.clone(), node.clone());
    PgPoolOptions::new()
        .after_connect(move |connection, _| {
            let node = node.clone();
            Box::pin(async move { node.check(connection).await })
        })
        // Asking each connection before each use would double the ways to the database. One that ended a moment ago is
        // found out by whoever uses it.
        .test_before_acquire(false)
        .before_acquire(move |connection, known_of| {
            let is_good = !known.has_been_cut_off_since(known_of.age);
            let may_have_ended = known_of.idle_for > TESTED_AFTER;
            Box::pin(
                async move { Ok(is_good && (!may_have_ended || connection.ping().await.is_ok())) },
            )
        })
        // One more, for beats.
        .max_connections(options.max_connections + 1)
        .acquire_timeout(WRITE)
        .connect_lazy_with(with_timeouts(base(options), timeout, timeout))
}

/// Brings the schema up to date. Servers that start at once wait for each other, and one of them does it: all of it
/// or nothing, in one transaction that holds the lock.
pub(super) async fn migrate(options: &PostgresOptions) -> Result<(), OpenError> {
    check(options).await?;
    let to = with_timeouts(base(options), Duration::ZERO, MIGRATION);
    let pool = PgPoolOptions::new().max_connections(1).connect_with(to);
    let database = DatabaseConnection::from(pool.await?);
    let transaction = database.begin().await?;
    let lock = format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})");
    transaction.execute_unprepared(&lock).await?;
    Migrator::up(&transaction, None).await?;
    transaction.commit().await?;
    Ok(database.close().await?)
}

/// Refuses what cannot be served on.
async fn check(options: &PostgresOptions) -> Result<(), OpenError> {
    let mut connection = connect(options).await?;
    let server = Server::ask(&mut connection).await?;
    connection.close().await?;
    match server {
        Server { version, .. } if version < OLDEST => Err(OpenError::Unsuitable(format!(
            "it is PostgreSQL {}; expected {} or newer",
            version / 10_000,
            OLDEST / 10_000
        ))),
        Server {
            is_standby: true, ..
        } => Err(OpenError::Unsuitable(
            "it is a standby, which cannot be written to; expected the primary".to_owned(),
        )),
        Server { .. } => Ok(()),
    }
}

/// What a Postgres server says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Server {
    /// As `server_version_num`: 150003 is 15.3.
    pub version: i32,
    /// Whether it follows another one and cannot be written to.
    pub is_standby: bool,
}

impl Server {
    pub(super) async fn ask(connection: &mut PgConnection) -> Result<Self, OpenError> {
        let asked =
            query_as("SELECT current_setting('server_version_num')::int4, pg_is_in_recovery()");
        let (version, is_standby) = asked.fetch_one(connection).await?;
        Ok(Self {
            version,
            is_standby,
        })
    }

    /// Whether it is older than what is served.
    pub(crate) fn is_too_old(self) -> bool {
        self.version < OLDEST
    }
}
