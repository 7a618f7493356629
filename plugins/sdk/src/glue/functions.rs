//! The four functions of a plugin's table.

use std::{ffi::c_void, mem::offset_of};

use countersign_plugin_abi::{
    AddressReply, AddressRequest, Bytes, Host, MAX_ADDRESS_LEN, MAX_CONFIG_LEN, MAX_MESSAGE_LEN,
    MAX_TEXT_LEN, MIN_ADDRESS_REPLY_SIZE, MIN_ADDRESS_REQUEST_SIZE, MIN_VERIFY_REPLY_SIZE,
    MIN_VERIFY_REQUEST_SIZE, OutBuffer, VerifyReply, VerifyRequest, status, verdict,
};

use super::{
    call::{self, Failure, HostLog},
    wire,
};
use crate::{AddressError, Chain, ChainPlugin, Logger, Proof, Verdict};

/// Longest reference of a chain and longest name of a key type, in bytes.
const MAX_NAME_LEN: u32 = 32;
/// Size of a request that has a reference: of version 1.1 at least.
const END_OF_REFERENCE: u32 = (offset_of!(AddressRequest, reference) + size_of::<Bytes>()) as u32;

/// What the host knows as a pointer.
struct Instance<Plugin> {
    plugin: Plugin,
    host: HostLog,
}

/// [`abi::Create`](countersign_plugin_abi::Create).
///
/// # Safety
/// The pointers are null or as the ABI says.
pub(super) unsafe extern "C" fn create<Plugin: ChainPlugin>(
    host: *const Host,
    config: Bytes,
    instance: *mut *mut c_void,
    error: *mut OutBuffer,
) -> i32 {
    // SAFETY: by the ABI.
    let Some(host) = (unsafe { HostLog::read(host) }) else {
        return status::UNSUPPORTED;
    };
    if instance.is_null() {
        return status::UNSUPPORTED;
    }
    let create = || {
        // SAFETY: by the ABI, the host lends it for this call.
        let config = unsafe { wire::text(config, MAX_CONFIG_LEN, "the configuration") }?;
        let plugin = Plugin::create(config, Logger::new())?;
        let created = Box::into_raw(Box::new(Instance { plugin, host }));
        // SAFETY: it is not null; by the ABI it can be written.
        unsafe { instance.write(created.cast()) };
        Ok(())
    };
    // SAFETY: by the ABI, `error` is of this call.
    unsafe { call::run(host, error, create) }
}

/// [`abi::Destroy`](countersign_plugin_abi::Destroy).
///
/// # Safety
/// `instance` is null or was made by [`create`], and is not used again.
pub(super) unsafe extern "C" fn destroy<Plugin: ChainPlugin>(instance: *mut c_void) {
    let instance = instance.cast::<Instance<Plugin>>();
    if instance.is_null() {
        return;
    }
    // SAFETY: by the ABI it is ours, and nobody else's any more.
    let instance = unsafe { Box::from_raw(instance) };
    let Instance { plugin, host } = *instance;
    let destroy = || {
        drop(plugin);
        Ok(())
    };
    // SAFETY: null. A panic is in the log, and there is nobody to tell.
    unsafe { call::run(host, std::ptr::null_mut(), destroy) };
}

