//! Proofs that hold, and what is made from them, none of which may.

use std::sync::Arc;

use countersign_core::{
    ChainVerifier,
    chain::{ChainAddress, ChainId},
    proof::Proof,
    verifier::VerifyError,
};

use super::{Checked, Finding, Rule, Vectors};
use crate::{adapter::PluginChain, descriptor::SelfTest, plugin::Plugin};

/// Proofs of each chain that are asked of an author.
const FEWEST: usize = 3;
/// Bits and bytes of a field that are changed, one at a time.
const MOST_CHANGES: usize = 512;

/// A proof that holds, and its name in the report.
struct Good<'a> {
    id: String,
    test: &'a SelfTest,
}

pub(super) async fn check(plugin: &Plugin, vectors: &Vectors, checked: &mut Checked) {
    for chain in &plugin.chains {
        let mut goods = of_plugin(chain);
        for vector in &vectors.proofs {
            if vector.namespace != chain.info.namespace {
                continue;
            }
            checked.counts.proofs += 1;
            let verdict = verify(chain, &vector.proof).await;
            let holds = verdict.is_ok();
            if holds != vector.is_valid {
                let text = format!("vector {}: {}", vector.id, words(verdict));
                checked.findings.push(Finding::new(Rule::Vector, text));
            } else if holds && !vector.is_only_judged {
                let id = format!("vector {}", vector.id);
                let test = &vector.proof;
                goods.push(Good { id, test });
            }
        }
        checked.counts.proofs += chain.descriptor.self_tests.len() as u32;
        if goods.len() < FEWEST {
            let namespace = &chain.descriptor.namespace;
            let text = format!(
                "{} valid proofs of {namespace}; at least {FEWEST} are asked for",
                goods.len()
            );
            checked.findings.push(Finding::new(Rule::FewProofs, text));
        }
        for good in &goods {
            derive(chain, good, &goods, checked).await;
        }
    }
    let known = plugin.chains.iter().map(|chain| &chain.info.namespace);
    let known: Vec<_> = known.collect();
    for vector in &vectors.proofs {
        if !known.contains(&&vector.namespace) {
            let text = format!(
                "vector {}: the plugin does not serve {}",
                vector.id, vector.namespace
            );
            checked.findings.push(Finding::new(Rule::Vector, text));
        }
    }
}

fn of_plugin(chain: &Arc<PluginChain>) -> Vec<Good<'_>> {
    let tests = chain.descriptor.self_tests.iter().enumerate();
    tests
        .map(|(index, test)| Good {
            id: format!("proof {index} of {}", chain.descriptor.namespace),
            test,
        })
        .collect()
}

/// Asks about everything that is made from a proof; the first of each kind that is wrong is told.
async fn derive(
    chain: &Arc<PluginChain>,
    good: &Good<'_>,
    all: &[Good<'_>],
    checked: &mut Checked,
) {
    let others = all.iter().map(|other| other.test);
    let changes = changes(good.test)
        .into_iter()
        .chain(exchanges(good.test, others));
    let mut told: Vec<(Rule, String)> = vec![];
    for change in changes {
        checked.counts.derived += 1;
        let rule = match verify(chain, &change.proof).await {
            Err(VerifyError::InvalidProof) => continue,
            Ok(()) => change.rule,
            Err(VerifyError::Unavailable) => Rule::NotJudged,
        };
        if told
            .iter()
            .any(|(known, of)| *known == rule && *of == change.of)
        {
            continue;
        }
        let happened = match rule {
            Rule::NotJudged => "is not judged",
            _ => "holds",
        };
        let text = format!("{} {happened} with {}", good.id, change.what);
        checked.findings.push(Finding::new(rule, text));
        told.push((rule, change.of.to_owned()));
    }
}

struct Change {
    proof: SelfTest,
    of: &'static str,
    what: String,
    rule: Rule,
}

/// Each field changed in one bit, cut, and longer.
fn changes(test: &SelfTest) -> Vec<Change> {
    let mut changes = vec![];
    type Field = fn(&mut SelfTest) -> &mut Vec<u8>;
    let fields: [(&'static str, Field); 3] = [
        ("message", |test| &mut test.message),
        ("signature", |test| &mut test.signature),
        ("public key", |test| &mut test.public_key),
    ];
    for (of, field) in fields {
        let bytes = field(&mut test.clone()).clone();
        if bytes.is_empty() {
            continue;
        }
        let mut add = |now: Vec<u8>, how: String| {
            let mut proof = test.clone();
            *field(&mut proof) = now;
            let what = format!("its {of} {how}");
            changes.push(Change {
                proof,
                of,
                what,
                rule: Rule::Changed,
            });
        };
        let bits = 8 * bytes.len();
        for bit in (0..bits).step_by(bits.div_ceil(MOST_CHANGES)) {
            let mut now = bytes.clone();
            now[bit / 8] ^= 1 << (bit % 8);
            add(
                now,
                format!("flipped in bit {} of byte {}", bit % 8, bit / 8),
            );
        }
        add(
            bytes[..bytes.len() - 1].to_vec(),
            "cut by its last byte".to_owned(),
        );
        add(bytes[1..].to_vec(), "cut by its first byte".to_owned());
        add([&bytes[..], &[0]].concat(), "longer by a zero".to_owned());
        add(
            [&[0], &bytes[..]].concat(),
            "longer by a zero in front".to_owned(),
        );
        if of != "message" {
            add(vec![0; bytes.len()], "all zero".to_owned());
            add(vec![0xff; bytes.len()], "all 0xff".to_owned());
        }
    }
    let mut unsigned = test.clone();
    unsigned.signature.clear();
    changes.push(Change {
        proof: unsigned,
        of: "signature",
        what: "no signature".to_owned(),
        rule: Rule::Changed,
    });
    changes.extend(seconds(test));
    changes
}

/// Parts of other proofs in place of its own.
fn exchanges<'a>(
    test: &'a SelfTest,
    others: impl Iterator<Item = &'a SelfTest>,
) -> impl Iterator<Item = Change> {
    others.flat_map(move |other| {
        let change = |what: &str, of, proof: SelfTest| Change {
            proof,
            of,
            what: what.to_owned(),
            rule: Rule::Changed,
        };
        let mut changes = vec![];
        if other.address != test.address {
            let address = other.address.clone();
            let proof = SelfTest {
                address,
                ..test.clone()
            };
            changes.push(change("another address", "address", proof));
        }
        // A key may sign one text twice: both signatures hold.
        let is_signed_twice = other.message == test.message && other.address == test.address;
        if other.signature != test.signature && !is_signed_twice {
            let signature = other.signature.clone();
            let proof = SelfTest {
                signature,
                ..test.clone()
            };
            changes.push(change("the signature of another proof", "signature", proof));
        }
        if other.message != test.message {
            let message = other.message.clone();
            let proof = SelfTest {
                message,
                ..test.clone()
            };
            changes.push(change("the message of another proof", "message", proof));
        }
        changes
    })
}

/// The order of Ed25519's group (RFC 8032 §5.1), little-endian.
const ED25519: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];
/// The order of secp256k1 (SEC 2 §2.4.1), big-endian.
const SECP256K1: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
    0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
];
/// The order of P-256 (SEC 2 §2.4.2), big-endian.
const P256: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6,
    0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// The second signatures that anybody can make from a first one, whichever of these schemes it is: S of Ed25519 plus the
