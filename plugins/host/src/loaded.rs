//! A library in this process: opened, its descriptor read, its functions called. All that is unsafe about plugins
//! is in this file.
//!
//! A library is never unloaded: what it left in threads, handlers and thread-local storage could not be taken back.

use std::{
    ffi::{c_int, c_void},
    mem::{forget, size_of},
    os::fd::{AsRawFd, IntoRawFd, OwnedFd},
    ptr::{null, null_mut},
    slice,
    sync::Arc,
};

use countersign_plugin_abi as abi;
use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};

use crate::{
    call::{Breach, Reply, Request, VerifyRequest},
    descriptor::{ChainDescriptor, Descriptor, SelfTest},
    refusal::Refusal,
};

/// Finds a library that is loaded, and loads none (dlopen(3)).
const RTLD_NOLOAD: c_int = 4;
/// Stands behind every buffer, so that a write beyond its end is seen.
const CANARY: [u8; 16] = *b"\xc5not yours\0\xa5\x5a\xc3\x3c\x0f";
/// Longest list, name or proof that is read from a descriptor, whatever length it claims.
const MAX_FIELD_LEN: usize = 64 * 1024;

/// Where a plugin's log lines go: level and bytes.
pub(crate) type LogSink = Arc<dyn Fn(u32, &[u8]) + Send + Sync>;

/// A library that is open and has been read.
pub(crate) struct Loaded {
    descriptor: Descriptor,
    functions: Functions,
}

#[derive(Clone, Copy)]
struct Functions {
    create: abi::Create,
    destroy: abi::Destroy,
    parse_address: abi::ParseAddress,
    verify: abi::Verify,
}

impl Loaded {
    /// Opens a sealed copy, which runs its constructors, and reads its descriptor.
    ///
    /// # Errors
    /// [`Refusal`], codes CS-P011 and CS-P021 to CS-P035.
    pub(crate) fn open(copy: OwnedFd) -> Result<Self, Refusal> {
        // The loader knows libraries by name, so the number must stay taken for as long as it knows this one.
        let path = format!("/proc/self/fd/{}", copy.as_raw_fd());
        // SAFETY: with this flag nothing is loaded and no code runs.
        let known = unsafe { Library::open(Some(&path), RTLD_NOW | RTLD_NOLOAD) };
        if let Ok(known) = known {
            forget(known);
            return Err(Refusal::Aliased);
        }
        // SAFETY: this runs code of the plugin, which the operator has pinned by its hash.
        let library = unsafe { Library::open(Some(&path), RTLD_NOW | RTLD_LOCAL) };
        let library = library.map_err(|error| Refusal::Open(error.to_string()))?;
        let _kept_open = copy.into_raw_fd();
        // SAFETY: only the symbol's address is taken.
        let symbol = unsafe { library.get::<*const abi::Plugin>(abi::SYMBOL) };
        let plugin = symbol.map(|symbol| *symbol);
        forget(library);
        let plugin = plugin.map_err(|_| Refusal::NoSymbol)?;
        // SAFETY: the symbol is data of at least the smallest size, as the static check has seen, and stays.
        let (descriptor, functions) = unsafe { read_plugin(plugin) }?;
        descriptor.check()?;
        Ok(Self {
            descriptor,
            functions,
        })
    }

    /// What the plugin says about itself.
    pub(crate) fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// Creates an instance. `config` is a JSON object.
    ///
    /// # Errors
    /// [`Refusal::Create`].
    pub(crate) fn create(&self, config: &str, log: LogSink) -> Result<Instance, Refusal> {
        let host = Box::new(HostSide::new(log));
        let mut error = Buffer::new(abi::MAX_ERROR_LEN);
        let mut instance = null_mut();
        let mut out = error.out();
        // SAFETY: the pointers live through the call, and the host's side until the instance is destroyed.
        let status = unsafe {
            (self.functions.create)(
                host.table(),
                bytes(config.as_bytes()),
                &mut instance,
                &mut out,
            )
        };
        let text = error
            .take(&out)
            .map_err(|breach| Refusal::Create(breach.to_string()))?;
        if status != abi::status::OK {
            let text = String::from_utf8_lossy(&text).into_owned();
            return Err(Refusal::Create(format!(
                "{} (status {status})",
                printable(&text)
            )));
        }
        Ok(Instance {
            functions: self.functions,
            instance,
            _host: host,
        })
    }
}

