//! Where the database is, as written.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use countersign_core::secret::Secret;
use fluent_uri::{Uri, pct_enc::EStr};

/// Where the database is: `sqlite://PATH`, with a third slash for an absolute path, or
/// `postgres://USER:PASSWORD@HOST:PORT/DATABASE`. SQLite's path may hold no `:` and no `?`: databases in memory and
/// options are not served. What is printed has no password in it.
///
/// ```
/// use countersign_server::store::DatabaseUrl;
///
/// let DatabaseUrl::Sqlite(file) = "sqlite:///var/lib/countersign.sqlite".parse()? else {
///     panic!("a file");
/// };
/// assert_eq!(file, std::path::Path::new("/var/lib/countersign.sqlite"));
///
/// let url: DatabaseUrl = "postgres://countersign:secret@db.example.com/countersign".parse()?;
/// assert_eq!(url.to_string(), "postgres://countersign@db.example.com:5432/countersign");
/// assert!(!format!("{url:?}").contains("secret"));
///
/// assert!("sqlite::memory:".parse::<DatabaseUrl>().is_err());
/// # Ok::<(), countersign_server::store::InvalidDatabaseUrl>(())
/// ```
#[derive(Debug, Clone)]
pub enum DatabaseUrl {
    /// A file.
    Sqlite(PathBuf),
    /// A database of a server.
    Postgres(PostgresUrl),
}

/// A database of a Postgres server, and who we are there.
#[derive(Debug, Clone)]
pub struct PostgresUrl {
    pub(super) user: String,
    pub(super) password: Option<Secret>,
    pub(super) host: Host,
    pub(super) port: u16,
    pub(super) database: String,
}

/// Where a Postgres server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Host {
    /// A name or an IP address.
    Network(String),
    /// The directory of a unix socket.
    Socket(PathBuf),
}

/// A text that is no database address this server can use. It is not repeated, for it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDatabaseUrl {
    /// Another scheme, or a file that is none.
    #[error(
        "expected sqlite://PATH, such as sqlite:///var/lib/countersign/countersign.sqlite, or postgres://USER:PASSWORD@HOST/DATABASE"
    )]
    Form,
    /// No URL.
    #[error(
        "expected a URL (RFC 3986), in which the special characters of a password are percent-encoded"
    )]
    Encoding,
    /// A part is missing.
    #[error("expected {0} in postgres://USER:PASSWORD@HOST:PORT/DATABASE")]
    Missing(&'static str),
    /// A parameter that has no meaning here.
    #[error(
        "expected no parameter {0:?} in the URL: it may have `host`, the directory of a unix socket; database.tls and other settings say the rest"
    )]
    UnknownParameter(String),
}

/// Where Postgres listens unless a port is named.
const PORT: u16 = 5432;

impl DatabaseUrl {
    /// The file of a SQLite database.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(file) => Some(file),
            Self::Postgres(_) => None,
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidDatabaseUrl> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return PostgresUrl::parse(text).map(Self::Postgres);
        }
        let file = text
            .strip_prefix("sqlite://")
            .ok_or(InvalidDatabaseUrl::Form)?;
        // A database in memory would be another one for every connection; options are ours to set.
        if file.is_empty() || file.contains([':', '?']) {
            return Err(InvalidDatabaseUrl::Form);
        }
        Ok(Self::Sqlite(file.into()))
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => write!(f, "sqlite://{}", file.display()),
            Self::Postgres(url) => url.fmt(f),
        }
    }
}

impl PostgresUrl {
    fn parse(text: &str) -> Result<Self, InvalidDatabaseUrl> {
        use InvalidDatabaseUrl::{Encoding, Missing};
        let uri = Uri::parse(text).map_err(|_| Encoding)?;
        let authority = uri.authority().ok_or(Missing("a host"))?;
        let userinfo = authority.userinfo().ok_or(Missing("a user"))?;
        let (user, password) = match userinfo.split_once(':') {
            Some((user, password)) => (user, Some(Secret::new(decoded(password)?))),
            None => (userinfo, None),
        };
        let path = uri.path().as_str().strip_prefix('/').unwrap_or_default();
        let database = EStr::new(path).ok_or(Encoding)?;
        let url = Self {
            user: decoded(user)?,
            password,
            host: host(authority.host(), uri.query())?,
            port: authority
                .port_to_u16()
                .map_err(|_| Encoding)?
                .unwrap_or(PORT),
            database: decoded::<fluent_uri::pct_enc::encoder::Path>(database)?,
        };
        match () {
            () if url.user.is_empty() => Err(Missing("a user")),
            () if url.database.is_empty() || path.contains('/') => Err(Missing("one database")),
            () if uri.has_fragment() => Err(Encoding),
            () => Ok(url),
        }
    }

    /// Whether the way there is a unix socket.
    pub fn is_socket(&self) -> bool {
        matches!(self.host, Host::Socket(_))
    }

    /// Whether the way there leaves this machine.
    pub fn is_remote(&self) -> bool {
        match &self.host {
            Host::Socket(_) => false,
            Host::Network(name) => match name.trim_matches(['[', ']']).parse() {
                Ok(address) => !std::net::IpAddr::is_loopback(&address),
                Err(_) => name != "localhost",
            },
        }
    }
}

