//! The kit that judges a chain by shared vectors of signed messages: `{id, message, signature, expect, valid, reason, strictness, note?}`.
//!
//! A chain crate's `tests/conformance.rs` reads a file of [`Case`]s, calls [`judge`], and asserts that the
//! [`Report`] has no failures. No public key is handed over, so a chain that needs one tests its proofs by
//! itself.

use std::collections::BTreeMap;

use serde::Deserialize;
use time::Duration;

use crate::{
    Error,
    chain::ChainId,
    claim::Claim,
    expected::{Expected, ExpectedNonce, Refusal, TimeRules},
    message::{MessageError, MessageErrorKind, SignInMessage, instant},
    nonce::Nonce,
    origin::Origin,
    proof::{Proof, parse_hex},
    verifier::ChainVerifier,
};

/// One case of a vector file.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Case {
    /// The case's name.
    pub id: String,
    /// The exact text signed.
    pub message: String,
    /// The signature as submitted, in hex.
    pub signature: String,
    /// What the relying party knows.
    pub expect: Knowledge,
    /// The verdict.
    pub valid: bool,
    /// The reason of a refusal, such as `expired` or `signature_mismatch`; `ok` otherwise.
    pub reason: String,
    /// Whether the verdict binds.
    pub strictness: Strictness,
    /// Names alternatives, where the reason is advice only.
    pub note: Option<String>,
}

/// What the relying party knows in a case.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Knowledge {
    /// The accepted domain.
    pub domain: String,
    /// The issued nonce.
    pub nonce: String,
    /// The clock, RFC 3339.
    pub now: String,
    /// References of the accepted chains; absent: any.
    pub chain_ids: Option<Vec<String>>,
    /// The accepted scheme; absent: any.
    pub scheme: Option<String>,
}

/// Whether a case's verdict binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strictness {
    /// Required by the standard or the baseline.
    Must,
    /// Policy; another documented choice is fine.
    May,
}

/// Time rules under which the vectors' verdicts hold.
pub const TIMES: TimeRules = TimeRules {
    clock_skew: Duration::minutes(2),
    max_age: Duration::days(1),
    requires_expiration: false,
    max_validity: Duration::MAX,
};

/// What the chain did with a case, beside what it should have done.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The case's name.
    pub id: String,
    /// `ok` or the reason of the refusal.
    pub got: &'static str,
    /// What the case asks for.
    pub wanted: String,
    /// Whether the verdict binds.
    pub strictness: Strictness,
    /// Whether verdict, and reason where it counts, agree.
    pub agrees: bool,
}

/// The judgements of a run.
#[derive(Debug, Default)]
pub struct Report {
    /// How many binding cases were accepted (`ok`) and refused, by reason.
    pub counts: BTreeMap<String, usize>,
    /// Binding cases that came out wrong.
    pub failures: Vec<Judgement>,
    /// Other cases where this chain decided otherwise.
    pub deviations: Vec<Judgement>,
}

/// Runs every case against a chain. The vectors' verdicts hold under [`TIMES`].
///
/// # Panics
/// When the clock of a case is no RFC 3339 date-time.
pub async fn judge(verifier: &dyn ChainVerifier, cases: &[Case], times: &TimeRules) -> Report {
    let mut report = Report::default();
    for case in cases {
        let judgement = judge_one(verifier, case, times).await;
        if case.strictness == Strictness::Must {
            *report.counts.entry(case.reason.clone()).or_default() += 1;
        }
        match (judgement.agrees, case.strictness) {
            (true, _) => {}
            (false, Strictness::Must) => report.failures.push(judgement),
            (false, Strictness::May) => report.deviations.push(judgement),
        }
    }
    report
}

