//! The shared vectors, through the conformance kit.
//!
//! `COUNTERSIGN_VECTORS` names another directory with the same files.

use std::{collections::BTreeMap, io::Write, path::PathBuf};

use countersign_core::{
    ChainVerifier,
    claim::Claim,
    conformance::{Case, TIMES, judge},
    expected::TimeRules,
    message::{Fields, SignInMessage},
};
use countersign_ethereum::Ethereum;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use time::Duration;

fn read<T: DeserializeOwned>(file: &str) -> T {
    let root = std::env::var_os("COUNTERSIGN_VECTORS")
        .map_or_else(|| PathBuf::from("../../tests/vectors"), PathBuf::from);
    let path = root.join(file);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Written past the test runner's capture, so that counts always show.
fn say(line: &str) {
    writeln!(std::io::stderr().lock(), "{line}").expect("stderr is open");
}

fn ethereum() -> Ethereum {
    Ethereum::new(&[1])
}

const REASONS: [&str; 12] = [
    "ok",
    "malformed_message",
    "unsupported_version",
    "invalid_address",
    "scheme_mismatch",
    "domain_mismatch",
    "chain_not_allowed",
    "expired",
    "not_yet_valid",
    "issued_in_future",
    "nonce_mismatch",
    "signature_mismatch",
];

#[tokio::test]
async fn every_binding_case_comes_out_as_the_vectors_say() {
    let cases: Vec<Case> = read("ethereum/ethereum.json");
    let report = judge(&ethereum(), &cases, &TIMES).await;
    say(&format!("ethereum.json: binding cases {:?}", report.counts));
    for judgement in &report.deviations {
        say(&format!(
            "ethereum.json: by our policy {} is {:?}; advised: {:?}",
            judgement.id, judgement.got, judgement.wanted
        ));
    }
    assert!(report.failures.is_empty(), "{:#?}", report.failures);
    for reason in REASONS {
        assert!(
            report.counts.get(reason).is_some_and(|count| *count > 0),
            "no binding case for {reason}"
        );
    }
}

/// Where our own vectors leave a choice, this is ours; a change of policy must show here.
#[tokio::test]
async fn the_deviations_from_advice_are_the_documented_ones() {
    let text = include_str!("../../../tests/vectors/ethereum/ethereum.json");
    let cases: Vec<Case> = serde_json::from_str(text).expect("the vectors are JSON");
    let report = judge(&ethereum(), &cases, &TIMES).await;
    let deviations: Vec<_> = report
        .deviations
        .iter()
        .map(|judgement| (judgement.id.as_str(), judgement.got))
        .collect();
    // Userinfo in a domain has no use but deception; the default port is the same origin.
    let documented = [
        ("domain-userinfo-exact", "domain_mismatch"),
        ("domain-default-port-explicit", "ok"),
    ];
    assert_eq!(deviations, documented);
}

#[derive(Deserialize)]
struct Positive {
    message: String,
    fields: UpstreamFields,
}

/// A message as fields, as the upstream reference set has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpstreamFields {
    domain: String,
    address: String,
    statement: Option<String>,
    uri: String,
    version: String,
    chain_id: Value,
    nonce: String,
    issued_at: String,
    expiration_time: Option<String>,
    not_before: Option<String>,
    request_id: Option<String>,
    resources: Option<Vec<String>>,
    scheme: Option<String>,
}

impl UpstreamFields {
    /// `None` where the version is one our type cannot say.
    fn fields(self) -> Option<Fields> {
        let chain_id = self
            .chain_id
            .as_str()
            .map_or_else(|| self.chain_id.to_string(), str::to_owned);
        let fields = Fields {
            scheme: self.scheme,
            domain: self.domain,
            chain_name: "Ethereum".into(),
            address: self.address,
            statement: self.statement,
            uri: self.uri,
            chain_id,
            nonce: self.nonce,
            issued_at: self.issued_at,
            expiration_time: self.expiration_time,
            not_before: self.not_before,
            request_id: self.request_id,
            resources: self.resources,
        };
        (self.version == "1").then_some(fields)
    }
}

/// A field object makes a message only if it has every field, the grammar holds, and the chain can read it.
async fn build(object: &Value) -> Option<String> {
    let fields = serde_json::from_value::<UpstreamFields>(object.clone())
        .ok()?
        .fields()?;
    let text = SignInMessage::new(fields).ok()?.to_string();
    let claim = Claim::read(&ethereum(), &text).await;
    claim.is_ok().then_some(text)
}

#[tokio::test]
async fn upstream_positive_texts_parse_to_their_fields_and_render_back() {
    let cases: BTreeMap<String, Positive> = read("siwe/parsing_positive.json");
    say(&format!(
        "siwe/parsing_positive.json: {} texts",
        cases.len()
    ));
    assert!(!cases.is_empty());
    for (name, case) in cases {
        let claim = Claim::read(&ethereum(), &case.message)
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(
            Some(claim.message().fields()),
            case.fields.fields().as_ref(),
            "{name}"
        );
        assert_eq!(claim.message().to_string(), case.message, "{name}");
    }
}

/// Upstream refuses addresses without a checksum; wallets and `eth_accounts` give them, so we accept them.
const LOWER_CASE_ADDRESS: &str = "address not EIP-55";

