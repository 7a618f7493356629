//! A plugin's chain as a [`ChainVerifier`]. What no plugin may waive is here, whichever way it runs.

use std::{
    borrow::Cow,
    hash::{BuildHasher, Hasher, RandomState},
    sync::Arc,
};

use async_trait::async_trait;
use countersign_core::{
    ChainVerifier,
    chain::{Address, ChainAddress, ChainId, InvalidName},
    proof::Proof,
    verifier::{AddressError, ChainInfo, Control, ProvenAccount, VerifyError},
};
use countersign_plugin_abi::{MAX_MESSAGE_LEN, MAX_TEXT_LEN, status, verdict};

use crate::{
    call::{Backend, Breach, CallFault, Reply, Request, VerifyRequest},
    descriptor::ChainDescriptor,
    health::Health,
    loaded::printable,
};

const AN_ADDRESS: &str = "an address of this chain";

/// One chain of a plugin.
pub(crate) struct PluginChain {
    /// The plugin's name.
    pub plugin: Arc<str>,
    /// Place among the plugin's chains.
    pub index: u32,
    /// What the chain is, as far as it is accepted.
    pub info: ChainInfo,
    /// What the plugin says of it.
    pub descriptor: ChainDescriptor,
    /// Where calls go.
    pub backend: Arc<dyn Backend>,
    /// Whether it is still asked.
    pub health: Arc<Health>,
}

impl PluginChain {
    /// Asks, unless the plugin is quarantined, and notes what went wrong. `None`: there is no answer.
    async fn ask(&self, request: &Request<'_>) -> Option<Reply> {
        if !self.health.is_good() {
            return None;
        }
        let answered = match self.backend.call_at_once(request) {
            Some(answered) => answered,
            None => self.backend.call(request).await,
        };
        match answered {
            Ok(reply) => {
                if reply.status == status::PANIC {
                    self.health.note_panic(&self.plugin);
                }
                Some(reply)
            }
            Err(fault) => {
                self.health.note_fault(&self.plugin, fault);
                None
            }
        }
    }

    fn breach(&self, breach: Breach) {
        self.health
            .note_fault(&self.plugin, CallFault::Breach(breach));
    }

    fn canonical(&self, output: Vec<u8>) -> Result<Address, AddressError> {
        let text = String::from_utf8(output).ok();
        let text = text.filter(|text| text.len() <= self.descriptor.max_address_len as usize);
        let address = text.and_then(|text| Address::new(&text).ok());
        address.ok_or_else(|| {
            self.breach(Breach::Address);
            AddressError::Unavailable
        })
    }

    /// What a proof is asked with, unless a part of it is longer than the chain takes.
    fn question<'a>(
        &self,
        account: &'a ChainAddress,
        message: &'a [u8],
        proof: &'a Proof,
    ) -> Option<VerifyRequest<'a>> {
        let public_key = proof.public_key.as_deref().unwrap_or_default();
        let fits = message.len() <= MAX_MESSAGE_LEN as usize
            && proof.signature.len() <= self.descriptor.max_signature_len as usize
            && public_key.len() <= self.descriptor.max_public_key_len as usize;
        fits.then(|| VerifyRequest {
            chain_index: self.index,
            call_id: call_id(),
            reference: account.chain.reference().into(),
            address: account.address.as_str().into(),
            message: message.into(),
            signature: proof.signature.as_slice().into(),
            public_key: public_key.into(),
            key_type: proof.key_type.as_deref().unwrap_or_default().into(),
        })
    }

    /// Only one answer counts: good status, the echo, the verdict, and the very account.
    fn judge(&self, asked: &VerifyRequest<'_>, reply: &Reply) -> Result<(), VerifyError> {
        match reply.status {
            status::OK => {}
            status::INVALID_INPUT | status::CHECK_FAILED | status::UNSUPPORTED => {
                return Err(VerifyError::InvalidProof);
            }
            _ => return Err(VerifyError::Unavailable),
        }
        let breach = match (reply.call_id == asked.call_id, reply.verdict) {
            (false, _) => Breach::Echo,
            (true, verdict::INVALID) => return Err(VerifyError::InvalidProof),
            (true, verdict::VALID) if reply.output == asked.address.as_bytes() => return Ok(()),
            (true, verdict::VALID) => Breach::Signer,
            (true, _) => Breach::Verdict,
        };
        self.breach(breach);
        Err(VerifyError::Unavailable)
    }
}

