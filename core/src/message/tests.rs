use proptest::prelude::*;

use super::*;

const TEXT: &str = "example.com wants you to sign in with your Ethereum account:
0xE8Ca3a5e790ccC004167F3846879fd794da912B7

Sign in.

URI: https://example.com/login
Version: 1
Chain ID: 1
Nonce: k9Qw3zT7bX1mP5sD
Issued At: 2026-03-01T12:00:00.000Z";

fn fault(text: &str) -> MessageError {
    text.parse::<SignInMessage>()
        .expect_err("the text was accepted")
}

#[test]
fn a_message_reads_back_as_written() {
    let message: SignInMessage = TEXT.parse().unwrap();
    assert_eq!(message.to_string(), TEXT);
    assert_eq!(message.fields().statement.as_deref(), Some("Sign in."));
    assert_eq!(message.chain_id_line(), 8);
}

#[test]
fn no_statement_and_an_empty_statement_are_different_messages() {
    let none: SignInMessage = TEXT.replace("\nSign in.\n", "\n").parse().unwrap();
    let empty: SignInMessage = TEXT.replace("Sign in.", "").parse().unwrap();
    assert_eq!(
        (none.fields().statement.as_deref(), none.chain_id_line()),
        (None, 7)
    );
    assert_eq!(
        (empty.fields().statement.as_deref(), empty.chain_id_line()),
        (Some(""), 8)
    );
}

#[test]
fn faults_name_their_line() {
    for (from, to, line) in [
        ("example.com wants", "example.com/x wants", 1),
        ("Ethereum account:", "Ethereum account", 1),
        ("0xE8Ca3a5e790ccC004167F3846879fd794da912B7", "", 2),
        ("912B7\n", "912B7\nhidden", 3),
        ("Sign in.", "Sign \"in\".", 4),
        ("Sign in.\n", "Sign in.\nhidden", 5),
        ("URI: https://example.com/login", "URI: undefined", 6),
        ("Version: 1", "Version 1", 7),
        ("Chain ID: 1", "Chain ID: one hundred", 8),
        ("Nonce: k9Qw3zT7bX1mP5sD", "Nonce: short", 9),
        ("Issued At: 2026", "Issued At: 26", 10),
        ("00.000Z", "00.000Z\n", 11),
        ("00.000Z", "00.000Z\nNonce: k9Qw3zT7bX1mP5sD", 11),
        ("00.000Z", "00.000Z\nExpiration Time: never", 11),
        ("00.000Z", "00.000Z\nResources:\n- x", 12),
        ("login\n", "login\r\n", 6),
    ] {
        let error = fault(&TEXT.replace(from, to));
        assert_eq!(
            (error.line, error.kind),
            (line, MessageErrorKind::Malformed),
            "{from:?} -> {to:?}"
        );
    }
}

#[test]
fn a_cut_message_names_the_missing_line() {
    let cut = TEXT.lines().take(7).collect::<Vec<_>>().join("\n");
    assert_eq!(
        (fault(&cut).line, fault(&cut).expected),
        (8, "`Chain ID: ` and a chain id".into())
    );
}

#[test]
fn another_version_is_named_as_such() {
    assert_eq!(
        fault(&TEXT.replace("Version: 1", "Version: 2")).kind,
        MessageErrorKind::UnsupportedVersion
    );
}

#[test]
fn escaped_line_breaks_are_pointed_out() {
    assert!(
        fault(&TEXT.replace('\n', "\\n"))
            .expected
            .contains("backslash")
    );
}

#[test]
fn a_message_over_the_limit_is_too_large() {
    assert_eq!(
        fault(&TEXT.replace("Sign in.", &"a".repeat(MAX_LENGTH))).kind,
        MessageErrorKind::TooLarge
    );
}

#[test]
fn more_resources_than_the_limit_are_refused() {
    let with = |count| format!("{TEXT}\nResources:{}", "\n- a:b".repeat(count));
    assert!(with(MAX_RESOURCES).parse::<SignInMessage>().is_ok());
    assert_eq!(
        fault(&with(MAX_RESOURCES + 1)).expected,
        "at most 64 resources"
    );
}

#[test]
fn a_field_cannot_smuggle_in_another_line() {
    let mut fields = TEXT.parse::<SignInMessage>().unwrap().fields().clone();
    fields.issued_at = "2026-03-01T12:00:00Z\nExpiration Time: 2027-03-01T12:00:00Z".into();
    assert!(SignInMessage::new(fields).is_err());
}

fn any_fields() -> impl Strategy<Value = Fields> {
    let times = "20[0-9]{2}-0[1-9]-1[0-9]T[01][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-][01][0-9]:[0-5][0-9])";
    let head = (
        proptest::option::of("[a-z][a-z0-9+.-]{0,8}"),
        "[a-z0-9-]{1,10}(\\.[a-z]{2,5})?(:[0-9]{1,5})?",
        "[A-Z][a-z]{1,8}( [A-Z][a-z]{1,5})?",
        "[!-~]{1,60}",
        proptest::option::of("[ A-Za-z0-9._~:/?#@!$&'()*+,;=\\[\\]-]{0,80}"),
        "[a-z]{1,6}://[a-z0-9.]{1,20}(/[a-z0-9]{0,8})?",
        "[A-Za-z0-9_-]{1,32}",
        "[A-Za-z0-9]{8,32}",
    );
    let tail = (
        times,
        proptest::option::of(times),
        proptest::option::of(times),
        proptest::option::of("[A-Za-z0-9._~!$&'()*+,;=:@-]{0,20}"),
        proptest::option::of(proptest::collection::vec(
            "[a-z]{1,6}:[a-z0-9/]{0,20}",
            0..4,
        )),
    );
    (head, tail).prop_map(|(head, tail)| {
        let (scheme, domain, chain_name, address, statement, uri, chain_id, nonce) = head;
        let (issued_at, expiration_time, not_before, request_id, resources) = tail;
        Fields {
            scheme,
            domain,
            chain_name,
            address,
            statement,
            uri,
            chain_id,
            nonce,
            issued_at,
            expiration_time,
            not_before,
            request_id,
            resources,
        }
    })
}

proptest! {
    #[test]
    fn every_message_that_can_be_built_round_trips(fields in any_fields()) {
        let message = SignInMessage::new(fields.clone()).unwrap();
        let text = message.to_string();
        prop_assert_eq!(&text.parse::<SignInMessage>().unwrap(), &message);
        prop_assert_eq!(message.fields(), &fields);
    }

    #[test]
    fn whatever_parses_renders_to_the_same_bytes(at in 0..TEXT.len(), with in "[ -~\n]{0,3}") {
        let text = format!("{}{with}{}", &TEXT[..at], &TEXT[at + 1..]);
        if let Ok(message) = text.parse::<SignInMessage>() {
            prop_assert_eq!(message.to_string(), text);
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,300}") {
        let _ = text.parse::<SignInMessage>();
    }
}