/// [`abi::ParseAddress`](countersign_plugin_abi::ParseAddress).
///
/// # Safety
/// The pointers are null or as the ABI says.
pub(super) unsafe extern "C" fn parse_address<Plugin: ChainPlugin>(
    instance: *mut c_void,
    request: *const AddressRequest,
    reply: *mut AddressReply,
) -> i32 {
    // SAFETY: by the ABI, both begin with their size.
    let fits = unsafe {
        wire::holds(request, MIN_ADDRESS_REQUEST_SIZE) && wire::holds(reply, MIN_ADDRESS_REPLY_SIZE)
    };
    // SAFETY: by the ABI, it is null or made by `create`, and calls share it.
    let instance = unsafe { instance.cast::<Instance<Plugin>>().as_ref() };
    let Some(instance) = instance.filter(|_| fits) else {
        return status::UNSUPPORTED;
    };
    // SAFETY: by the ABI, it begins with its size.
    let has_reference = unsafe { wire::holds(request, END_OF_REFERENCE) };
    // SAFETY: the fields are of version 1.0, whose size both have, and the one of 1.1 is read if it is there.
    let (index, text, reference, canonical, error) = unsafe {
        (
            (*request).chain_index,
            (*request).text,
            has_reference.then(|| (*request).reference),
            &raw mut (*reply).canonical,
            &raw mut (*reply).error,
        )
    };
    let parse = || {
        let chain = chain::<Plugin>(index)?;
        // SAFETY: by the ABI, the host lends it for this call.
        let text = unsafe { wire::text(text, MAX_TEXT_LEN, "text") };
        let text =
            text.map_err(|failure| Failure::new(failure.status, "UTF-8 of at most 1,024 bytes"))?;
        // SAFETY: as of the text.
        let reference = unsafe { read_reference(chain, reference) }?;
        let address = match reference {
            Some(reference) => instance.plugin.parse_account(chain, reference, text)?,
            None => instance.plugin.parse_address(chain, text)?,
        };
        check_address(chain, &address)?;
        // SAFETY: by the ABI, it is a buffer of this call.
        unsafe { wire::put(canonical, &address) }
    };
    // SAFETY: by the ABI, `error` is of this call.
    unsafe { call::run(instance.host, error, parse) }
}

/// Reads the reference that an address is asked about with, if there is one.
///
/// # Safety
/// The host lends it for all of `'call`.
unsafe fn read_reference<'call>(
    chain: &Chain,
    reference: Option<Bytes>,
) -> Result<Option<&'call str>, Failure> {
    let Some(reference) = reference.filter(|reference| reference.len > 0) else {
        return Ok(None);
    };
    // SAFETY: by the caller's word.
    let reference = unsafe { wire::text(reference, MAX_NAME_LEN, "chain id") }?;
    check_reference(chain, reference)?;
    Ok(Some(reference))
}

/// [`abi::Verify`](countersign_plugin_abi::Verify).
///
/// # Safety
/// The pointers are null or as the ABI says.
pub(super) unsafe extern "C" fn verify<Plugin: ChainPlugin>(
    instance: *mut c_void,
    request: *const VerifyRequest,
    reply: *mut VerifyReply,
) -> i32 {
    // SAFETY: by the ABI, both begin with their size.
    let fits = unsafe {
        wire::holds(request, MIN_VERIFY_REQUEST_SIZE) && wire::holds(reply, MIN_VERIFY_REPLY_SIZE)
    };
    // SAFETY: by the ABI, it is null or made by `create`, and calls share it.
    let instance = unsafe { instance.cast::<Instance<Plugin>>().as_ref() };
    let Some(instance) = instance.filter(|_| fits) else {
        return status::UNSUPPORTED;
    };
    // SAFETY: the fields are of version 1.0, whose size both have.
    let error = unsafe {
        (*reply).call_id = (*request).call_id;
        &raw mut (*reply).error
    };
    let verify = || {
        // SAFETY: by the ABI, the host lends the request's bytes for this call.
        let proof = unsafe { read_proof::<Plugin>(request) }?;
        let verdict = instance.plugin.verify(&proof)?;
        // SAFETY: by the ABI, the reply's buffers are of this call.
        unsafe { write_verdict(reply, verdict, proof.chain) }
    };
    // SAFETY: by the ABI, `error` is of this call.
    unsafe { call::run(instance.host, error, verify) }
}