/// group's order, S of ECDSA subtracted from it, with the recovery bit the other way round, too.
fn seconds(test: &SelfTest) -> Vec<Change> {
    let mut seconds = vec![];
    let signature = &test.signature;
    // R and S of 32 bytes each, perhaps with a byte of recovery before or behind.
    for start in 0..=signature.len().saturating_sub(64).min(1) {
        let Some(part) = signature.get(start + 32..start + 64) else {
            continue;
        };
        let s: [u8; 32] = part.try_into().expect("it is of this length");
        for (scheme, second) in [
            ("Ed25519", plus(s, ED25519)),
            ("secp256k1", minus(SECP256K1, s)),
            ("P-256", minus(P256, s)),
        ] {
            let Some(second) = second else { continue };
            for recovery in [0, 1] {
                let mut proof = test.clone();
                proof.signature[start + 32..start + 64].copy_from_slice(&second);
                let at = if start == 1 { 0 } else { 64 };
                match proof.signature.get_mut(at) {
                    Some(byte) if signature.len() > 64 => *byte ^= recovery,
                    _ if recovery == 1 => continue,
                    _ => {}
                }
                seconds.push(Change {
                    proof,
                    of: "signature",
                    what: format!("the second S of {scheme}"),
                    rule: Rule::Malleable,
                });
            }
        }
    }
    seconds
}

/// Little-endian; `None`: too large.
fn plus(left: [u8; 32], right: [u8; 32]) -> Option<[u8; 32]> {
    let (mut sum, mut carry) = ([0; 32], 0);
    for at in 0..32 {
        let digit = u16::from(left[at]) + u16::from(right[at]) + carry;
        (sum[at], carry) = (digit as u8, digit >> 8);
    }
    (carry == 0).then_some(sum)
}

/// Big-endian; `None`: below zero.
fn minus(left: [u8; 32], right: [u8; 32]) -> Option<[u8; 32]> {
    let (mut difference, mut borrow) = ([0; 32], false);
    for at in (0..32).rev() {
        let (once, below) = left[at].overflowing_sub(right[at]);
        let (twice, again) = once.overflowing_sub(borrow.into());
        (difference[at], borrow) = (twice, below || again);
    }
    (!borrow).then_some(difference)
}

async fn verify(chain: &PluginChain, test: &SelfTest) -> Result<(), VerifyError> {
    let invalid = VerifyError::InvalidProof;
    let id = ChainId::new(chain.info.namespace.clone(), &test.reference).map_err(|_| invalid)?;
    let address = match chain.parse_address(&test.address).await {
        Ok(address) => address,
        Err(countersign_core::verifier::AddressError::Unavailable) => {
            return Err(VerifyError::Unavailable);
        }
        Err(_) => return Err(invalid),
    };
    let account = ChainAddress { chain: id, address };
    let proof = Proof {
        signature: test.signature.clone(),
        public_key: Some(test.public_key.clone()).filter(|key| !key.is_empty()),
        key_type: Some(test.key_type.clone()).filter(|name| !name.is_empty()),
    };
    chain
        .verify(&account, &test.message, &proof)
        .await
        .map(drop)
}

fn words(verdict: Result<(), VerifyError>) -> &'static str {
    match verdict {
        Ok(()) => "it holds, and should not",
        Err(VerifyError::InvalidProof) => "it does not hold, and should",
        Err(VerifyError::Unavailable) => "it is not judged",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_s_is_the_first_moved_by_the_order() {
        let one = std::array::from_fn(|at| u8::from(at == 31));
        assert_eq!(minus(P256, one).and_then(|s| minus(P256, s)), Some(one));
        assert_eq!(minus(one, P256), None);
        let sum = plus([0; 32], ED25519);
        assert_eq!(sum, Some(ED25519));
        assert_eq!(plus([0xff; 32], ED25519), None);
    }
}
