use countersign_core::{claim::Claim, memory::SeededRandom};

use super::*;
use crate::wallet::Wallet;

const KEY: &str = "3cUquuTagi39uh26RS9KcyXVAemdkSoMa4M8gebreUVXKEfCUtutV";
const TWO_KEYS: &str = concat!(
    "2jkNVCbXRtaTscLzARgzyKPgNi9FxAXfqYyDFrbPg3B9xz",
    "62UpxxBbGuGqvteo96fCeZGJZ28VyMRqDUXR2XThGQYCZ",
);

fn alephium() -> Alephium {
    Alephium::new(&["mainnet", "testnet"]).unwrap()
}

#[tokio::test]
async fn the_address_line_may_name_a_group() {
    for address in [KEY.to_owned(), format!("{KEY}:2")] {
        let text = format!(
            "example.com wants you to sign in with your Alephium account:
{address}

Sign in.

URI: https://example.com/login
Version: 1
Chain ID: testnet
Nonce: k9Qw3zT7bX1mP5sD
Issued At: 2026-03-01T12:00:00.000Z"
        );
        let claim = Claim::read(&alephium(), &text).await.unwrap();
        let expected = format!("alephium:testnet:{KEY}");
        assert_eq!(claim.account().to_string(), expected);
    }
}

#[tokio::test]
async fn an_address_longer_than_caip_10_allows_is_refused_as_such() {
    let keys = |count| {
        let (hashes, threshold) = (vec![[7; 32]; count], 1);
        AlephiumAddress::KeyHashes { hashes, threshold }.to_string()
    };
    assert!(alephium().parse_address(&keys(2)).await.is_ok());
    let too_long = alephium().parse_address(&keys(3)).await;
    assert_eq!(too_long, Err(TOO_LONG));
}

#[test]
fn a_network_must_be_a_caip_2_reference() {
    let name = Alephium::new(&["mainnet/0"]).unwrap_err();
    assert_eq!(
        name.expected,
        "a CAIP-2 reference: 1 to 32 of a-z, A-Z, 0-9, - and _"
    );
}

fn address(text: &str) -> Address {
    Address::new(&AlephiumAddress::parse(text).unwrap().to_string()).unwrap()
}

fn signed_in(wallet: &Wallet) -> (Address, Proof) {
    let proof = Proof {
        signature: hex::decode(wallet.sign(b"hello")).unwrap(),
        public_key: Some(hex::decode(wallet.public_key()).unwrap()),
        key_type: None,
    };
    (address(&wallet.address()), proof)
}

fn with_all_key_types() -> Alephium {
    alephium()
        .with_gl_secp256r1()
        .with_gl_ed25519()
        .with_gl_webauthn(Wallet::relying_party())
}

fn check(address: &Address, message: &[u8], proof: &Proof) -> Result<(), Reason> {
    with_all_key_types().check(address, message, proof)
}

#[test]
fn key_types_are_listed_once_and_only_when_accepted() {
    let by_default = KeyType::ON_BY_DEFAULT.map(|key_type| key_type.to_string());
    assert_eq!(alephium().info().key_types, by_default);
    let all = KeyType::ALL.map(|key_type| key_type.to_string());
    let verifier = with_all_key_types();
    assert_eq!(verifier.info().key_types, all);
    let again = verifier.with_gl_webauthn(Wallet::relying_party());
    assert_eq!(again.info().key_types, all);
}

#[test]
fn a_key_type_that_is_not_accepted_proves_nobody() {
    let random = SeededRandom::new(5);
    for (key_type, others_on) in [
        (
            KeyType::GlSecp256r1,
            alephium()
                .with_gl_ed25519()
                .with_gl_webauthn(Wallet::relying_party()),
        ),
        (
            KeyType::GlEd25519,
            alephium()
                .with_gl_secp256r1()
                .with_gl_webauthn(Wallet::relying_party()),
        ),
        (
            KeyType::GlWebauthn,
            alephium().with_gl_secp256r1().with_gl_ed25519(),
        ),
    ] {
        let (address, proof) = signed_in(&Wallet::generate(&random, key_type));
        assert_eq!(check(&address, b"hello", &proof), Ok(()), "{key_type}");
        for verifier in [alephium(), others_on] {
            let refusal = verifier.check(&address, b"hello", &proof);
            assert_eq!(refusal, Err(Reason::Uncontrolled), "{key_type}");
        }
    }
}

