//! A key with an address list is good from there only.

use countersign_core::profile::Profile;

use super::{FORM, Platform, ask, ask_good, assert_inactive, post};
use crate::access::history::{GOOD, History};

#[tokio::test]
async fn a_key_with_a_list_is_active_from_an_address_on_it_only() {
    let mut history = History::begin().await;
    let list = "203.0.113.7,198.51.100.0/24,2001:db8:1::/48";
    let ocx = history.key(Profile::Ocx, "read", list, GOOD).await;
    let aura = history.key(Profile::Aura, "read", list, GOOD).await;
    let platform = Platform::serve(history, &[]).await;
    for (service, key) in [(platform.ocx(), ocx), (platform.aura(), aura)] {
        for ip in [
            "203.0.113.7",
            "::ffff:203.0.113.7",
            "::ffff:cb00:7107",
            "198.51.100.255",
            "2001:db8:1::7",
            "2001:DB8:1:0:0:0:0:7",
            "2001%3Adb8%3A1%3A%3A7",
        ] {
            let answer = ask(&service, &key, ip).await;
            assert_eq!(answer.json()["active"], true, "{ip}: {answer:?}");
        }
        for ip in [
            "203.0.113.8",
            "::ffff:203.0.113.8",
            "198.51.101.0",
            "2001:db8:2::7",
            "127.0.0.1",
        ] {
            assert_inactive(&ask(&service, &key, ip).await);
        }
        // Nothing is known of where its holder is.
        assert_inactive(&ask(&service, &key, "").await);
        assert_inactive(&post(&service, FORM, format!("token={key}&ip=")).await);
    }
}

/// The service's own address, and what it says in headers, is nothing about its caller.
#[tokio::test]
async fn where_the_service_is_does_not_count() {
    let trusted = ("COUNTERSIGN__SERVER__TRUSTED_PROXIES", "127.0.0.1");
    for environment in [&[][..], &[trusted]] {
        let mut history = History::begin().await;
        let key = history
            .key(Profile::Ocx, "read", "127.0.0.1,203.0.113.7", GOOD)
            .await;
        let platform = Platform::serve(history, environment).await;
        assert_inactive(&ask(&platform.ocx(), &key, "").await);
        for header in ["x-forwarded-for", "x-real-ip", "forwarded"] {
            let client = platform.ocx().with(header, "203.0.113.7");
            assert_inactive(&ask(&client, &key, "").await);
            assert_inactive(&ask(&client, &key, "203.0.113.8").await);
            let answer = ask(&client, &key, "203.0.113.7").await;
            assert_eq!(answer.json()["active"], true, "{answer:?}");
        }
    }
}

#[tokio::test]
async fn a_key_without_a_list_is_active_wherever_its_holder_is() {
    let mut history = History::begin().await;
    let key = history.key(Profile::Ocx, "read", "", GOOD).await;
    let session = history.session(Profile::Ocx, GOOD).await;
    let platform = Platform::serve(history, &[]).await;
    for token in [key, session] {
        ask_good(&platform.ocx(), &token).await;
        let answer = ask(&platform.ocx(), &token, "203.0.113.7").await;
        assert_eq!(answer.json()["active"], true, "{answer:?}");
    }
}

#[tokio::test]
async fn what_is_no_address_is_refused_whatever_the_token_is() {
    let mut history = History::begin().await;
    let free = history.key(Profile::Ocx, "read", "", GOOD).await;
    let listed = history.key(Profile::Ocx, "read", "203.0.113.7", GOOD).await;
    let platform = Platform::serve(history, &[]).await;
    for token in [free.as_str(), listed.as_str(), "x"] {
        for ip in [
            "localhost",
            "203.0.113",
            "203.0.113.07",
            "203.0.113.7:80",
            "203.0.113.7,10.0.0.1",
            "%20203.0.113.7",
            "203.0.113.0/24",
            "[2001:db8::7]",
            "fe80::1%25eth0",
            "unknown",
            "0",
        ] {
            let answer = ask(&platform.ocx(), token, ip).await;
            answer.assert_oauth_error(400, "invalid_request");
            assert!(
                answer.field("error_description").contains("ip"),
                "{answer:?}"
            );
        }
    }
}