#[tokio::test]
async fn upstream_negative_texts_do_not_parse() {
    let cases: BTreeMap<String, String> = read("siwe/parsing_negative.json");
    say(&format!(
        "siwe/parsing_negative.json: {} texts",
        cases.len()
    ));
    assert!(!cases.is_empty());
    for (name, text) in cases {
        if name == LOWER_CASE_ADDRESS {
            say(&format!(
                "siwe/parsing_negative.json: {name:?} does not apply"
            ));
            assert!(
                Claim::read(&ethereum(), &text).await.is_ok(),
                "{name} was refused"
            );
            continue;
        }
        assert!(
            Claim::read(&ethereum(), &text).await.is_err(),
            "{name} was accepted"
        );
    }
}

#[tokio::test]
async fn upstream_negative_objects_build_no_message() {
    let cases: BTreeMap<String, Value> = read("siwe/parsing_negative_objects.json");
    say(&format!(
        "siwe/parsing_negative_objects.json: {} objects",
        cases.len()
    ));
    assert!(!cases.is_empty());
    for (name, object) in cases {
        assert_eq!(build(&object).await, None, "{name} was accepted");
    }
}

/// The upstream set judges a message by the fields in the object itself, unless it names others,
/// and by the machine's present, unless it names a time. `None` where the fields build no message.
async fn upstream_case(name: &str, object: &Value, valid: bool) -> Option<Case> {
    let text = |key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
    let case = serde_json::json!({
        "id": name,
        "message": build(object).await?,
        "signature": text("signature").expect("every object carries a signature"),
        "expect": {
            "domain": text("domainBinding").or_else(|| text("domain")),
            "nonce": text("matchNonce").or_else(|| text("nonce")),
            "now": text("time").unwrap_or_else(|| "2026-03-01T12:00:00Z".into()),
        },
        "valid": valid,
        "reason": "",
        "strictness": "must",
        "note": "the upstream set names no reasons",
    });
    Some(serde_json::from_value(case).expect("the case has every field"))
}

/// Upstream does not look at the time of issue.
const WHENEVER: TimeRules = TimeRules {
    clock_skew: Duration::weeks(52_000),
    max_age: Duration::weeks(52_000),
    ..TIMES
};

#[tokio::test]
async fn upstream_positive_signatures_verify() {
    let objects: BTreeMap<String, Value> = read("siwe/verification_positive.json");
    let mut cases = Vec::new();
    for (name, object) in &objects {
        cases.push(upstream_case(name, object, true).await.expect(name));
    }
    say(&format!(
        "siwe/verification_positive.json: {} signatures",
        cases.len()
    ));
    assert!(!cases.is_empty());
    let report = judge(&ethereum(), &cases, &WHENEVER).await;
    assert!(report.failures.is_empty(), "{:#?}", report.failures);
}

/// An object that builds no message is refused by that.
#[tokio::test]
async fn upstream_negative_signatures_do_not_verify() {
    let objects: BTreeMap<String, Value> = read("siwe/verification_negative.json");
    let mut cases = Vec::new();
    for (name, object) in &objects {
        cases.extend(upstream_case(name, object, false).await);
    }
    say(&format!(
        "siwe/verification_negative.json: {} objects, {} of them well-formed messages",
        objects.len(),
        cases.len()
    ));
    assert!(!cases.is_empty());
    let report = judge(&ethereum(), &cases, &WHENEVER).await;
    assert!(report.failures.is_empty(), "{:#?}", report.failures);
}

/// Contract accounts need a node; until they are supported their signatures are refused like any other.
#[tokio::test]
async fn signatures_that_only_a_contract_could_accept_are_refused() {
    let objects: BTreeMap<String, Value> = read("siwe/eip1271.json");
    say(&format!(
        "siwe/eip1271.json: {} contract sign-ins, refused: contract accounts need a node",
        objects.len()
    ));
    for (name, object) in objects {
        let text = object["message"].as_str().expect("a message");
        let claim = Claim::read(&ethereum(), text)
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let signature =
            countersign_core::proof::parse_hex(object["signature"].as_str().expect("a signature"))
                .expect("hex");
        let proof = countersign_core::proof::Proof {
            signature,
            public_key: None,
            key_type: None,
        };
        let answer = ethereum()
            .verify(claim.account(), text.as_bytes(), &proof)
            .await;
        assert_eq!(
            answer,
            Err(countersign_core::verifier::VerifyError::InvalidProof),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_public_key_that_is_sent_must_be_the_signers() {
    let cases: Vec<Case> = read("ethereum/ethereum.json");
    let case = cases
        .iter()
        .find(|case| case.id == "shape-minimal")
        .expect("the vector is there");
    let claim = Claim::read(&ethereum(), &case.message).await.unwrap();
    let signature = countersign_core::proof::parse_hex(&case.signature).unwrap();
    // The generator of secp256k1: a valid key, and somebody else's.
    let another =
        hex::decode("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798").unwrap();
    let proof = countersign_core::proof::Proof {
        signature,
        public_key: Some(another),
        key_type: None,
    };
    let answer = ethereum()
        .verify(claim.account(), case.message.as_bytes(), &proof)
        .await;
    assert_eq!(
        answer,
        Err(countersign_core::verifier::VerifyError::InvalidProof)
    );
}