/// A running plugin.
pub(crate) struct Instance {
    functions: Functions,
    instance: *mut c_void,
    _host: Box<HostSide>,
}

// SAFETY: the ABI says that a plugin's calls may come from any thread, and at the same time.
unsafe impl Send for Instance {}
// SAFETY: as above.
unsafe impl Sync for Instance {}

impl Drop for Instance {
    fn drop(&mut self) {
        // SAFETY: it was created once, and nothing holds it any more.
        unsafe { (self.functions.destroy)(self.instance) };
    }
}

impl Instance {
    /// Asks the plugin, on this thread.
    ///
    /// # Errors
    /// [`Breach`] when it wrote where it may not.
    pub(crate) fn invoke(&self, request: &Request) -> Result<Reply, Breach> {
        match request {
            Request::ParseAddress { chain_index, text } => self.parse_address(*chain_index, text),
            Request::Verify(request) => self.verify(request),
        }
    }

    fn parse_address(&self, chain_index: u32, text: &str) -> Result<Reply, Breach> {
        let mut canonical = Buffer::new(abi::MAX_ADDRESS_LEN);
        let mut error = Buffer::new(abi::MAX_ERROR_LEN);
        let request = abi::AddressRequest {
            struct_size: size::<abi::AddressRequest>(),
            chain_index,
            text: bytes(text.as_bytes()),
        };
        let mut reply = abi::AddressReply {
            struct_size: size::<abi::AddressReply>(),
            flags: 0,
            canonical: canonical.out(),
            error: error.out(),
        };
        // SAFETY: request and reply live through the call, and all they point to.
        let status = unsafe { (self.functions.parse_address)(self.instance, &request, &mut reply) };
        Ok(Reply {
            status,
            verdict: 0,
            call_id: 0,
            output: canonical.take_if(status, &reply.canonical)?,
            error: error.take(&reply.error)?,
        })
    }

    fn verify(&self, request: &VerifyRequest) -> Result<Reply, Breach> {
        let mut signer = Buffer::new(abi::MAX_ADDRESS_LEN);
        let mut error = Buffer::new(abi::MAX_ERROR_LEN);
        let mut evidence = Buffer::new(0);
        let asked = abi::VerifyRequest {
            struct_size: size::<abi::VerifyRequest>(),
            chain_index: request.chain_index,
            call_id: request.call_id,
            reference: bytes(request.reference.as_bytes()),
            address: bytes(request.address.as_bytes()),
            message: bytes(&request.message),
            signature: bytes(&request.signature),
            public_key: bytes(&request.public_key),
            key_type: bytes(request.key_type.as_bytes()),
            evidence: null(),
            evidence_len: 0,
        };
        let mut reply = abi::VerifyReply {
            struct_size: size::<abi::VerifyReply>(),
            verdict: 0,
            call_id: 0,
            signer: signer.out(),
            error: error.out(),
            evidence_request: evidence.out(),
        };
        // SAFETY: request and reply live through the call, and all they point to.
        let status = unsafe { (self.functions.verify)(self.instance, &asked, &mut reply) };
        evidence.check(&reply.evidence_request)?;
        Ok(Reply {
            status,
            verdict: reply.verdict,
            call_id: reply.call_id,
            output: signer.take_if(status, &reply.signer)?,
            error: error.take(&reply.error)?,
        })
    }
}

/// What is offered to one instance; it stays where it is until that is gone.
struct HostSide {
    table: abi::Host,
    _log: Box<LogSink>,
}

impl HostSide {
    fn new(log: LogSink) -> Self {
        let log = Box::new(log);
        let ctx: *const LogSink = &*log;
        Self {
            table: abi::Host {
                struct_size: size::<abi::Host>(),
                abi_minor: abi::ABI_MINOR,
                reserved: 0,
                ctx: ctx.cast_mut().cast(),
                log: Some(log_line),
            },
            _log: log,
        }
    }

    fn table(&self) -> *const abi::Host {
        &self.table
    }
}

unsafe extern "C" fn log_line(ctx: *mut c_void, level: u32, line: abi::Bytes) {
    if ctx.is_null() || line.ptr.is_null() {
        return;
    }
    let len = line.len.min(abi::MAX_LOG_LEN as usize);
    // SAFETY: the pointer is the sink that was handed over, and the bytes are the caller's for this call.
    let (sink, line) = unsafe {
        (
            &*ctx.cast::<LogSink>(),
            slice::from_raw_parts(line.ptr, len),
        )
    };
    sink(level, line);
}

