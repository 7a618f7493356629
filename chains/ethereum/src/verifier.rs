//! The chain: what it is, how its lines are read, how a proof is checked.

use async_trait::async_trait;
use countersign_core::{
    ChainVerifier,
    chain::{Address, ChainAddress, ChainId, InvalidName, Namespace},
    proof::Proof,
    verifier::{AddressError, ChainInfo, Control, ProvenAccount, Source, VerifyError},
};
use k256::ecdsa::VerifyingKey;

use crate::{address::EthereumAddress, signature};

const NAMESPACE: &str = "eip155";
const KEY_TYPE: &str = "secp256k1";

/// Ethereum and every chain that shares its accounts (`eip155`, [CAIP-3]).
///
/// [CAIP-3]: https://chainagnostic.org/CAIPs/caip-3
#[derive(Debug)]
pub struct Ethereum {
    info: ChainInfo,
}

impl Ethereum {
    /// Accepts the chains with these EIP-155 ids, for example 1 and 8453. No message names the chain 0, and
    /// without ids nobody can sign in.
    pub fn new(chain_ids: &[u64]) -> Self {
        let info = ChainInfo {
            namespace: Self::namespace(),
            name: "Ethereum".to_owned(),
            chain_ids: chain_ids.iter().map(|id| chain_id(*id)).collect(),
            key_types: vec![KEY_TYPE.to_owned()],
            needs_public_key: false,
            address_is_key: true,
            source: Source::Builtin,
        };
        Self { info }
    }

    /// `eip155` ([CAIP-3]).
    ///
    /// [CAIP-3]: https://chainagnostic.org/CAIPs/caip-3
    pub fn namespace() -> Namespace {
        Namespace::new(NAMESPACE).expect("eip155 is a CAIP-2 namespace")
    }
}

#[async_trait]
impl ChainVerifier for Ethereum {
    fn info(&self) -> &ChainInfo {
        &self.info
    }

    async fn parse_address(&self, text: &str) -> Result<Address, AddressError> {
        let address = EthereumAddress::parse(text)?.to_string();
        Ok(Address::new(&address).expect("hex digits are a CAIP-10 address"))
    }

    /// Decimal, without leading zeros (a rebuilt text would be another one), up to 2^64 - 1. EIP-155 has no chain 0.
    fn parse_chain_id(&self, text: &str) -> Result<ChainId, InvalidName> {
        let number = text
            .parse::<u64>()
            .ok()
            .filter(|number| *number != 0 && number.to_string() == text);
        number.map(chain_id).ok_or(InvalidName {
            expected: "`Chain ID: ` and an EIP-155 chain id in decimal, such as 1",
        })
    }

    async fn verify(
        &self,
        account: &ChainAddress,
        message: &[u8],
        proof: &Proof,
    ) -> Result<ProvenAccount, VerifyError> {
        let refuse = |reason: &dyn std::fmt::Display| {
            tracing::debug!(%reason, "refused an Ethereum signature");
            VerifyError::InvalidProof
        };
        let key =
            signature::recover(message, &proof.signature).map_err(|reason| refuse(&reason))?;
        if EthereumAddress::parse(account.address.as_str()) != Ok(EthereumAddress::of(&key)) {
            return Err(refuse(&"the recovered key is not the account's"));
        }
        if proof
            .public_key
            .as_ref()
            .is_some_and(|sent| !is_same_key(sent, &key))
        {
            return Err(refuse(&"the public key sent is not the account's"));
        }
        Ok(ProvenAccount {
            account: account.clone(),
            control: Control::Key,
        })
    }
}

/// A public key is not needed; one that is sent must be the signer's, in SEC1 form.
fn is_same_key(sent: &[u8], key: &VerifyingKey) -> bool {
    VerifyingKey::from_sec1_bytes(sent).is_ok_and(|sent| sent == *key)
}

fn chain_id(number: u64) -> ChainId {
    ChainId::new(Ethereum::namespace(), &number.to_string())
        .expect("a decimal number is a CAIP-2 reference")
}
