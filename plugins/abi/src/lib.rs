//! The C ABI between Countersign and a chain plugin: the same types as `include/countersign_plugin.h`, which holds
//! the contract in words (threads, ownership, errors).
//!
//! A plugin exports one data symbol, [`SYMBOL`], of type [`Plugin`]. Nothing else crosses but the calls in its table:
//! no allocator, no `bool`, no `enum`, no text that is trusted to be UTF-8. Every table begins with its own size, so
//! that fields can be appended. The one that serves whoever writes a plugin in Rust is `countersign-plugin`.
//!
//! Sizes are those of 64-bit targets; others do not compile.

#![no_std]

use core::{
    ffi::c_void,
    mem::{align_of, size_of},
};

/// The exported symbol. Its number is the major version: a plugin may export more than one.
pub const SYMBOL: &str = "countersign_chain_plugin_v1";

/// First eight bytes of the descriptor: `CSCHNPL1`.
pub const MAGIC: u64 = u64::from_le_bytes(*b"CSCHNPL1");

/// Major version: what is not compatible has another number and another symbol.
pub const ABI_MAJOR: u16 = 1;

/// Minor version: it grows when fields are appended.
pub const ABI_MINOR: u16 = 1;

/// Smallest [`Plugin::struct_size`]: that of version 1.0, for ever.
pub const MIN_DESCRIPTOR_SIZE: u32 = 128;

/// Largest [`Plugin::struct_size`] and [`Chain::struct_size`].
pub const MAX_DESCRIPTOR_SIZE: u32 = 4096;

/// Smallest [`Chain::struct_size`]: that of version 1.0, for ever.
pub const MIN_CHAIN_SIZE: u32 = 104;

/// Smallest [`Host::struct_size`]: that of version 1.0, for ever.
pub const MIN_HOST_SIZE: u32 = 24;

/// Smallest [`AddressRequest::struct_size`]: that of version 1.0, for ever.
pub const MIN_ADDRESS_REQUEST_SIZE: u32 = 24;

/// Smallest [`AddressReply::struct_size`]: that of version 1.0, for ever.
pub const MIN_ADDRESS_REPLY_SIZE: u32 = 56;

/// Smallest [`VerifyRequest::struct_size`]: that of version 1.0, for ever.
pub const MIN_VERIFY_REQUEST_SIZE: u32 = 128;

/// Smallest [`VerifyReply::struct_size`]: that of version 1.0, for ever.
pub const MIN_VERIFY_REPLY_SIZE: u32 = 88;

/// Largest configuration that [`Create`] is given, in bytes.
pub const MAX_CONFIG_LEN: u32 = 64 * 1024;

/// Largest text that [`ParseAddress`] is asked about, in bytes.
pub const MAX_TEXT_LEN: u32 = 1024;

/// Largest canonical address, in bytes (CAIP-10).
pub const MAX_ADDRESS_LEN: u32 = 128;

/// Largest signature that a chain may ask for, in bytes.
pub const MAX_SIGNATURE_LEN: u32 = 16 * 1024;

/// Largest public key that a chain may ask for, in bytes.
pub const MAX_PUBLIC_KEY_LEN: u32 = 4 * 1024;

/// Largest message, in bytes.
pub const MAX_MESSAGE_LEN: u32 = 16 * 1024;

/// Room for an error text, in bytes.
pub const MAX_ERROR_LEN: u32 = 256;

/// Largest log line, in bytes; what is longer is cut.
pub const MAX_LOG_LEN: u32 = 4 * 1024;

/// Most chains in a descriptor.
pub const MAX_CHAINS: usize = 16;

/// Most chain ids, key types or self-tests of a chain.
pub const MAX_LIST_LEN: usize = 64;

/// What a call returns. Whatever is not listed counts as [`status::INTERNAL`].
pub mod status {
    /// The reply holds the answer.
    pub const OK: i32 = 0;
    /// The input does not have the form that the chain asks for.
    pub const INVALID_INPUT: i32 = 1;
    /// The plugin does not do this, for example with a key type or a chain it does not list. Also its answer to a
    /// request or reply that is null or smaller than in version 1.0.
    pub const UNSUPPORTED: i32 = 2;
    /// A buffer of the host's is too small. The host does not ask again.
    pub const BUFFER_TOO_SMALL: i32 = 3;
    /// A fault of the plugin's own.
    pub const INTERNAL: i32 = 4;
    /// A panic that the plugin contained.
    pub const PANIC: i32 = 5;
    /// The input has the form and fails its own check, for example a checksum.
    pub const CHECK_FAILED: i32 = 6;
}