/// Room for an answer, with a canary behind it.
struct Buffer {
    bytes: Vec<u8>,
    room: usize,
}

impl Buffer {
    fn new(room: u32) -> Self {
        let room = room as usize;
        let mut bytes = vec![0; room + CANARY.len()];
        bytes[room..].copy_from_slice(&CANARY);
        Self { bytes, room }
    }

    fn out(&mut self) -> abi::OutBuffer {
        abi::OutBuffer {
            ptr: self.bytes.as_mut_ptr(),
            cap: self.room,
            len: 0,
        }
    }

    /// Pointer and room are what they were, and nothing behind the room was written.
    fn check(&self, out: &abi::OutBuffer) -> Result<(), Breach> {
        let is_same = std::ptr::eq(out.ptr, self.bytes.as_ptr()) && out.cap == self.room;
        if is_same && self.bytes[self.room..] == CANARY {
            return Ok(());
        }
        Err(Breach::Buffer)
    }

    /// What was written.
    fn take(&mut self, out: &abi::OutBuffer) -> Result<Vec<u8>, Breach> {
        self.check(out)?;
        if out.len > self.room {
            return Err(Breach::Length);
        }
        self.bytes.truncate(out.len);
        Ok(std::mem::take(&mut self.bytes))
    }

    /// What was written, if the call went well. Otherwise the length may be what the answer would have taken.
    fn take_if(&mut self, status: i32, out: &abi::OutBuffer) -> Result<Vec<u8>, Breach> {
        match status {
            abi::status::OK => self.take(out),
            _ => self.check(out).map(|()| vec![]),
        }
    }
}

fn size<T>() -> u32 {
    u32::try_from(size_of::<T>()).expect("structs of the ABI are small")
}

fn bytes(of: &[u8]) -> abi::Bytes {
    abi::Bytes {
        ptr: of.as_ptr(),
        len: of.len(),
    }
}

