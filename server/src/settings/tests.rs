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
    assert!(refusal(|c| c.database.url = Some("postgres://x".into())).contains("sqlite://PATH"));
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
    let refused = refusal(|c| c.database.url = Some("postgres://user:password@db".into()));
    assert!(!refused.contains("password"), "{refused}");
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
fn the_password_of_redis_shows_nowhere() {
    let mut config = Config::default();
    config.limits.redis_url = Some("redis://:hunter2@redis.internal/1".into());
    let settings = Settings::parse(&config).unwrap();
    let shown = format!("{config:?} {settings:?}");
    assert!(shown.contains("redis://redis.internal:6379/1"), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
}