/// What a proof shows; it counts only beside [`status::OK`]. The host fills in 0, which is neither.
pub mod verdict {
    /// The proof is a signature of exactly this message by the account.
    pub const VALID: u32 = 0x5641_4C44;
    /// It is not. The complement of [`VALID`], so that no single fault makes one from the other.
    pub const INVALID: u32 = !VALID;
}

/// Levels of [`Host::log`].
pub mod level {
    /// Something failed.
    pub const ERROR: u32 = 1;
    /// Something is odd.
    pub const WARN: u32 = 2;
    /// Worth knowing.
    pub const INFO: u32 = 3;
    /// For whoever looks for a fault.
    pub const DEBUG: u32 = 4;
}

/// Bits of [`Chain::flags`]. A host refuses a chain with a bit among the low 32 that it does not know, and
/// passes over those among the high 32.
pub mod chain_flags {
    /// Whoever holds the key of an address holds it on all chains of the namespace, so that a wallet is the same on
    /// all of them. The operator has to agree.
    pub const ADDRESS_IS_KEY: u64 = 1 << 0;
    /// A proof must carry a public key.
    pub const NEEDS_PUBLIC_KEY: u64 = 1 << 1;
    /// Besides the listed chain ids, the operator may grant others of the namespace.
    pub const ANY_REFERENCE: u64 = 1 << 2;
    /// All that must be understood.
    pub const KNOWN: u64 = ADDRESS_IS_KEY | NEEDS_PUBLIC_KEY | ANY_REFERENCE;
    /// The bits that must be understood.
    pub const MUST_UNDERSTAND: u64 = 0xFFFF_FFFF;
}

/// Borrowed bytes: those of a request for the length of the call, those of a descriptor for ever. Not
/// NUL-terminated. With `len` 0, `ptr` may be null.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Bytes {
    /// The first byte.
    pub ptr: *const u8,
    /// How many.
    pub len: usize,
}

impl Bytes {
    /// No bytes.
    pub const EMPTY: Self = Self {
        ptr: core::ptr::null(),
        len: 0,
    };

    /// Borrows static bytes, as a descriptor does.
    pub const fn new(bytes: &'static [u8]) -> Self {
        Self {
            ptr: bytes.as_ptr(),
            len: bytes.len(),
        }
    }
}

/// The host's buffer for an answer. The plugin writes at most `cap` bytes and sets `len`; if the answer does not
/// fit it sets `len` to what it would take and returns [`status::BUFFER_TOO_SMALL`]. It changes nothing else.
#[repr(C)]
#[derive(Debug)]
pub struct OutBuffer {
    /// Where to write.
    pub ptr: *mut u8,
    /// Room, in bytes.
    pub cap: usize,
    /// Bytes written, or needed. The host fills in 0.
    pub len: usize,
}

/// What the host offers a plugin. It stays where it is until [`Destroy`] has returned, or [`Create`] has failed.
#[repr(C)]
#[derive(Debug)]
pub struct Host {
    /// Size of this struct, in bytes.
    pub struct_size: u32,
    /// Minor version of the host.
    pub abi_minor: u16,
    /// 0.
    pub reserved: u16,
    /// To be handed to `log`.
    pub ctx: *mut c_void,
    /// Writes a line (UTF-8) into the server's log, at a [`level`]. To be called only during a call, from the thread
    /// of that call.
    pub log: Option<unsafe extern "C" fn(ctx: *mut c_void, level: u32, line: Bytes)>,
}

/// Creates the plugin's instance. `config` is the JSON object of the operator's stanza, `{}` if there is none; it is
/// UTF-8, at most [`MAX_CONFIG_LEN`] bytes. What is written to `instance` with [`status::OK`], null or not, is what the other functions are given.
pub type Create = unsafe extern "C" fn(
    host: *const Host,
    config: Bytes,
    instance: *mut *mut c_void,
    error: *mut OutBuffer,
) -> i32;

/// Destroys an instance. No call runs, and none comes after.
pub type Destroy = unsafe extern "C" fn(instance: *mut c_void);

