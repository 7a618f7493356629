//! What surrounds each call: which host's log it writes to, and that a panic does not leave it.

use std::{
    any::Any,
    borrow::Cow,
    cell::Cell,
    ffi::c_void,
    mem,
    panic::{self, AssertUnwindSafe, PanicHookInfo},
    sync::Once,
};

use countersign_plugin_abi::{Bytes, Host, MIN_HOST_SIZE, OutBuffer, level, status};

use super::wire;
use crate::Error;

thread_local! {
    /// The host of the call that this thread is in. It has no destructor, so that no code of the library is left to
    /// run when a thread ends.
    static CURRENT: Cell<Option<HostLog>> = const { Cell::new(None) };
}

/// A host's log.
#[derive(Clone, Copy)]
pub(crate) struct HostLog {
    ctx: *mut c_void,
    log: Option<unsafe extern "C" fn(ctx: *mut c_void, level: u32, line: Bytes)>,
}

impl HostLog {
    /// Reads the host's table; none if it is smaller than in version 1.0.
    ///
    /// # Safety
    /// `host` is null, or a host that stays where it is for as long as the instance does.
    pub(super) unsafe fn read(host: *const Host) -> Option<Self> {
        // SAFETY: by the caller's word, a size can be read if it is not null.
        if !unsafe { wire::holds(host, MIN_HOST_SIZE) } {
            return None;
        }
        // SAFETY: both fields lie within the size that was just read.
        let (ctx, log) = unsafe { ((*host).ctx, (*host).log) };
        Some(Self { ctx, log })
    }
}

/// Why a call failed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) status: i32,
    pub(super) text: Cow<'static, str>,
}

impl Failure {
    pub(super) fn new(status: i32, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            text: text.into(),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::InvalidInput(text) => Self::new(status::INVALID_INPUT, text),
            Error::Unsupported(text) => Self::new(status::UNSUPPORTED, text),
            Error::Internal(text) => Self::new(status::INTERNAL, text),
        }
    }
}

/// Runs `call`, and returns the status to return. What went wrong, a panic included, goes into `error`.
///
/// # Safety
/// `error` is null or the host's buffer for this call.
pub(super) unsafe fn run(
    host: HostLog,
    error: *mut OutBuffer,
    call: impl FnOnce() -> Result<(), Failure>,
) -> i32 {
    let entered = Entered::new(host);
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| {
        silence_panics();
        call()
    }));
    let failure = match outcome {
        Ok(Ok(())) => return status::OK,
        Ok(Err(failure)) => failure,
        Err(payload) => Failure::new(status::PANIC, panic_text(payload)),
    };
    drop(entered);
    // SAFETY: by the caller's word.
    unsafe { wire::put_cut(error, &failure.text) };
    failure.status
}

/// Writes a line if a call runs on this thread.
pub(crate) fn log(level: u32, line: &str) {
    let Some(HostLog {
        ctx,
        log: Some(log),
    }) = CURRENT.get()
    else {
        return;
    };
    let line = Bytes {
        ptr: line.as_ptr(),
        len: line.len(),
    };
    // SAFETY: a call of this host's runs on this thread, and the line lives until `log` returns.
    unsafe { log(ctx, level, line) };
}

/// This thread is in a call for as long as this lives.
struct Entered {
    before: Option<HostLog>,
}

impl Entered {
    fn new(host: HostLog) -> Self {
        Self {
            before: CURRENT.replace(Some(host)),
        }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.before);
    }
}

/// Sends what panics say during a call into the host's log; the default hook would write to standard error. Each
/// library has a standard library of its own, so this is the plugin's hook, not the server's. In a program that
/// links the plugin as a crate, panics outside of calls go where they went before.
fn silence_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if CURRENT.get().is_some() {
                log(level::ERROR, &describe(panic));
            } else {
                before(panic);
            }
        }));
    });
}

fn describe(panic: &PanicHookInfo<'_>) -> String {
    let text = panic.payload_as_str().unwrap_or("without a text");
    match panic.location() {
        Some(location) => format!("panicked at {location}: {text}"),
        None => format!("panicked: {text}"),
    }
}

/// What a panic said. A payload of another type than text may panic when it is dropped: it is leaked instead.
fn panic_text(payload: Box<dyn Any + Send>) -> String {
    let payload = match payload.downcast::<String>() {
        Ok(text) => return format!("panicked: {text}"),
        Err(payload) => payload,
    };
    match payload.downcast::<&'static str>() {
        Ok(text) => format!("panicked: {text}"),
        Err(payload) => {
            mem::forget(payload);
            "panicked without a text".to_owned()
        }
    }
}
