//! The chain: what it is, how its lines are read, how a proof is checked.

use async_trait::async_trait;
use countersign_core::{
    ChainVerifier,
    chain::{Address, ChainAddress, ChainId, InvalidName, Namespace},
    proof::Proof,
    verifier::{AddressError, ChainInfo, Control, ProvenAccount, VerifyError},
};

use crate::{
    address::AlephiumAddress, key_type::KeyType, public_key::PublicKey, reason::Reason, signature,
};

const NAMESPACE: &str = "alephium";

/// Alephium, on which an address is the same in every network.
#[derive(Debug)]
pub struct Alephium {
    info: ChainInfo,
}

impl Alephium {
    /// Serves the networks with these names, for example `mainnet` and `testnet`.
    ///
    /// # Errors
    /// [`InvalidName`] when a name is no CAIP-2 reference.
    pub fn new(networks: &[impl AsRef<str>]) -> Result<Self, InvalidName> {
        let chain_ids = networks
            .iter()
            .map(|network| ChainId::new(Self::namespace(), network.as_ref()))
            .collect::<Result<_, _>>()?;
        let info = ChainInfo {
            namespace: Self::namespace(),
            name: "Alephium".to_owned(),
            chain_ids,
            key_types: KeyType::ALL.map(|key_type| key_type.to_string()).to_vec(),
            needs_public_key: true,
            address_is_key: false,
        };
        Ok(Self { info })
    }

    /// `alephium`.
    pub fn namespace() -> Namespace {
        Namespace::new(NAMESPACE).expect("alephium is a CAIP-2 namespace")
    }
}

#[async_trait]
impl ChainVerifier for Alephium {
    fn info(&self) -> &ChainInfo {
        &self.info
    }

    /// A group suffix says where an output lives, not whose it is, so it is read and dropped.
    fn parse_address(&self, text: &str) -> Result<Address, AddressError> {
        let address = AlephiumAddress::parse(text)?.to_string();
        Address::new(&address).map_err(|_| TOO_LONG)
    }

    async fn verify(
        &self,
        account: &ChainAddress,
        message: &[u8],
        proof: &Proof,
    ) -> Result<ProvenAccount, VerifyError> {
        check(&account.address, message, proof).map_err(|reason| {
            tracing::debug!(%reason, "refused an Alephium signature");
            VerifyError::InvalidProof
        })?;
        Ok(ProvenAccount {
            account: account.clone(),
            control: Control::Key,
        })
    }
}

/// A signature verifies under any key type of its curve, so what binds it to the account is that
/// the key, under the key type of the address, has this very address.
fn check(address: &Address, message: &[u8], proof: &Proof) -> Result<(), Reason> {
    let address = AlephiumAddress::parse(address.as_str()).map_err(|_| Reason::Uncontrolled)?;
    let key_type = address.key_type().ok_or(Reason::Uncontrolled)?;
    let named = proof.key_type.as_deref().unwrap_or(key_type.as_str());
    if named != key_type.as_str() {
        return Err(Reason::KeyType);
    }
    let sent = proof.public_key.as_deref().ok_or(Reason::PublicKey)?;
    let key = PublicKey::parse(key_type, sent)?;
    if AlephiumAddress::of(key) != address {
        return Err(Reason::Address);
    }
    signature::verify(&key, message, &proof.signature)
}

/// Base58 is of CAIP-10's alphabet, so only the length can be wrong: of three keys or more.
const TOO_LONG: AddressError = AddressError::Malformed {
    expected: "an Alephium address of at most 128 characters",
};

#[cfg(test)]
mod tests {
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

    #[test]
    fn the_address_line_may_name_a_group() {
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
            let claim = Claim::read(&alephium(), &text).unwrap();
            let expected = format!("alephium:testnet:{KEY}");
            assert_eq!(claim.account().to_string(), expected);
        }
    }

    #[test]
    fn an_address_longer_than_caip_10_allows_is_refused_as_such() {
        let keys = |count| {
            let (hashes, threshold) = (vec![[7; 32]; count], 1);
            AlephiumAddress::KeyHashes { hashes, threshold }.to_string()
        };
        assert!(alephium().parse_address(&keys(2)).is_ok());
        assert_eq!(alephium().parse_address(&keys(3)), Err(TOO_LONG));
    }

    #[test]
    fn a_network_must_be_a_caip_2_reference() {
        let name = Alephium::new(&["mainnet/0"]).unwrap_err();
        assert_eq!(
            name.expected,
            "a CAIP-2 reference: 1 to 32 of a-z, A-Z, 0-9, - and _"
        );
    }

    fn signed_in(wallet: &Wallet) -> (Address, Proof) {
        let proof = Proof {
            signature: hex::decode(wallet.sign(b"hello")).unwrap(),
            public_key: Some(hex::decode(wallet.public_key()).unwrap()),
            key_type: None,
        };
        (alephium().parse_address(&wallet.address()).unwrap(), proof)
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
        assert_eq!(by_default, by_groupless);
        assert_ne!(default, groupless);
        for (address, proof, reason) in [
            (&default, &by_schnorr, Reason::PublicKey),
            (&groupless, &by_schnorr, Reason::PublicKey),
            (&schnorr, &by_default, Reason::PublicKey),
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
            "3cdQhhYGZ7JsedLHnUGdKjy9eGxDx1LFY2p4YtchDHQHETD6cn7cb",
            "bR1fwAH3HynxbbYLA9pV7ALWBER3mnzbuNMAtWGcur978VudQDG",
            "3cvcpHQXbNgsHuydi5PJbpnFMCeWaEkaM77Lfx8YmmPGuGBSJiWUt",
            "ApDtDnziKnAcUsXQMP6SRuoHz1B8u2ENvVHvWGJJirWBKanbpB",
        ] {
            let address = alephium().parse_address(text).unwrap();
            let refusal = check(&address, b"hello", &proof);
            assert_eq!(refusal, Err(Reason::Uncontrolled), "{text}");
        }
    }
}