impl PluginChain {
    /// `reference` is empty where only the namespace is known.
    async fn read_address(&self, reference: &str, text: &str) -> Result<Address, AddressError> {
        if text.len() > MAX_TEXT_LEN as usize {
            return Err(AddressError::malformed(AN_ADDRESS));
        }
        let request = Request::ParseAddress {
            chain_index: self.index,
            reference: reference.into(),
            text: text.into(),
        };
        let reply = self.ask(&request).await.ok_or(AddressError::Unavailable)?;
        let expected = words(&reply.error);
        match reply.status {
            status::OK => self.canonical(reply.output),
            status::INVALID_INPUT => Err(AddressError::Malformed { expected }),
            status::CHECK_FAILED => Err(AddressError::Invalid { expected }),
            _ => Err(AddressError::Unavailable),
        }
    }
}

#[async_trait]
impl ChainVerifier for PluginChain {
    fn info(&self) -> &ChainInfo {
        &self.info
    }

    fn is_available(&self) -> bool {
        self.health.is_good()
    }

    async fn parse_address(&self, text: &str) -> Result<Address, AddressError> {
        self.read_address("", text).await
    }

    async fn parse_account(&self, chain: &ChainId, text: &str) -> Result<Address, AddressError> {
        self.read_address(chain.reference(), text).await
    }

    fn parse_chain_id(&self, text: &str) -> Result<ChainId, InvalidName> {
        let ids = &self.descriptor.chain_ids;
        let spelled = ids.iter().find(|(_, spelling)| spelling == text);
        let is_reference = ids.iter().any(|(reference, _)| reference == text);
        match spelled {
            Some((reference, _)) => ChainId::new(self.info.namespace.clone(), reference),
            None if is_reference => Err(InvalidName {
                expected: "a chain id as messages of this chain write it",
            }),
            None => ChainId::new(self.info.namespace.clone(), text),
        }
    }

    fn format_chain_id(&self, chain: &ChainId) -> String {
        let mut ids = self.descriptor.chain_ids.iter();
        let spelled = ids.find(|(reference, _)| reference == chain.reference());
        spelled
            .map_or(chain.reference(), |(_, spelling)| spelling)
            .to_owned()
    }

    async fn verify(
        &self,
        account: &ChainAddress,
        message: &[u8],
        proof: &Proof,
    ) -> Result<ProvenAccount, VerifyError> {
        let asked = self.question(account, message, proof);
        let request = Request::Verify(asked.ok_or(VerifyError::InvalidProof)?);
        let reply = self.ask(&request).await.ok_or(VerifyError::Unavailable)?;
        let Request::Verify(asked) = &request else {
            return Err(VerifyError::Unavailable);
        };
        let judged = self.judge(asked, &reply);
        if judged.is_err() {
            let said = printable(&String::from_utf8_lossy(&reply.error));
            tracing::debug!(plugin = %self.plugin, status = reply.status, said, "plugin refuses a proof");
        }
        judged.map(|()| ProvenAccount {
            account: account.clone(),
            control: Control::Key,
        })
    }
}

/// What a plugin says would have been accepted, as far as it can be shown.
fn words(error: &[u8]) -> Cow<'static, str> {
    match std::str::from_utf8(error)
        .ok()
        .filter(|text| !text.is_empty())
    {
        Some(text) => printable(text).into(),
        None => AN_ADDRESS.into(),
    }
}

/// Unpredictable for a plugin: keys from the operating system, hashed.
fn call_id() -> u64 {
    RandomState::new().build_hasher().finish()
}
