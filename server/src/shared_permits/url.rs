//! Where Redis is.

use std::{fmt, str::FromStr};

use redis::{Client, ConnectionAddr, IntoConnectionInfo, parse_redis_url};

/// `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]`. What it shows of itself has no user and no password.
#[derive(Clone)]
pub(crate) struct RedisUrl {
    client: Client,
    shown: String,
}

impl RedisUrl {
    /// Opens connections there.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }
}

/// What is expected of an address.
const EXPECTED: &str = "redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]";
/// What to do where the way to Redis is not private.
const NO_TLS: &str = "redis:// on a private network, or through a tunnel on this machine: TLS to Redis (rediss://) is not built in";

impl FromStr for RedisUrl {
    /// What is expected.
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = parse_redis_url(text).ok_or(EXPECTED)?;
        match url.scheme() {
            "redis" => {}
            "rediss" => return Err(NO_TLS),
            _ => return Err(EXPECTED),
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(EXPECTED);
        }
        let target = url.into_connection_info().map_err(|_| EXPECTED)?;
        let database = target.redis_settings().db();
        let ConnectionAddr::Tcp(host, port) = target.addr() else {
            return Err(EXPECTED);
        };
        let host = match host.contains(':') {
            true => format!("[{host}]"),
            false => host.clone(),
        };
        let shown = format!("redis://{host}:{port}/{database}");
        if database < 0 {
            return Err(EXPECTED);
        }
        // CLIENT SETINFO, which is newer than the Redis that is needed, and not permitted to everybody.
        let handshake = target.redis_settings().clone().set_skip_set_lib_name();
        let target = target.set_redis_settings(handshake);
        let client = Client::open(target).map_err(|_| EXPECTED)?;
        Ok(Self { client, shown })
    }
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_shows_neither_user_nor_password() {
        for (text, shown) in [
            ("redis://localhost", "redis://localhost:6379/0"),
            ("redis://10.0.0.7:6380/2", "redis://10.0.0.7:6380/2"),
            ("redis://[::1]:6380", "redis://[::1]:6380/0"),
            (
                "redis://:hunter2@redis.internal",
                "redis://redis.internal:6379/0",
            ),
            ("redis://limits:hunter2@redis/1", "redis://redis:6379/1"),
        ] {
            let url: RedisUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), shown);
            assert_eq!(format!("{url:?}"), shown);
        }
    }

    #[test]
    fn anything_else_is_refused_with_what_is_expected() {
        for (text, expected) in [
            ("", EXPECTED),
            ("localhost:6379", EXPECTED),
            ("http://localhost", EXPECTED),
            ("unix:///run/redis.sock", EXPECTED),
            ("redis+unix:///run/redis.sock", EXPECTED),
            ("redis://", EXPECTED),
            ("redis://host/name", EXPECTED),
            ("redis://host/-1", EXPECTED),
            ("redis://host:70000", EXPECTED),
            ("redis://0.0.0.0", EXPECTED),
            ("redis://host?protocol=resp3", EXPECTED),
            ("redis://host#insecure", EXPECTED),
            ("rediss://host", NO_TLS),
        ] {
            assert_eq!(text.parse::<RedisUrl>().err(), Some(expected), "{text}");
        }
    }
}
