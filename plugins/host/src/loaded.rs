//! A library in this process: opened, its descriptor read, its functions called.
//!
//! A library is never unloaded: what it left in threads, handlers and thread-local storage could not be taken back.

mod buffer;
pub(crate) mod read;

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
    descriptor::Descriptor,
    refusal::Refusal,
};

use buffer::{Address, Nothing, Words};
pub(crate) use read::Functions;
use read::read_plugin;

/// Finds a library that is loaded, and loads none (dlopen(3)).
const RTLD_NOLOAD: c_int = 4;

/// Where a plugin's log lines go: level and bytes.
pub(crate) type LogSink = Arc<dyn Fn(u32, &[u8]) + Send + Sync>;

/// A library that is open and has been read.
pub(crate) struct Loaded {
    descriptor: Descriptor,
    functions: Functions,
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
        let mut error = Words::default();
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
    pub(crate) fn invoke(&self, request: &Request<'_>) -> Result<Reply, Breach> {
        match request {
            Request::ParseAddress {
                chain_index,
                reference,
                text,
            } => self.parse_address(*chain_index, reference, text),
            Request::Verify(request) => self.verify(request),
        }
    }

    /// What a raw call takes. It lives as long as this.
    pub(crate) fn parts(&self) -> (Functions, *mut c_void) {
        (self.functions, self.instance)
    }

    fn parse_address(
        &self,
        chain_index: u32,
        reference: &str,
        text: &str,
    ) -> Result<Reply, Breach> {
        let mut canonical = Address::default();
        let mut error = Words::default();
        let request = abi::AddressRequest {
            struct_size: size::<abi::AddressRequest>(),
            chain_index,
            text: bytes(text.as_bytes()),
            reference: bytes(reference.as_bytes()),
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

    fn verify(&self, request: &VerifyRequest<'_>) -> Result<Reply, Breach> {
        let mut signer = Address::default();
        let mut error = Words::default();
        let mut evidence = Nothing::default();
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
