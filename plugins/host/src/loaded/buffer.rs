//! Room that a plugin answers in.

use countersign_plugin_abi as abi;

use crate::call::Breach;

/// Room for an address.
pub(super) type Address = Buffer<{ abi::MAX_ADDRESS_LEN as usize }>;
/// Room for an error.
pub(super) type Words = Buffer<{ abi::MAX_ERROR_LEN as usize }>;
/// No room.
pub(super) type Nothing = Buffer<0>;

/// Stands behind every buffer, so that a write beyond its end is seen.
const CANARY: [u8; 16] = *b"\xc5not yours\0\xa5\x5a\xc3\x3c\x0f";

/// Room for an answer, with a canary behind it.
#[repr(C)]
pub(super) struct Buffer<const ROOM: usize> {
    bytes: [u8; ROOM],
    canary: [u8; CANARY.len()],
}

impl<const ROOM: usize> Default for Buffer<ROOM> {
    fn default() -> Self {
        Self {
            bytes: [0; ROOM],
            canary: CANARY,
        }
    }
}

impl<const ROOM: usize> Buffer<ROOM> {
    /// What the plugin is given. It must not move until the answer is taken.
    pub(super) fn out(&mut self) -> abi::OutBuffer {
        abi::OutBuffer {
            ptr: (&raw mut *self).cast(),
            cap: ROOM,
            len: 0,
        }
    }

    /// Pointer and room are what they were, and nothing behind the room was written.
    pub(super) fn check(&self, out: &abi::OutBuffer) -> Result<(), Breach> {
        let is_same = std::ptr::eq(out.ptr, (&raw const *self).cast()) && out.cap == ROOM;
        if is_same && self.canary == CANARY {
            return Ok(());
        }
        Err(Breach::Buffer)
    }

    /// What was written.
    pub(super) fn take(&self, out: &abi::OutBuffer) -> Result<Vec<u8>, Breach> {
        self.check(out)?;
        let written = self.bytes.get(..out.len);
        Ok(written.ok_or(Breach::Length)?.to_vec())
    }

    /// What was written, if the call went well. Otherwise the length may be what the answer would have taken.
    pub(super) fn take_if(&self, status: i32, out: &abi::OutBuffer) -> Result<Vec<u8>, Breach> {
        match status {
            abi::status::OK => self.take(out),
            _ => self.check(out).map(|()| vec![]),
        }
    }
}
