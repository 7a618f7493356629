//! Room that a plugin answers in.

use countersign_plugin_abi as abi;

use crate::call::Breach;

/// Stands behind every buffer, so that a write beyond its end is seen.
const CANARY: [u8; 16] = *b"\xc5not yours\0\xa5\x5a\xc3\x3c\x0f";
/// Room for an answer, with a canary behind it.
pub(super) struct Buffer {
    bytes: Vec<u8>,
    room: usize,
}

impl Buffer {
    pub(super) fn new(room: u32) -> Self {
        let room = room as usize;
        let mut bytes = vec![0; room + CANARY.len()];
        bytes[room..].copy_from_slice(&CANARY);
        Self { bytes, room }
    }

    pub(super) fn out(&mut self) -> abi::OutBuffer {
        abi::OutBuffer {
            ptr: self.bytes.as_mut_ptr(),
            cap: self.room,
            len: 0,
        }
    }

    /// Pointer and room are what they were, and nothing behind the room was written.
    pub(super) fn check(&self, out: &abi::OutBuffer) -> Result<(), Breach> {
        let is_same = std::ptr::eq(out.ptr, self.bytes.as_ptr()) && out.cap == self.room;
        if is_same && self.bytes[self.room..] == CANARY {
            return Ok(());
        }
        Err(Breach::Buffer)
    }

    /// What was written.
    pub(super) fn take(&mut self, out: &abi::OutBuffer) -> Result<Vec<u8>, Breach> {
        self.check(out)?;
        if out.len > self.room {
            return Err(Breach::Length);
        }
        self.bytes.truncate(out.len);
        Ok(std::mem::take(&mut self.bytes))
    }

    /// What was written, if the call went well. Otherwise the length may be what the answer would have taken.
    pub(super) fn take_if(&mut self, status: i32, out: &abi::OutBuffer) -> Result<Vec<u8>, Breach> {
        match status {
            abi::status::OK => self.take(out),
            _ => self.check(out).map(|()| vec![]),
        }
    }
}
