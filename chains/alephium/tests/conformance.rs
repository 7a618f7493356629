//! The shared vectors: addresses, and signatures with the account they claim.
//!
//! `COUNTERSIGN_VECTORS` names another directory with the same files.

use std::{collections::BTreeMap, io::Write, path::PathBuf};

use countersign_alephium::{Alephium, KeyType, RelyingParty, group_of};
use countersign_core::{
    ChainVerifier,
    chain::{Address, ChainAddress},
    proof::Proof,
    verifier::{Control, VerifyError},
};
use serde::Deserialize;

/// The three sets of the file; the README beside the vectors describes every field.
#[derive(Deserialize)]
struct Vectors {
    counts: Counts,
    cases: Vec<Case>,
    addresses: Vec<AddressCase>,
    policy: Vec<PolicyCase>,
}

impl Vectors {
    fn of(&self, key_type: &str, is_valid: bool) -> impl Iterator<Item = &Case> {
        let is_of = move |case: &&Case| case.claimed.key_type == key_type && case.valid == is_valid;
        self.cases.iter().filter(is_of)
    }
}

/// How many cases the file says it holds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    positive: usize,
    negative: usize,
    strict_only: usize,
    by_key_type: BTreeMap<String, SignCounts>,
}

#[derive(Deserialize)]
struct SignCounts {
    pos: usize,
    neg: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    #[serde(flatten)]
    claimed: Claimed,
    canonical_address: Option<String>,
    valid: bool,
    strict_only: bool,
}

/// A sign-in as a client would claim it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claimed {
    id: String,
    key_type: String,
    message_hasher: String,
    address: String,
    public_key: String,
    signature: String,
    group: Option<i64>,
    message: String,
    reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AddressCase {
    id: String,
    address: String,
    #[serde(rename = "type")]
    address_type: String,
    valid: bool,
    group: Option<u8>,
    canonical_address: Option<String>,
}

#[derive(Deserialize)]
struct PolicyCase {
    #[serde(flatten)]
    claimed: Claimed,
    recommend: String,
}

fn vectors() -> Vectors {
    let root = std::env::var_os("COUNTERSIGN_VECTORS")
        .map_or_else(|| PathBuf::from("../../tests/vectors"), PathBuf::from);
    let path = root.join("alephium/alephium.json");
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Written past the test runner's capture, so that counts always show.
fn say(line: &str) {
    writeln!(std::io::stderr().lock(), "alephium.json: {line}").expect("stderr is open");
}

/// The two ways to set the chain up, under the names that the counts have.
fn setups() -> [(&'static str, Alephium); 2] {
    [
        ("by default", by_default()),
        ("with all key types", with_all_key_types()),
    ]
}

fn by_default() -> Alephium {
    Alephium::new(&["mainnet", "testnet"]).expect("the names are CAIP-2 references")
}

/// The site is the one of every passkey in the vectors.
fn with_all_key_types() -> Alephium {
    by_default()
        .with_gl_secp256r1()
        .with_gl_ed25519()
        .with_gl_webauthn(RelyingParty {
            id: "wallet.example".to_owned(),
            origin: "https://wallet.example".to_owned(),
        })
}

const HASHER: &str = "alephium";

/// The step of a sign-in that refuses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Hasher,
    Address,
    Group,
    Hex,
    Proof,
}

const STEPS: [Step; 5] = [
    Step::Hasher,
    Step::Address,
    Step::Group,
    Step::Hex,
    Step::Proof,
];

/// The whole sign-in. No request of ours has a field for the hasher, so a client cannot claim
/// another one: here that claim is refused first, as the one thing the port cannot see.
async fn sign_in(alephium: &Alephium, claimed: &Claimed) -> Result<Address, Step> {
    if claimed.message_hasher != HASHER {
        return Err(Step::Hasher);
    }
    sign_in_by_the_port(alephium, claimed, Some(claimed.key_type.as_str())).await
}

/// The part of a sign-in that this crate judges, whatever hasher the case names.
async fn sign_in_by_the_port(
    alephium: &Alephium,
    claimed: &Claimed,
    key_type: Option<&str>,
) -> Result<Address, Step> {
    let address = alephium
        .parse_address(&claimed.address)
        .await
        .map_err(|_| Step::Address)?;
    let group = group_of(&claimed.address).map_err(|_| Step::Address)?;
    if claimed
        .group
        .is_some_and(|asserted| asserted != i64::from(group))
    {
        return Err(Step::Group);
    }
    let proof = Proof {
        signature: strict_hex(&claimed.signature)?,
        public_key: Some(strict_hex(&claimed.public_key)?),
        key_type: key_type.map(str::to_owned),
    };
    let account = ChainAddress {
        chain: "alephium:mainnet".parse().expect("a CAIP-2 chain id"),
        address,
    };
    let answer = alephium
        .verify(&account, claimed.message.as_bytes(), &proof)
        .await;
    match answer {
        Ok(proven) => {
            assert_eq!(proven.control, Control::Key, "{}", claimed.id);
            assert_eq!(proven.account, account, "{}", claimed.id);
            Ok(account.address)
        }
        Err(VerifyError::InvalidProof) => Err(Step::Proof),
        Err(VerifyError::Unavailable) => panic!("{}: nothing is asked of a chain", claimed.id),
    }
}

/// Hex digits in either case and nothing else, not even `0x`. That they are as many as they
/// must be is for the verifier to see.
fn strict_hex(text: &str) -> Result<Vec<u8>, Step> {
    hex::decode(text).map_err(|_| Step::Hex)
}

/// What must become of a case that is valid where everything is switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Positive {
    Proven,
    RefusedKeyType,
    RefusedHasher,
}