/// Reads a proof and holds it against what the chain's description says.
///
/// # Safety
/// `request` has the size of version 1.0 at least, and its call runs for all of `'call`.
unsafe fn read_proof<'call, Plugin: ChainPlugin>(
    request: *const VerifyRequest,
) -> Result<Proof<'call>, Failure> {
    // SAFETY: the field is of version 1.0.
    let chain = chain::<Plugin>(unsafe { (*request).chain_index })?;
    // SAFETY: the fields are of version 1.0, and the host lends what they point to for this call.
    let proof = unsafe {
        let public_key = (*request).public_key;
        let public_key = wire::bytes(public_key, chain.max_public_key_len, "public key")?;
        let key_type = wire::text((*request).key_type, MAX_NAME_LEN, "key type")?;
        Proof {
            chain,
            reference: wire::text((*request).reference, MAX_NAME_LEN, "chain id")?,
            address: wire::text((*request).address, MAX_ADDRESS_LEN, "address")?,
            message: wire::bytes((*request).message, MAX_MESSAGE_LEN, "message")?,
            signature: wire::bytes((*request).signature, chain.max_signature_len, "signature")?,
            public_key: Some(public_key).filter(|key| !key.is_empty()),
            key_type: Some(key_type).filter(|name| !name.is_empty()),
        }
    };
    check_reference(chain, proof.reference)?;
    if proof
        .key_type
        .is_some_and(|name| !chain.key_types.contains(&name))
    {
        return Err(Failure::new(
            status::UNSUPPORTED,
            "a key type that is not listed",
        ));
    }
    if chain.needs_public_key && proof.public_key.is_none() {
        return Err(Failure::new(status::INVALID_INPUT, "no public key"));
    }
    Ok(proof)
}

/// Writes the verdict, after the signer.
///
/// # Safety
/// `reply` has the size of version 1.0 at least.
unsafe fn write_verdict(
    reply: *mut VerifyReply,
    verdict: Verdict,
    chain: &Chain,
) -> Result<(), Failure> {
    let verdict = match verdict {
        Verdict::Valid { signer } => {
            check_address(chain, &signer)?;
            // SAFETY: the field is of version 1.0, and a buffer of the host's.
            unsafe { wire::put(&raw mut (*reply).signer, &signer) }?;
            verdict::VALID
        }
        Verdict::Invalid { reason } => {
            // SAFETY: the field is of version 1.0, and a buffer of the host's.
            unsafe { wire::put_cut(&raw mut (*reply).error, &reason) };
            verdict::INVALID
        }
    };
    // SAFETY: the field is of version 1.0.
    unsafe { (*reply).verdict = verdict };
    Ok(())
}

/// The chain that a request counts to.
fn chain<Plugin: ChainPlugin>(index: u32) -> Result<&'static Chain, Failure> {
    let index = usize::try_from(index).ok();
    let chain = index.and_then(|index| Plugin::CHAINS.get(index));
    chain.ok_or_else(|| Failure::new(status::UNSUPPORTED, "no such chain"))
}

fn check_reference(chain: &Chain, reference: &str) -> Result<(), Failure> {
    let is_listed = |id: &crate::ChainId| id.reference == reference;
    if chain.any_reference || chain.chain_ids.iter().any(is_listed) {
        return Ok(());
    }
    let text = "a chain that is not listed";
    Err(Failure::new(status::UNSUPPORTED, text))
}

/// What the description promised of addresses.
fn check_address(chain: &Chain, address: &str) -> Result<(), Failure> {
    if (1..=chain.max_address_len as usize).contains(&address.len()) {
        return Ok(());
    }
    let text = "the plugin wrote an address that is empty or longer than max_address_len";
    Err(Failure::new(status::INTERNAL, text))
}

impl From<AddressError> for Failure {
    fn from(error: AddressError) -> Self {
        let status = match error {
            AddressError::Malformed { .. } => status::INVALID_INPUT,
            AddressError::CheckFailed { .. } => status::CHECK_FAILED,
        };
        Self::new(status, error.expected())
    }
}