async fn judge_one(verifier: &dyn ChainVerifier, case: &Case, times: &TimeRules) -> Judgement {
    let got = match run(verifier, case, times).await {
        Ok(()) => "ok",
        Err(reason) => reason,
    };
    // A note names other reasons that are as good, so only the verdict counts there. The port
    // gives one opaque refusal for a signature, so its two reasons are one here.
    let same_reason = reason_class(got) == reason_class(&case.reason);
    let agrees = (got == "ok") == case.valid
        && (same_reason || case.note.is_some() || case.strictness == Strictness::May);
    Judgement {
        id: case.id.clone(),
        got,
        wanted: case.reason.clone(),
        strictness: case.strictness,
        agrees,
    }
}

fn reason_class(reason: &str) -> &str {
    if reason == "malformed_signature" {
        "signature_mismatch"
    } else {
        reason
    }
}

async fn run(
    verifier: &dyn ChainVerifier,
    case: &Case,
    times: &TimeRules,
) -> Result<(), &'static str> {
    let claim = Claim::read(verifier, &case.message)
        .await
        .map_err(|error| reason(&error))?;
    let origin = accepted_origin(&case.expect, claim.message());
    let own_chain = claim.account().chain.clone();
    let nonce = Nonce::parse(&case.expect.nonce);
    let expected = Expected {
        origins: origin.as_slice(),
        // Accepted cases name foreign URIs on purpose.
        uris: std::slice::from_ref(&claim.message().fields().uri),
        chain_ids: &case
            .expect
            .chain_ids
            .as_ref()
            .map_or_else(|| vec![own_chain], |ids| accepted_chains(verifier, ids)),
        nonce: nonce
            .as_ref()
            .map_or(ExpectedNonce::NoneIssued, ExpectedNonce::Issued),
        now: instant::parse(&case.expect.now).expect("a case's clock is an RFC 3339 date-time"),
        times,
    };
    let signature = parse_hex(&case.signature);
    let proof = Proof {
        signature: signature.clone().unwrap_or_default(),
        public_key: None,
        key_type: None,
    };
    match claim.verify(verifier, &expected, &proof).await {
        Ok(_) if signature.is_err() => Err("malformed_signature"),
        Ok(_) => Ok(()),
        Err(error) => Err(reason(&error)),
    }
}

/// Where a case does not check the scheme, the message's own is accepted.
fn accepted_origin(expect: &Knowledge, message: &SignInMessage) -> Option<Origin> {
    let scheme = expect
        .scheme
        .as_deref()
        .or(message.fields().scheme.as_deref())
        .unwrap_or("https");
    Origin::of(scheme, &expect.domain)
}

fn accepted_chains(verifier: &dyn ChainVerifier, references: &[String]) -> Vec<ChainId> {
    let namespace = &verifier.info().namespace;
    references
        .iter()
        .filter_map(|reference| ChainId::new(namespace.clone(), reference).ok())
        .collect()
}

fn message_reason(error: &MessageError) -> &'static str {
    match error.kind {
        MessageErrorKind::Malformed => "malformed_message",
        MessageErrorKind::UnsupportedVersion => "unsupported_version",
        MessageErrorKind::InvalidAddress => "invalid_address",
        MessageErrorKind::TooLarge => "message_too_large",
    }
}

fn reason(error: &Error) -> &'static str {
    match error {
        Error::Refused(Refusal::SchemeMismatch) => "scheme_mismatch",
        Error::Refused(Refusal::DomainMismatch) => "domain_mismatch",
        Error::Refused(Refusal::UriNotAllowed) => "uri_not_allowed",
        Error::Refused(Refusal::ChainNotAllowed) => "chain_not_allowed",
        Error::Refused(Refusal::Expired) => "expired",
        Error::Refused(Refusal::NotYetValid) => "not_yet_valid",
        Error::Refused(Refusal::IssuedInFuture) => "issued_in_future",
        Error::Refused(Refusal::IssuedTooOld) => "issued_too_old",
        Error::Refused(Refusal::NonceMismatch) => "nonce_mismatch",
        Error::InvalidMessage(error) => message_reason(error),
        Error::InvalidProof => "signature_mismatch",
        Error::ChainUnavailable => "rpc_unavailable",
        _ => "another error",
    }
}