/// Reads an address into its one canonical form, which is read as itself.
pub type ParseAddress = unsafe extern "C" fn(
    instance: *mut c_void,
    request: *const AddressRequest,
    reply: *mut AddressReply,
) -> i32;

/// Checks a proof.
pub type Verify = unsafe extern "C" fn(
    instance: *mut c_void,
    request: *const VerifyRequest,
    reply: *mut VerifyReply,
) -> i32;

/// The descriptor of a plugin. Magic, size and version are frozen; a host reads them first, field by field.
#[repr(C)]
#[derive(Debug)]
pub struct Plugin {
    /// [`MAGIC`].
    pub magic: u64,
    /// Size of this struct as the plugin was compiled, in bytes.
    pub struct_size: u32,
    /// [`ABI_MAJOR`].
    pub abi_major: u16,
    /// [`ABI_MINOR`] as the plugin was compiled.
    pub abi_minor: u16,
    /// None yet. Low 32 bits: to be understood or refused; high 32: may be passed over.
    pub flags: u64,
    /// Name of the plugin, `[a-z0-9-]{3,32}`.
    pub name: Bytes,
    /// Its version, 1 to 32 printable ASCII characters.
    pub version: Bytes,
    /// What it was built with, for people; up to 128 printable ASCII characters.
    pub build_info: Bytes,
    /// Its chains, at least one; `chain_index` of a request counts here.
    pub chains: *const *const Chain,
    /// How many.
    pub chains_len: usize,
    /// See [`Create`]; never null.
    pub create: Option<Create>,
    /// See [`Destroy`]; never null.
    pub destroy: Option<Destroy>,
    /// See [`ParseAddress`]; never null.
    pub parse_address: Option<ParseAddress>,
    /// See [`Verify`]; never null.
    pub verify: Option<Verify>,
    /// 0; room for a function that a later version appends.
    pub reserved: usize,
}

/// A chain of a plugin: a namespace and what its proofs are made of.
#[repr(C)]
#[derive(Debug)]
pub struct Chain {
    /// Size of this struct as the plugin was compiled, in bytes.
    pub struct_size: u32,
    /// Longest canonical address, in bytes; at most [`MAX_ADDRESS_LEN`].
    pub max_address_len: u32,
    /// See [`chain_flags`].
    pub flags: u64,
    /// Namespace (CAIP-2), `[-a-z0-9]{3,8}`, for example `solana`.
    pub namespace: Bytes,
    /// The name in a message's first line: `Solana` in `… with your Solana account:`. 1 to 32 letters, digits, blanks and
    /// hyphens, the first and the last a letter or digit.
    pub display_name: Bytes,
    /// The chains it serves, at least one unless [`chain_flags::ANY_REFERENCE`].
    pub chain_ids: *const ChainId,
    /// How many.
    pub chain_ids_len: usize,
    /// Names of the key types it accepts, each `[-_.a-zA-Z0-9]{1,32}`; none where there is but one.
    pub key_types: *const Bytes,
    /// How many.
    pub key_types_len: usize,
    /// Proofs that are valid, at least one. The host checks them, and that they fail once changed, before it
    /// serves the chain.
    pub self_tests: *const SelfTest,
    /// How many.
    pub self_tests_len: usize,
    /// Longest signature, in bytes; at most [`MAX_SIGNATURE_LEN`]. A longer one is refused without a call.
    pub max_signature_len: u32,
    /// Longest public key, in bytes; at most [`MAX_PUBLIC_KEY_LEN`]; 0 where none is taken.
    pub max_public_key_len: u32,
}

/// One chain of a namespace. Frozen: nothing is ever appended.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct ChainId {
    /// Reference (CAIP-2), `[-_a-zA-Z0-9]{1,32}`, for example `5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp`.
    pub reference: Bytes,
    /// How the `Chain ID` line of a message writes it, `[-_a-zA-Z0-9]{1,78}`, for example `mainnet`; empty: as the
    /// reference. No two chain ids of a namespace are written alike.
    pub text: Bytes,
}

/// A proof that is valid. Frozen: nothing is ever appended.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct SelfTest {
    /// Reference of the chain.
    pub reference: Bytes,
    /// Canonical address of the signer.
    pub address: Bytes,
    /// The bytes signed.
    pub message: Bytes,
    /// The signature.
    pub signature: Bytes,
    /// The public key, if the proof carries one.
    pub public_key: Bytes,
    /// The key type, if the proof names one.
    pub key_type: Bytes,
}