impl Positive {
    fn of(claimed: &Claimed, enabled: &[String]) -> Self {
        if !enabled.contains(&claimed.key_type) {
            Self::RefusedKeyType
        } else if claimed.message_hasher != HASHER {
            Self::RefusedHasher
        } else {
            Self::Proven
        }
    }
}

/// Checks a valid case, with its key type named and not.
async fn check_valid(alephium: &Alephium, case: &Case) -> Positive {
    let (claimed, id) = (&case.claimed, &case.claimed.id);
    let class = Positive::of(claimed, &alephium.info().key_types);
    for key_type in [Some(claimed.key_type.as_str()), None] {
        let got = sign_in_by_the_port(alephium, claimed, key_type).await;
        let canonical = got.as_ref().map(Address::as_str).map_err(|step| *step);
        let wanted = match class {
            Positive::Proven => Ok(case.canonical_address.as_deref().expect(id)),
            Positive::RefusedKeyType | Positive::RefusedHasher => Err(Step::Proof),
        };
        assert_eq!(
            canonical, wanted,
            "{id} as {key_type:?}: {}",
            claimed.reason
        );
    }
    class
}

#[tokio::test]
async fn valid_cases_are_proven_or_refused_by_policy() {
    let vectors = vectors();
    for (setup, alephium) in setups() {
        let mut classes = BTreeMap::<_, usize>::new();
        for key_type in KeyType::ALL.map(KeyType::as_str) {
            let mut counts = BTreeMap::<_, usize>::new();
            for case in vectors.of(key_type, true) {
                let class = check_valid(&alephium, case).await;
                *counts.entry(class).or_default() += 1;
                *classes.entry(class).or_default() += 1;
            }
            say(&format!("valid cases of {key_type} {setup} {counts:?}"));
            let count = counts.values().sum::<usize>();
            assert_eq!(count, vectors.counts.by_key_type[key_type].pos);
            let proven = counts.contains_key(&Positive::Proven);
            let is_on = alephium.info().key_types.iter().any(|it| it == key_type);
            assert_eq!(proven, is_on, "{key_type} {setup}");
        }
        let count = classes.values().sum::<usize>();
        assert_eq!(count, vectors.counts.positive, "{setup}");
        assert!(classes.contains_key(&Positive::RefusedHasher), "{setup}");
    }
}

