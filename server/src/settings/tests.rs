use super::*;

fn refusal(change: impl Fn(&mut Config)) -> String {
    let mut config = Config::default();
    change(&mut config);
    Settings::parse(&config)
        .expect_err("the setting was accepted")
        .to_string()
}

#[test]
fn the_defaults_are_valid() {
    assert!(Settings::parse(&Config::default()).is_ok());
}

#[test]
fn what_is_for_testing_stays_on_loopback_unless_allowed() {
    let public = |change: fn(&mut Config)| {
        let mut config = Config::default();
        config.server.listen = "0.0.0.0:80".into();
        config.server.public_url = Some("https://id.example.com".into());
        change(&mut config);
        Settings::parse(&config)
            .map(|_| ())
            .map_err(|error| error.setting)
    };
    assert_eq!(public(|_| {}), Ok(()));
    assert_eq!(public(|c| c.demo = true), Err("demo"));
    assert_eq!(public(|c| c.limits.scale = 10), Err("limits.scale"));
    assert_eq!(
        public(|c| {
            c.demo = true;
            c.limits.scale = 10;
            c.allow_unsafe = true;
        }),
        Ok(())
    );
}

#[test]
fn a_refusal_names_the_setting_and_what_was_expected() {
    assert!(
        refusal(|c| c.server.listen = "localhost".into())
            .starts_with("server.listen = \"localhost\": expected an IP")
    );
    assert!(
        refusal(|c| c.server.listen = "0.0.0.0:80".into()).contains("server.public_url to be set")
    );
    assert!(refusal(|c| c.server.public_url = Some("http://example.com".into())).contains("https"));
    assert!(
        refusal(|c| c.browser.origins = Some(vec!["*".into()])).contains("browser.origins = \"*\"")
    );
    assert!(
        refusal(|c| c.browser.origins = Some(vec!["null".into()]))
            .contains("browser.origins = \"null\"")
    );
    assert!(refusal(|c| c.database.url = Some("mysql://x".into())).contains("sqlite://PATH"));
    assert!(refusal(|c| c.sign_in.uris = vec!["app".into()]).contains("RFC 3986"));
    assert!(refusal(|c| c.log.filter = "a=b=c".into()).contains("module=level"));
    assert!(refusal(|c| c.session.ttl_seconds = 0).contains("at least 1"));
    assert!(refusal(|c| c.ethereum.chain_ids = vec![0]).contains("start at 1"));
    assert!(refusal(|c| c.ethereum.chain_ids = vec![]).contains("at least one"));
    assert!(refusal(|c| c.ethereum.chain_ids = vec![1, 1]).contains("each once"));
    assert!(
        refusal(|c| c.alephium.networks = vec!["main net".into()]).contains("alephium.networks")
    );
    assert!(
        refusal(|c| c.alephium.extra_key_types = vec!["default".into()]).contains("gl-webauthn")
    );
    assert!(refusal(|c| c.sign_in.max_challenges = 0).contains("at least 1"));
    assert!(
        refusal(|c| c.sign_in.max_validity_seconds = Some(60)).contains("challenge_ttl_seconds")
    );
    assert!(refusal(|c| c.limits.scale = 0).contains("at least 1"));
    assert!(
        refusal(|c| c.internal.listen = Some("9464".into()))
            .starts_with("internal.listen = \"9464\": expected an IP")
    );
    assert!(
        refusal(|c| c.server.trusted_proxies = vec!["10.0.0.1/8".into()]).contains("host bits")
    );
    assert!(refusal(|c| c.session.issuer = "i".repeat(201)).contains("1 to 200"));
    for url in [
        "rediss://:password@redis",
        "redis://:password@",
        "password",
        "redis://:password@redis/a",
    ] {
        let refused = refusal(|c| c.limits.redis_url = Some(url.into()));
        assert!(
            refused.starts_with("limits.redis_url = \"redis") || url == "password",
            "{refused}"
        );
        assert!(
            refused.contains("expected redis://") && !refused.contains("password"),
            "{refused}"
        );
    }
}

#[test]
fn a_password_in_the_url_of_a_database_is_not_shown() {
    let url = "postgres://user:hunter2@db";
    let refused = refusal(|c| c.database.url = Some(url.into()));
    assert!(!refused.contains("hunter2"), "{refused}");
    let mut config = Config::default();
    config.database.url = Some(format!("{url}/db").as_str().into());
    let settings = Settings::parse(&config).unwrap();
    assert_eq!(settings.database.to_string(), "postgres://user@db:5432/db");
    for shown in [format!("{config:?}"), format!("{settings:?}")] {
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

#[test]
fn settings_of_postgres_are_for_postgres() {
    let with_url = |change: fn(&mut crate::config::Database)| {
        refusal(|c| {
            c.database.url = Some("postgres://u@db/x".into());
            change(&mut c.database);
        })
    };
    assert!(refusal(|c| c.database.tls = Some("disable".into())).contains("with SQLite"));
    assert!(refusal(|c| c.database.max_connections = Some(5)).contains("with SQLite"));
    assert!(refusal(|c| c.database.statement_timeout_ms = Some(500)).contains("with SQLite"));
    assert!(refusal(|c| c.database.ca_file = Some("ca.pem".into())).contains("with SQLite"));
    assert!(with_url(|d| d.max_connections = Some(1)).contains("at least 2"));
    assert!(with_url(|d| d.statement_timeout_ms = Some(99)).contains("at least 100"));
    assert!(with_url(|d| d.tls = Some("prefer".into())).contains("disable, require or"));
    assert!(with_url(|d| d.tls = Some("verify-ca".into())).contains("public authorities"));
    let without_verification = with_url(|d| {
        d.tls = Some("require".into());
        d.ca_file = Some("ca.pem".into());
    });
    assert!(without_verification.contains("to be verify-full"));
    let socket = refusal(|c| {
        c.database.url = Some("postgres://u@/x?host=/run/postgresql".into());
        c.database.tls = Some("require".into());
    });
    assert!(socket.contains("unix socket"), "{socket}");
}

#[test]
fn the_way_to_another_machine_is_verified_unless_it_is_set_otherwise() {
    use crate::store::{Location, Tls};
    let tls = |url: &str, tls: Option<&str>| {
        let mut config = Config::default();
        config.database.url = Some(url.into());
        config.database.tls = tls.map(str::to_owned);
        match Settings::parse(&config).unwrap().database {
            Location::Postgres(options) => options.tls,
            Location::Sqlite(file) => panic!("{file:?}"),
        }
    };
    let verified = Tls::VerifyFull { ca_file: None };
    assert_eq!(tls("postgres://u@db.example.com/x", None), verified);
    assert_eq!(tls("postgres://u@127.0.0.1/x", None), Tls::Disable);
    assert_eq!(
        tls("postgres://u@127.0.0.1/x", Some("verify-full")),
        verified
    );
    assert_eq!(tls("postgres://u@db/x", Some("disable")), Tls::Disable);
}

#[test]
fn the_password_of_redis_shows_nowhere() {
    let mut config = Config::default();
    config.limits.redis_url = Some("redis://:hunter2@redis.internal/1".into());
    let settings = Settings::parse(&config).unwrap();
    let shown = format!("{config:?} {settings:?}");
    assert!(shown.contains("redis://redis.internal:6379/1"), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
}
