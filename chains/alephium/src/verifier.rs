//! The chain: what it is, how its lines are read, how a proof is checked.

use async_trait::async_trait;
use countersign_core::{
    ChainVerifier,
    chain::{Address, ChainAddress, ChainId, InvalidName, Namespace},
    proof::Proof,
    verifier::{AddressError, ChainInfo, Control, ProvenAccount, Source, VerifyError},
};

use crate::{
    address::AlephiumAddress, key_type::KeyType, public_key::PublicKey, reason::Reason, signature,
    webauthn::RelyingParty,
};

const NAMESPACE: &str = "alephium";

/// Alephium, on which an address is the same in every network.
#[derive(Debug)]
pub struct Alephium {
    info: ChainInfo,
    relying_parties: Vec<RelyingParty>,
}

impl Alephium {
    /// Accepts the networks with these names, for example `mainnet` and `testnet`, and the key types
    /// that are [on by default](KeyType::ON_BY_DEFAULT).
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
            key_types: KeyType::ON_BY_DEFAULT
                .map(|key_type| key_type.to_string())
                .to_vec(),
            needs_public_key: true,
            address_is_key: false,
            source: Source::Builtin,
        };
        Ok(Self {
            info,
            relying_parties: Vec::new(),
        })
    }

    /// Accepts `gl-secp256r1`, too: ECDSA on P-256, over the digest that wallets sign.
    #[must_use]
    pub fn with_gl_secp256r1(self) -> Self {
        self.with(KeyType::GlSecp256r1)
    }

    /// Accepts `gl-ed25519`, too: Ed25519, over the digest that wallets sign.
    #[must_use]
    pub fn with_gl_ed25519(self) -> Self {
        self.with(KeyType::GlEd25519)
    }

    /// Accepts `gl-webauthn`, too, from passkeys used on this site; once more for another site.
    #[must_use]
    pub fn with_gl_webauthn(mut self, relying_party: RelyingParty) -> Self {
        self.relying_parties.push(relying_party);
        self.with(KeyType::GlWebauthn)
    }

    fn with(mut self, key_type: KeyType) -> Self {
        if !self.accepts(key_type) {
            self.info.key_types.push(key_type.to_string());
        }
        self
    }

    fn accepts(&self, key_type: KeyType) -> bool {
        let mut accepted = self.info.key_types.iter();
        accepted.any(|name| name == key_type.as_str())
    }

    /// `alephium`, for example in `alephium:mainnet`.
    pub fn namespace() -> Namespace {
        Namespace::new(NAMESPACE).expect("alephium is a CAIP-2 namespace")
    }

    /// A signature verifies under any key type of its curve, so what binds it to the account is that
    /// the key, under the key type of the address, has this very address.
    fn check(&self, address: &Address, message: &[u8], proof: &Proof) -> Result<(), Reason> {
        let address = AlephiumAddress::parse(address.as_str()).map_err(|_| Reason::Uncontrolled)?;
        let key_type = address
            .key_type()
            .filter(|key_type| self.accepts(*key_type))
            .ok_or(Reason::Uncontrolled)?;
        let named = proof.key_type.as_deref().unwrap_or(key_type.as_str());
        if named != key_type.as_str() {
            return Err(Reason::KeyType);
        }
        let sent = proof.public_key.as_deref().ok_or(Reason::PublicKey)?;
        let key = PublicKey::parse(key_type, sent)?;
        if AlephiumAddress::of(key) != address {
            return Err(Reason::Address);
        }
        signature::verify(&key, message, &proof.signature, &self.relying_parties)
    }
}

#[async_trait]
impl ChainVerifier for Alephium {
    fn info(&self) -> &ChainInfo {
        &self.info
    }

    /// A group suffix says where an output lives, not whose it is, so it is read and dropped.
    async fn parse_address(&self, text: &str) -> Result<Address, AddressError> {
        let address = AlephiumAddress::parse(text)?.to_string();
        Address::new(&address).map_err(|_| TOO_LONG)
    }

    async fn verify(
        &self,
        account: &ChainAddress,
        message: &[u8],
        proof: &Proof,
    ) -> Result<ProvenAccount, VerifyError> {
        self.check(&account.address, message, proof)
            .map_err(|reason| {
                tracing::debug!(%reason, "refused an Alephium signature");
                VerifyError::InvalidProof
            })?;
        Ok(ProvenAccount {
            account: account.clone(),
            control: Control::Key,
        })
    }
}

/// Base58 is of CAIP-10's alphabet, so only the length can be wrong: of three keys or more.
const TOO_LONG: AddressError =
    AddressError::malformed("an Alephium address of at most 128 characters");

#[cfg(test)]
mod tests;
