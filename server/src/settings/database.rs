//! Where the database is, and what the connections to it are to be.

use std::{path::Path, time::Duration};

use super::{InvalidSetting, invalid};
use crate::{
    config::{Config, Database},
    store::{DatabaseUrl, Location, PostgresOptions, PostgresUrl, Tls},
};

/// The file in the data directory, if nothing else is named.
const FILE: &str = "countersign.sqlite";
/// A statement that had less time would fail on a busy server.
const SHORTEST_TIMEOUT_MS: u32 = 100;

pub(super) fn location(config: &Config) -> Result<Location, InvalidSetting> {
    let written = &config.database;
    let url = match &written.url {
        Some(url) => url
            .expose()
            .parse()
            .map_err(|error| invalid("database.url", url.scheme(), error))?,
        None => DatabaseUrl::Sqlite(config.server.data_dir.join(FILE)),
    };
    match url {
        DatabaseUrl::Sqlite(file) => sqlite(file.as_path(), written),
        DatabaseUrl::Postgres(url) => postgres(url, written).map(Box::new).map(Location::Postgres),
    }
}

/// A setting that means nothing here may stand for a URL that was forgotten.
fn sqlite(file: &Path, written: &Database) -> Result<Location, InvalidSetting> {
    let number = |number: u32| number.to_string();
    let of_postgres = [
        (
            "database.listen_url",
            written
                .listen_url
                .as_ref()
                .map(|url| url.scheme().to_owned()),
        ),
        (
            "database.max_connections",
            written.max_connections.map(number),
        ),
        (
            "database.statement_timeout_ms",
            written.statement_timeout_ms.map(number),
        ),
        ("database.tls", written.tls.clone()),
        (
            "database.ca_file",
            written
                .ca_file
                .as_ref()
                .map(|file| file.display().to_string()),
        ),
    ];
    let of_postgres = of_postgres.into_iter();
    for (setting, value) in of_postgres {
        if let Some(value) = value {
            let expected = "no such setting with SQLite: it belongs to a database.url of Postgres";
            return Err(invalid(setting, &value, expected));
        }
    }
    Ok(Location::Sqlite(file.to_owned()))
}

fn postgres(url: PostgresUrl, written: &Database) -> Result<PostgresOptions, InvalidSetting> {
    let defaults = PostgresOptions::new(url);
    let max_connections = written.max_connections.unwrap_or(defaults.max_connections);
    if max_connections < 2 {
        return Err(invalid(
            "database.max_connections",
            &max_connections.to_string(),
            "at least 2: one for those who read, one for those who write",
        ));
    }
    let statement_timeout = match written.statement_timeout_ms {
        Some(milliseconds) if milliseconds < SHORTEST_TIMEOUT_MS => {
            let expected = format!("at least {SHORTEST_TIMEOUT_MS}");
            let value = milliseconds.to_string();
            return Err(invalid("database.statement_timeout_ms", &value, expected));
        }
        Some(milliseconds) => Duration::from_millis(milliseconds.into()),
        None => defaults.statement_timeout,
    };
    let tls = tls(&defaults, written)?;
    Ok(PostgresOptions {
        listen_url: listen_url(written)?,
        max_connections,
        statement_timeout,
        tls,
        ..defaults
    })
}

fn listen_url(written: &Database) -> Result<Option<PostgresUrl>, InvalidSetting> {
    let Some(url) = &written.listen_url else {
        return Ok(None);
    };
    let setting = "database.listen_url";
    match url.expose().parse() {
        Ok(DatabaseUrl::Postgres(listen)) => Ok(Some(listen)),
        Ok(DatabaseUrl::Sqlite(_)) => {
            let expected = "postgres://USER:PASSWORD@HOST/DATABASE, the database of database.url";
            Err(invalid(setting, url.scheme(), expected))
        }
        Err(error) => Err(invalid(setting, url.scheme(), error)),
    }
}

fn tls(defaults: &PostgresOptions, written: &Database) -> Result<Tls, InvalidSetting> {
    let tls = match written.tls.as_deref() {
        None => defaults.tls.clone(),
        Some("disable") => Tls::Disable,
        Some(text) if defaults.url.is_socket() => {
            let expected = "disable, or nothing: a unix socket is not encrypted";
            return Err(invalid("database.tls", text, expected));
        }
        Some("require") => Tls::Require,
        Some("verify-full") => Tls::VerifyFull { ca_file: None },
        Some("verify-ca") => {
            let expected = "verify-full: public authorities are believed here, too, and any of them would give anybody a certificate for another name";
            return Err(invalid("database.tls", "verify-ca", expected));
        }
        Some(text) => {
            let expected = "disable, require or verify-full";
            return Err(invalid("database.tls", text, expected));
        }
    };
    match (tls, &written.ca_file) {
        (Tls::VerifyFull { .. }, file) => Ok(Tls::VerifyFull {
            ca_file: file.clone(),
        }),
        (tls, None) => Ok(tls),
        (_, Some(file)) => {
            let expected = "database.tls to be verify-full, which alone looks at certificates";
            let file = file.display().to_string();
            Err(invalid("database.ca_file", &file, expected))
        }
    }
}