/// The host of the authority, or the directory that the one known parameter names.
fn host(
    name: &str,
    query: Option<&EStr<fluent_uri::pct_enc::encoder::Query>>,
) -> Result<Host, InvalidDatabaseUrl> {
    let mut socket = None;
    let parameters = query.into_iter().flat_map(|query| query.split('&'));
    for parameter in parameters {
        let (key, value) = parameter
            .split_once('=')
            .unwrap_or((parameter, EStr::EMPTY));
        let (key, value) = (decoded(key)?, decoded(value)?);
        if key != "host" || socket.is_some() {
            return Err(InvalidDatabaseUrl::UnknownParameter(key));
        }
        if !value.starts_with('/') {
            return Err(InvalidDatabaseUrl::Missing(
                "an absolute path as the parameter host",
            ));
        }
        socket = Some(PathBuf::from(value));
    }
    match socket {
        Some(directory) if name.is_empty() => Ok(Host::Socket(directory)),
        None if !name.is_empty() => Ok(Host::Network(name.to_owned())),
        _ => Err(InvalidDatabaseUrl::Missing(
            "either a host or ?host=DIRECTORY",
        )),
    }
}

fn decoded<E: fluent_uri::pct_enc::Encoder>(text: &EStr<E>) -> Result<String, InvalidDatabaseUrl> {
    let decoded = text.decode().to_string();
    let decoded = decoded.map_err(|_| InvalidDatabaseUrl::Encoding)?;
    // Postgres ends its texts with it.
    if decoded.contains('\0') {
        return Err(InvalidDatabaseUrl::Encoding);
    }
    Ok(decoded.into_owned())
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            user,
            password: _,
            host,
            port,
            database,
        } = self;
        match host {
            Host::Network(name) => write!(f, "postgres://{user}@{name}:{port}/{database}"),
            Host::Socket(directory) => {
                let directory = directory.display();
                write!(f, "postgres://{user}@:{port}/{database}?host={directory}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        let refused = text.parse::<DatabaseUrl>();
        refused.expect_err(text).to_string()
    }

    #[test]
    fn only_files_are_sqlite_databases() {
        assert!("sqlite:///var/lib/x.sqlite".parse::<DatabaseUrl>().is_ok());
        for text in [
            "",
            "x.sqlite",
            "sqlite://",
            "sqlite::memory:",
            "sqlite://:memory:",
            "sqlite://x?mode=ro",
            "mysql://root@db/x",
        ] {
            assert!(refusal(text).contains("sqlite://PATH"), "{text}");
        }
    }

    #[test]
    fn a_postgres_url_is_read_in_all_its_parts() {
        let url = "postgresql://us%40er:p%2Fw@db.example.com:6432/counter%20sign";
        let Ok(DatabaseUrl::Postgres(url)) = url.parse() else {
            panic!("it is a URL of Postgres");
        };
        assert_eq!(url.user, "us@er");
        assert_eq!(url.password.as_ref().map(Secret::expose), Some("p/w"));
        assert_eq!(url.host, Host::Network("db.example.com".into()));
        assert_eq!((url.port, url.database.as_str()), (6432, "counter sign"));
        assert!(!url.to_string().contains("p/w"));
        assert!(!format!("{url:?}").contains("p/w"));
    }

    #[test]
    fn a_socket_and_this_machine_are_not_remote() {
        for (text, is_remote) in [
            ("postgres://u@/db?host=/run/postgresql", false),
            ("postgres://u@localhost/db", false),
            ("postgres://u@127.0.0.2/db", false),
            ("postgres://u@[::1]:5433/db", false),
            ("postgres://u@10.0.0.1/db", true),
            ("postgres://u@localhost.example.com/db", true),
        ] {
            let Ok(DatabaseUrl::Postgres(url)) = text.parse() else {
                panic!("{text}");
            };
            assert_eq!(url.is_remote(), is_remote, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_and_the_password_is_not() {
        for (text, expected) in [
            ("postgres://x", "a user"),
            ("postgres://:secret@db/x", "a user"),
            ("postgres://u:secret@db", "one database"),
            ("postgres://u:secret@db/", "one database"),
            ("postgres://u:secret@db/a/b", "one database"),
            ("postgres://u:secret@/db", "?host=DIRECTORY"),
            ("postgres://u:secret@db/x?host=/run", "?host=DIRECTORY"),
            ("postgres://u:secret@/x?host=run", "an absolute path"),
            ("postgres://u:secret@db/x?sslmode=disable", "\"sslmode\""),
            ("postgres://u:secret@db/x#y", "RFC 3986"),
            ("postgres://u:sec ret@db/x", "RFC 3986"),
            ("postgres://u:secret%00@db/x", "RFC 3986"),
            ("postgres://u:secret@db:99999/x", "RFC 3986"),
        ] {
            let refused = refusal(text);
            assert!(refused.contains(expected), "{text}: {refused}");
            assert!(!refused.contains("secret"), "{refused}");
        }
    }
}