#[tokio::test]
async fn invalid_cases_are_refused() {
    let vectors = vectors();
    for (setup, alephium) in setups() {
        let (mut steps, mut strict_only) = (BTreeMap::<_, usize>::new(), 0);
        for (key_type, in_file) in &vectors.counts.by_key_type {
            let mut counts = BTreeMap::<_, usize>::new();
            for case in vectors.of(key_type, false) {
                let step = refusal(&alephium, &case.claimed).await;
                *counts.entry(step).or_default() += 1;
                *steps.entry(step).or_default() += 1;
                strict_only += usize::from(case.strict_only);
            }
            say(&format!("invalid cases of {key_type} {setup} {counts:?}"));
            assert_eq!(counts.values().sum::<usize>(), in_file.neg, "{key_type}");
        }
        say(&format!(
            "invalid cases {setup} by the step that refuses them {steps:?}; \
             accepted by the official library: {strict_only}"
        ));
        assert_eq!(steps.values().sum::<usize>(), vectors.counts.negative);
        assert_eq!(steps.into_keys().collect::<Vec<_>>(), STEPS, "{setup}");
        assert_eq!(strict_only, vectors.counts.strict_only);
        assert_ne!(strict_only, 0, "no case that the official library accepts");
    }
}

/// The step at which an invalid case is refused.
async fn refusal(alephium: &Alephium, claimed: &Claimed) -> Step {
    match sign_in(alephium, claimed).await {
        Ok(_) => panic!("{} was accepted: {}", claimed.id, claimed.reason),
        Err(step) => step,
    }
}

/// Where only the claim of another hasher is false, the signature is a good one of `alephium`.
#[tokio::test]
async fn other_digests_are_refused_by_the_port_itself() {
    let vectors = vectors();
    for (setup, alephium) in setups() {
        let (mut refused, mut mislabelled) = (0, 0);
        for case in vectors.cases.iter().filter(|case| !case.valid) {
            let claimed = &case.claimed;
            if claimed.message_hasher == HASHER {
                continue;
            }
            let key_type = Some(claimed.key_type.as_str());
            match sign_in_by_the_port(&alephium, claimed, key_type).await {
                Ok(_) => {
                    mislabelled += 1;
                    say(&format!("{}: a label only, {}", claimed.id, claimed.reason));
                }
                Err(_) => refused += 1,
            }
        }
        say(&format!(
            "invalid cases of other hashers {setup}: \
             {refused} refused by the port, {mislabelled} mislabelled"
        ));
        assert_ne!(refused, 0, "no case of another digest");
    }
}

#[tokio::test]
async fn addresses_are_read_as_the_vectors_say() {
    let mut counts = BTreeMap::<_, usize>::new();
    for case in vectors().addresses {
        let class = if case.valid {
            check_valid_address(&case).await
        } else {
            let parsed = by_default().parse_address(&case.address).await;
            assert!(parsed.is_err(), "{} was accepted", case.id);
            assert!(group_of(&case.address).is_err(), "{}", case.id);
            "invalid".to_owned()
        };
        *counts.entry(class).or_default() += 1;
    }
    say(&format!("addresses {counts:?}"));
    for class in [
        "P2PKH", "P2MPKH", "P2SH", "P2C", "P2PK", "P2HMPK", "invalid",
    ] {
        assert!(counts.contains_key(class), "no address is {class}");
    }
}

/// The longest CAIP-10 account address. Longer ones, of three keys and more, are refused by policy.
const CAIP_10_LENGTH: usize = 128;

async fn check_valid_address(case: &AddressCase) -> String {
    let canonical = case.canonical_address.as_deref().expect(&case.id);
    let parsed = by_default().parse_address(&case.address).await;
    assert_eq!(group_of(&case.address).ok(), case.group, "{}", case.id);
    if canonical.len() > CAIP_10_LENGTH {
        assert!(parsed.is_err(), "{} was accepted", case.id);
        return format!("{} too long for CAIP-10", case.address_type);
    }
    let parsed = parsed.unwrap_or_else(|error| panic!("{}: {error}", case.id));
    assert_eq!(parsed.as_str(), canonical, "{}", case.id);
    case.address_type.clone()
}

/// Decisions, printed and not judged.
#[tokio::test]
async fn policy_cases_are_reported() {
    let cases = vectors().policy;
    for case in &cases {
        let got = match sign_in(&by_default(), &case.claimed).await {
            Ok(address) => format!("accepted as {address}"),
            Err(step) => format!("refused at {step:?}"),
        };
        let (id, reason) = (&case.claimed.id, &case.claimed.reason);
        say(&format!(
            "{id} is {got}; advice: {}; {reason}",
            case.recommend
        ));
    }
    assert!(!cases.is_empty(), "no policy case");
}
