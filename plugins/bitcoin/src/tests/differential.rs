//! The same questions to rust-bitcoin and libsecp256k1.

use std::collections::BTreeMap;

use bitcoin::{
    Address as TheirAddress, KnownHrp, PublicKey, Witness,
    address::{AddressData, NetworkUnchecked},
    consensus::deserialize,
    secp256k1::Secp256k1,
    sign_message::{MessageSignature, signed_msg_hash},
};
use proptest::{
    prelude::RngExt,
    test_runner::{RngAlgorithm, TestRng},
};

use super::{
    conformance::sign_in,
    vectors::{Case, read, say},
};
use crate::{address::Address, payment::Payment, signature};

/// What they say of a signature, without regard to chain and public key.
fn theirs(address: &str, message: &str, signature: &[u8]) -> bool {
    let address: TheirAddress<NetworkUnchecked> = address.parse().expect("an address");
    let address = address.assume_checked();
    let has_hash = !matches!(address.to_address_data(), AddressData::Segwit { witness_program }
        if witness_program.version().to_num() == 1);
    let is_p2pkh = matches!(address.to_address_data(), AddressData::P2pkh { .. });
    if has_hash && (is_p2pkh || matches!(signature, [27..=42, ..])) {
        return legacy(&address, message, signature);
    }
    let Ok(witness) = deserialize::<Witness>(signature) else {
        return false;
    };
    // BIP-341: the default type is never written. The crate takes it written, too.
    let writes_default = !has_hash && matches!(signature, [1, 65, .., 0]);
    !writes_default
        && matches!(
            bip322::verify_simple(&address, message, witness),
            Ok(bip322::Verification::Valid { .. })
        )
}

/// BIP-137. rust-bitcoin recovers keys; which address each header is for is said here, from the BIP.
fn legacy(address: &TheirAddress, message: &str, signature: &[u8]) -> bool {
    let mut bytes = signature.to_vec();
    let Some(&header @ 27..=42) = bytes.first() else {
        return false;
    };
    bytes[0] = if header > 34 {
        31 + (header - 27) % 4
    } else {
        header
    };
    let Ok(read) = MessageSignature::from_slice(&bytes) else {
        return false;
    };
    let standard = read.signature.to_standard();
    let mut low = standard;
    low.normalize_s();
    let secp = Secp256k1::verification_only();
    let Ok(key) = read.recover_pubkey(&secp, signed_msg_hash(message)) else {
        return false;
    };
    low == standard && addresses_of(&key, header).contains(&address.script_pubkey())
}

fn addresses_of(key: &PublicKey, header: u8) -> Vec<bitcoin::ScriptBuf> {
    let p2pkh = TheirAddress::p2pkh(key, bitcoin::Network::Bitcoin).script_pubkey();
    let Ok(compressed) = bitcoin::CompressedPublicKey::try_from(*key) else {
        return vec![p2pkh];
    };
    let p2wpkh = TheirAddress::p2wpkh(&compressed, KnownHrp::Mainnet).script_pubkey();
    let p2sh = TheirAddress::p2shwpkh(&compressed, bitcoin::Network::Bitcoin).script_pubkey();
    match header {
        35..=38 => vec![p2sh],
        39..=42 => vec![p2wpkh],
        _ => vec![p2pkh, p2wpkh, p2sh],
    }
}

fn ours(address: &str, message: &str, signature: &[u8]) -> bool {
    let address = Address::read(address).expect("an address");
    signature::check(&address, message.as_bytes(), signature, None).is_ok()
}

#[test]
fn the_vectors_are_judged_alike() {
    let mut counts = BTreeMap::<_, usize>::new();
    for case in read().cases {
        let signature = case.signature();
        let (ours, theirs) = (
            ours(&case.address, &case.message, &signature),
            theirs(&case.address, &case.message, &signature),
        );
        assert_eq!(ours, theirs, "{}", case.id);
        *counts.entry(ours).or_default() += 1;
    }
    say(&format!("judged as by rust-bitcoin {counts:?}"));
}

#[test]
fn mutated_proofs_are_judged_alike() {
    let mut cases = read().cases;
    cases.retain(|case| case.valid && case.message.len() < 400);
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut counts = BTreeMap::<_, usize>::new();
    for round in 0..ROUNDS {
        let case = &cases[round % cases.len()];
        let other = &cases[random.random_range(0..cases.len())];
        let (address, message, signature) = mutated(case, other, &mut random);
        let judged = ours(address, &message, &signature);
        let theirs = theirs(address, &message, &signature);
        let digits = hex::encode(&signature);
        assert_eq!(
            judged, theirs,
            "{}: {address} {message:?} {digits}",
            case.id
        );
        *counts.entry(judged).or_default() += 1;
    }
    say(&format!(
        "mutated proofs judged as by rust-bitcoin {counts:?}"
    ));
    assert_eq!(counts.values().sum::<usize>(), ROUNDS);
    assert!(counts[&true] > 100 && counts[&false] > 4000, "{counts:?}");
}

const ROUNDS: usize = 6000;

/// One edit of a good proof, or a part of another.
fn mutated<'a>(
    case: &'a Case,
    other: &'a Case,
    random: &mut TestRng,
) -> (&'a str, String, Vec<u8>) {
    let mut signature = case.signature();
    let (mut address, mut message) = (&*case.address, case.message.clone());
    let at = random.random_range(0..signature.len());
    match random.random_range(0..10) {
        0 => signature[at] ^= 1 << random.random_range(0..8),
        1 => signature[at] = random.random(),
        // The first bytes say most: headers, counts, lengths.
        2 => signature[at % 8] = random.random(),
        3 => signature.truncate(at),
        4 => signature.insert(at, random.random()),
        5 => drop(signature.remove(at)),
        6 => signature = other.signature(),
        7 => address = &other.address,
        8 => message.push('.'),
        // Legacy headers that differ by their kind alone, some of which hold.
        _ => {
            signature[0] = 27 + signature[0].wrapping_sub(27) % 4 + 4 * random.random_range(0..4_u8)
        }
    }
    (address, message, signature)
}

/// Their addresses, read by us, and the reverse.
#[test]
fn addresses_are_read_alike() {
    let cases = read();
    for case in &cases.addresses {
        let theirs = case.address.parse::<TheirAddress<NetworkUnchecked>>();
        if case.valid {
            let script = theirs.expect(&case.id).assume_checked().script_pubkey();
            let ours = Address::read(&case.address).expect(&case.id);
            assert_eq!(
                script.is_p2tr(),
                matches!(ours.payment, Payment::P2tr(_)),
                "{}",
                case.id
            );
            assert_eq!(
                script.is_p2sh(),
                matches!(ours.payment, Payment::P2sh(_)),
                "{}",
                case.id
            );
        }
    }
    let judged: Vec<_> = cases
        .cases
        .iter()
        .filter(|case| sign_in(case).is_ok())
        .collect();
    assert!(judged.len() >= 40);
}