/// Without what could forge a line of the log.
pub(crate) fn printable(text: &str) -> String {
    let shown = text.chars().take(abi::MAX_LOG_LEN as usize);
    shown
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

/// Magic, size and version first, field by field; then the rest.
///
/// # Safety
/// `at` points to static data of at least the smallest descriptor's size.
unsafe fn read_plugin(at: *const abi::Plugin) -> Result<(Descriptor, Functions), Refusal> {
    // SAFETY: the caller promises the bytes; nothing is assumed about alignment.
    let (magic, size, major) = unsafe {
        (
            (&raw const (*at).magic).read_unaligned(),
            (&raw const (*at).struct_size).read_unaligned(),
            (&raw const (*at).abi_major).read_unaligned(),
        )
    };
    if magic != abi::MAGIC {
        return Err(Refusal::Magic);
    }
    if major != abi::ABI_MAJOR {
        return Err(Refusal::Version(major));
    }
    if !(abi::MIN_DESCRIPTOR_SIZE..=abi::MAX_DESCRIPTOR_SIZE).contains(&size) {
        return Err(Refusal::Size(size));
    }
    // SAFETY: as above; a struct of integers and pointers holds any bytes, and null functions are `None`.
    let plugin = unsafe { at.read_unaligned() };
    if plugin.flags & abi::chain_flags::MUST_UNDERSTAND != 0 {
        return Err(Refusal::UnknownFlag);
    }
    let functions = Functions {
        create: plugin.create.ok_or(Refusal::NullFunction("create"))?,
        destroy: plugin.destroy.ok_or(Refusal::NullFunction("destroy"))?,
        parse_address: plugin
            .parse_address
            .ok_or(Refusal::NullFunction("parse_address"))?,
        verify: plugin.verify.ok_or(Refusal::NullFunction("verify"))?,
    };
    // SAFETY: lists and texts of a descriptor are static; their lengths are bounded, and null is refused.
    let descriptor = unsafe {
        Descriptor {
            name: text(plugin.name, "name")?,
            version: text(plugin.version, "version")?,
            build_info: text(plugin.build_info, "build_info")?,
            chains: list(plugin.chains, plugin.chains_len, abi::MAX_CHAINS, "chains")?
                .iter()
                .map(|chain| read_chain(*chain))
                .collect::<Result<_, _>>()?,
        }
    };
    Ok((descriptor, functions))
}

/// # Safety
/// `at` is null or points to static data that begins with its size.
unsafe fn read_chain(at: *const abi::Chain) -> Result<ChainDescriptor, Refusal> {
    if at.is_null() {
        return Err(fault("chains", "no null pointer"));
    }
    // SAFETY: the caller promises a chain there.
    let size = unsafe { (&raw const (*at).struct_size).read_unaligned() };
    if !(abi::MIN_CHAIN_SIZE..=abi::MAX_DESCRIPTOR_SIZE).contains(&size) {
        return Err(Refusal::Size(size));
    }
    // SAFETY: its size says that all fields of version 1.0 are there; the rest as for the descriptor.
    unsafe {
        let chain = at.read_unaligned();
        let most = abi::MAX_LIST_LEN;
        let chain_ids = list(chain.chain_ids, chain.chain_ids_len, most, "chain_ids")?;
        let key_types = list(chain.key_types, chain.key_types_len, most, "key_types")?;
        let self_tests = list(chain.self_tests, chain.self_tests_len, most, "self_tests")?;
        Ok(ChainDescriptor {
            namespace: text(chain.namespace, "namespace")?,
            display_name: text(chain.display_name, "display_name")?,
            flags: chain.flags,
            chain_ids: chain_ids
                .iter()
                .map(|id| read_chain_id(id))
                .collect::<Result<_, _>>()?,
            key_types: key_types
                .iter()
                .map(|name| text(*name, "key_types"))
                .collect::<Result<_, _>>()?,
            self_tests: self_tests
                .iter()
                .map(|test| read_self_test(test))
                .collect::<Result<_, _>>()?,
            max_address_len: chain.max_address_len,
            max_signature_len: chain.max_signature_len,
            max_public_key_len: chain.max_public_key_len,
        })
    }
}

/// # Safety
/// What it points to is static.
unsafe fn read_chain_id(id: &abi::ChainId) -> Result<(String, String), Refusal> {
    // SAFETY: the caller's promise.
    let (reference, spelling) = unsafe {
        (
            text(id.reference, "chain_ids")?,
            text(id.text, "chain_ids")?,
        )
    };
    let spelling = Some(spelling).filter(|text| !text.is_empty());
    let spelling = spelling.unwrap_or_else(|| reference.clone());
    Ok((reference, spelling))
}

/// # Safety
/// What it points to is static.
unsafe fn read_self_test(test: &abi::SelfTest) -> Result<SelfTest, Refusal> {
    let field = "self_tests";
    // SAFETY: the caller's promise.
    unsafe {
        Ok(SelfTest {
            reference: text(test.reference, field)?,
            address: text(test.address, field)?,
            message: list(test.message.ptr, test.message.len, MAX_FIELD_LEN, field)?.to_vec(),
            signature: list(test.signature.ptr, test.signature.len, MAX_FIELD_LEN, field)?.to_vec(),
            public_key: list(
                test.public_key.ptr,
                test.public_key.len,
                MAX_FIELD_LEN,
                field,
            )?
            .to_vec(),
            key_type: text(test.key_type, field)?,
        })
    }
}

/// # Safety
/// The bytes are static.
unsafe fn text(of: abi::Bytes, field: &str) -> Result<String, Refusal> {
    const LONGEST: usize = 256;
    // SAFETY: the caller's promise.
    let bytes = unsafe { list(of.ptr, of.len, LONGEST, field) }?;
    String::from_utf8(bytes.to_vec()).map_err(|_| fault(field, "UTF-8"))
}

/// # Safety
/// If `len` is within `most`, so many items are there and are static.
unsafe fn list<'a, T>(
    at: *const T,
    len: usize,
    most: usize,
    field: &str,
) -> Result<&'a [T], Refusal> {
    if len == 0 {
        return Ok(&[]);
    }
    if at.is_null() || !at.is_aligned() || len > most {
        return Err(fault(field, &format!("a pointer to at most {most}")));
    }
    // SAFETY: not null, aligned, bounded; that the items are there is the caller's promise.
    Ok(unsafe { slice::from_raw_parts(at, len) })
}

fn fault(field: &str, expected: &str) -> Refusal {
    Refusal::Descriptor {
        field: field.to_owned(),
        expected: expected.to_owned(),
    }
}
