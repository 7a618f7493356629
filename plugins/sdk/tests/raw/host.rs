//! A host: its log, its buffers, its instances.

use std::{ffi::c_void, ptr, slice, sync::Mutex};

use countersign_plugin_abi::{Bytes, Host, MIN_HOST_SIZE, OutBuffer, status};

use crate::specimen::table;

/// A host that keeps what is logged.
pub(crate) struct TestHost {
    lines: Box<Mutex<Vec<(u32, String)>>>,
    pub(crate) raw: Box<Host>,
}

impl TestHost {
    pub(crate) fn new() -> Self {
        let lines = Box::new(Mutex::new(Vec::new()));
        let raw = Box::new(Host {
            struct_size: MIN_HOST_SIZE,
            abi_minor: 0,
            reserved: 0,
            ctx: ptr::from_ref(&*lines).cast_mut().cast(),
            log: Some(keep),
        });
        Self { lines, raw }
    }

    /// What was logged since this was last asked.
    pub(crate) fn logged(&self) -> Vec<(u32, String)> {
        std::mem::take(&mut *self.lines.lock().unwrap())
    }

    /// Creates an instance. The status, what was written as the instance, and the error text.
    pub(crate) fn create(&self, config: &[u8]) -> (i32, *mut c_void, String) {
        let mut instance = ptr::null_mut();
        let mut error = Room::new(64);
        let create = table().create.unwrap();
        // SAFETY: all of it lives for the call, and the host for longer.
        let status = unsafe { create(&*self.raw, lend(config), &mut instance, error.out()) };
        (status, instance, error.text())
    }
}

unsafe extern "C" fn keep(ctx: *mut c_void, level: u32, line: Bytes) {
    // SAFETY: `TestHost::new` made it, and the plugin uses it during calls only.
    let lines = unsafe { &*ctx.cast::<Mutex<Vec<(u32, String)>>>() };
    // SAFETY: the plugin lends the line for this call.
    let line = unsafe { slice::from_raw_parts(line.ptr, line.len) };
    let line = String::from_utf8(line.to_vec()).unwrap();
    lines.lock().unwrap().push((level, line));
}

/// An instance of the specimen, with its host.
pub(crate) struct Instance {
    pub(crate) host: TestHost,
    pub(crate) raw: *mut c_void,
}

impl Instance {
    pub(crate) fn new() -> Self {
        let host = TestHost::new();
        let (status, raw, error) = host.create(b"{}");
        assert_eq!((status, error.as_str()), (status::OK, ""));
        host.logged();
        Self { host, raw }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // SAFETY: `create` made it, and this is its end.
        unsafe { table().destroy.unwrap()(self.raw) };
    }
}

/// Bytes as a request has them.
pub(crate) fn lend(bytes: &[u8]) -> Bytes {
    Bytes {
        ptr: bytes.as_ptr(),
        len: bytes.len(),
    }
}

/// A buffer with a margin behind it that nobody may touch.
pub(crate) struct Room {
    bytes: Vec<u8>,
    out: Box<OutBuffer>,
}

const MARGIN: [u8; 16] = [0xEE; 16];

impl Room {
    pub(crate) fn new(cap: usize) -> Self {
        let mut bytes = vec![0; cap];
        bytes.extend(MARGIN);
        let out = OutBuffer {
            ptr: bytes.as_mut_ptr(),
            cap,
            len: 0,
        };
        Self {
            bytes,
            out: Box::new(out),
        }
    }

    /// The buffer, for a call.
    pub(crate) fn out(&mut self) -> &mut OutBuffer {
        &mut self.out
    }

    /// A copy of the buffer, for a reply; it comes back with [`Room::returned`].
    pub(crate) fn lend(&mut self) -> OutBuffer {
        OutBuffer {
            ptr: self.out.ptr,
            cap: self.out.cap,
            len: self.out.len,
        }
    }

    /// Takes the buffer back, whose pointer and room must be as they were.
    pub(crate) fn returned(&mut self, out: &OutBuffer) {
        assert_eq!((out.ptr, out.cap), (self.out.ptr, self.out.cap));
        self.out.len = out.len;
    }

    /// How many bytes were written, or would have been.
    pub(crate) fn len(&self) -> usize {
        self.out.len
    }

    /// What was written.
    pub(crate) fn text(&self) -> String {
        let (room, margin) = self.bytes.split_at(self.out.cap);
        assert_eq!(margin, MARGIN, "written beyond the buffer");
        String::from_utf8(room[..self.out.len].to_vec()).unwrap()
    }

    /// Whether nothing was written.
    pub(crate) fn is_untouched(&self) -> bool {
        let (room, margin) = self.bytes.split_at(self.out.cap);
        assert_eq!(margin, MARGIN, "written beyond the buffer");
        room.iter().all(|byte| *byte == 0)
    }
}