#[test]
fn a_passkey_may_be_used_on_each_of_several_sites_and_no_other() {
    let wallet = Wallet::generate(&SeededRandom::new(6), KeyType::GlWebauthn);
    let (address, proof) = signed_in(&wallet);
    let elsewhere = RelyingParty {
        id: "wallet.example".to_owned(),
        origin: "https://wallet.example".to_owned(),
    };
    let verifier = alephium().with_gl_webauthn(elsewhere);
    let refusal = verifier.check(&address, b"hello", &proof);
    assert_eq!(refusal, Err(Reason::RelyingParty));
    let verifier = verifier.with_gl_webauthn(Wallet::relying_party());
    assert_eq!(verifier.check(&address, b"hello", &proof), Ok(()));
}

#[test]
fn a_wallet_of_each_key_type_is_proven_with_and_without_its_name() {
    let random = SeededRandom::new(1);
    for key_type in KeyType::ALL {
        let (address, mut proof) = signed_in(&Wallet::generate(&random, key_type));
        assert_eq!(check(&address, b"hello", &proof), Ok(()), "{key_type}");
        proof.key_type = Some(key_type.to_string());
        assert_eq!(check(&address, b"hello", &proof), Ok(()), "{key_type}");
        assert_eq!(
            check(&address, b"hello ", &proof),
            Err(Reason::Mismatch),
            "{key_type}"
        );
    }
}

#[test]
fn every_other_key_type_is_refused() {
    let random = SeededRandom::new(2);
    for key_type in KeyType::ALL {
        let (address, mut proof) = signed_in(&Wallet::generate(&random, key_type));
        for other in KeyType::ALL.into_iter().filter(|other| *other != key_type) {
            proof.key_type = Some(other.to_string());
            let refusal = check(&address, b"hello", &proof);
            assert_eq!(refusal, Err(Reason::KeyType), "{key_type} as {other}");
        }
    }
}

#[test]
fn a_key_of_another_address_or_none_is_refused() {
    let random = SeededRandom::new(3);
    for key_type in KeyType::ALL {
        let (address, mut proof) = signed_in(&Wallet::generate(&random, key_type));
        let (_, another) = signed_in(&Wallet::generate(&random, key_type));
        assert_eq!(check(&address, b"hello", &another), Err(Reason::Address));
        proof.public_key = None;
        assert_eq!(check(&address, b"hello", &proof), Err(Reason::PublicKey));
    }
}

/// ECDSA signs alike for two of them: there the address in the message tells them apart.
#[test]
fn the_addresses_of_one_key_are_different_identities() {
    let secret = "11".repeat(32);
    let wallet = |key_type| Wallet::from_hex(&secret, key_type).unwrap();
    let (default, by_default) = signed_in(&wallet(KeyType::Default));
    let (groupless, by_groupless) = signed_in(&wallet(KeyType::GlSecp256k1));
    let (schnorr, by_schnorr) = signed_in(&wallet(KeyType::Bip340Schnorr));
    let (secp256r1, by_secp256r1) = signed_in(&wallet(KeyType::GlSecp256r1));
    let (webauthn, by_webauthn) = signed_in(&wallet(KeyType::GlWebauthn));
    assert_eq!(by_default, by_groupless);
    assert_ne!(default, groupless);
    assert_eq!(by_secp256r1.public_key, by_webauthn.public_key);
    assert_ne!(secp256r1, webauthn);
    for (address, proof, reason) in [
        (&default, &by_schnorr, Reason::PublicKey),
        (&groupless, &by_schnorr, Reason::PublicKey),
        (&schnorr, &by_default, Reason::PublicKey),
        (&secp256r1, &by_webauthn, Reason::Length),
        (&webauthn, &by_secp256r1, Reason::Witness),
    ] {
        assert_eq!(check(address, b"hello", proof), Err(reason));
    }
}

#[test]
fn an_address_without_one_key_of_ours_proves_nobody() {
    let random = SeededRandom::new(4);
    let (_, proof) = signed_in(&Wallet::generate(&random, KeyType::Default));
    for text in [
        TWO_KEYS,
        "24ohxBG2w3qK1eZsCXKpzCK78eEiB88o4PKZJZBtyE6VG",
        "ApDtDnziKnAcUsXQMP6SRuoHz1B8u2ENvVHvWGJJirWBKanbpB",
    ] {
        let refusal = check(&address(text), b"hello", &proof);
        assert_eq!(refusal, Err(Reason::Uncontrolled), "{text}");
    }
}