/// What [`ParseAddress`] is asked.
#[repr(C)]
#[derive(Debug)]
pub struct AddressRequest {
    /// Size of this struct, in bytes. A plugin reads no field beyond it.
    pub struct_size: u32,
    /// Which of the plugin's chains.
    pub chain_index: u32,
    /// The text, UTF-8 and at most [`MAX_TEXT_LEN`] bytes; anything may be in it.
    pub text: Bytes,
    /// Since 1.1: reference of the chain that the account is said to be on; empty where only the namespace is known.
    pub reference: Bytes,
}

/// What [`ParseAddress`] answers.
#[repr(C)]
#[derive(Debug)]
pub struct AddressReply {
    /// Size of this struct, in bytes. A plugin writes no field beyond it.
    pub struct_size: u32,
    /// 0.
    pub flags: u32,
    /// The canonical address, with [`status::OK`].
    pub canonical: OutBuffer,
    /// With [`status::INVALID_INPUT`] and [`status::CHECK_FAILED`]: what would have been accepted, in words that follow
    /// "expected". With others: what is wrong, for the server's log.
    pub error: OutBuffer,
}

/// What [`Verify`] is asked.
#[repr(C)]
#[derive(Debug)]
pub struct VerifyRequest {
    /// Size of this struct, in bytes. A plugin reads no field beyond it.
    pub struct_size: u32,
    /// Which of the plugin's chains.
    pub chain_index: u32,
    /// To be copied into the reply.
    pub call_id: u64,
    /// Reference of the chain.
    pub reference: Bytes,
    /// The account's address, canonical.
    pub address: Bytes,
    /// The bytes that the wallet was given to sign.
    pub message: Bytes,
    /// The signature, at most [`Chain::max_signature_len`] bytes.
    pub signature: Bytes,
    /// The public key; empty: none.
    pub public_key: Bytes,
    /// The key type, one of [`Chain::key_types`]; empty: none named.
    pub key_type: Bytes,
    /// Null. Room for what a host looked up for a plugin.
    pub evidence: *const c_void,
    /// 0.
    pub evidence_len: usize,
}

/// What [`Verify`] answers.
#[repr(C)]
#[derive(Debug)]
pub struct VerifyReply {
    /// Size of this struct, in bytes. A plugin writes no field beyond it.
    pub struct_size: u32,
    /// See [`verdict`].
    pub verdict: u32,
    /// The request's.
    pub call_id: u64,
    /// With [`verdict::VALID`]: the canonical address of who signed. The host compares it with the account's.
    pub signer: OutBuffer,
    /// Why the proof is not valid, or what is wrong, for the server's log.
    pub error: OutBuffer,
    /// Without room. What a plugin would have a host look up, in a later version.
    pub evidence_request: OutBuffer,
}

// SAFETY: a descriptor is read only, and what it points to is static.
unsafe impl Sync for Plugin {}
// SAFETY: as for `Plugin`.
unsafe impl Sync for Chain {}
// SAFETY: as for `Plugin`.
unsafe impl Sync for ChainId {}
// SAFETY: as for `Plugin`.
unsafe impl Sync for SelfTest {}
// SAFETY: whoever reads the bytes has to know that they are still there, on any thread.
unsafe impl Sync for Bytes {}

const _: () = {
    assert!(size_of::<usize>() == 8);
    assert!(size_of::<Bytes>() == 16 && align_of::<Bytes>() == 8);
    assert!(size_of::<OutBuffer>() == 24);
    assert!(size_of::<Host>() == MIN_HOST_SIZE as usize);
    assert!(size_of::<Plugin>() == MIN_DESCRIPTOR_SIZE as usize);
    assert!(size_of::<Chain>() == MIN_CHAIN_SIZE as usize);
    assert!(size_of::<ChainId>() == 32);
    assert!(size_of::<SelfTest>() == 96);
    assert!(size_of::<AddressRequest>() == MIN_ADDRESS_REQUEST_SIZE as usize + size_of::<Bytes>());
    assert!(size_of::<AddressReply>() == MIN_ADDRESS_REPLY_SIZE as usize);
    assert!(size_of::<VerifyRequest>() == MIN_VERIFY_REQUEST_SIZE as usize);
    assert!(size_of::<VerifyReply>() == MIN_VERIFY_REPLY_SIZE as usize);
};
