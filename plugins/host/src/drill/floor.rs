//! Memory that ends where it says: what a plugin reads or writes beyond a field ends its process.

use std::{
    ffi::c_int,
    io,
    ptr::{self, null_mut},
    slice,
};

use super::case::LONGEST;

/// Stands before a buffer.
const BEFORE: [u8; 16] = [0xa5; 16];
const PAGE: usize = 64 * 1024; // pages of every machine divide it

/// Bytes with nothing behind them.
pub(super) struct Floor {
    start: *mut u8,
    room: usize,
}

// SAFETY: the memory is this value's own.
unsafe impl Send for Floor {}

impl Floor {
    /// Room for the longest field.
    ///
    /// # Errors
    /// What the operating system says.
    pub(super) fn new() -> io::Result<Self> {
        let room = LONGEST + PAGE;
        let start = map(
            null_mut(),
            room + PAGE,
            libc::PROT_READ | libc::PROT_WRITE,
            0,
        )?;
        // SAFETY: the last page lies within what was mapped.
        let end = unsafe { start.add(room) };
        map(end.cast(), PAGE, libc::PROT_NONE, libc::MAP_FIXED)?;
        Ok(Self {
            start: start.cast(),
            room,
        })
    }

    /// Copies bytes to the end.
    pub(super) fn place(&mut self, bytes: &[u8]) -> *mut u8 {
        let at = self.end(bytes.len());
        // SAFETY: there is room for the longest field, and it is ours.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), at, bytes.len()) };
        at
    }

    /// Room of this size at the end, with something before it.
    pub(super) fn room(&mut self, size: usize) -> *mut u8 {
        let before = self.end(size + BEFORE.len());
        // SAFETY: as above; a page more than the longest field is mapped.
        unsafe {
            ptr::copy_nonoverlapping(BEFORE.as_ptr(), before, BEFORE.len());
            let at = before.add(BEFORE.len());
            ptr::write_bytes(at, 0, size);
            at
        }
    }

    /// Whether what stands before room of this size is still there.
    pub(super) fn is_intact(&self, size: usize) -> bool {
        // SAFETY: as above.
        let before = unsafe { slice::from_raw_parts(self.end(size + BEFORE.len()), BEFORE.len()) };
        before == BEFORE
    }

    /// The last bytes.
    pub(super) fn last(&self, count: usize) -> &[u8] {
        // SAFETY: as above; the plugin does not run meanwhile.
        unsafe { slice::from_raw_parts(self.end(count), count) }
    }

    fn end(&self, back: usize) -> *mut u8 {
        assert!(back <= self.room, "fields are bounded");
        // SAFETY: within what was mapped.
        unsafe { self.start.add(self.room - back) }
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        // SAFETY: it is this value's own, guard included, and nothing points to it any more.
        let _unmapped = unsafe { libc::munmap(self.start.cast(), self.room + PAGE) };
    }
}

fn map(
    at: *mut libc::c_void,
    size: usize,
    may: c_int,
    how: c_int,
) -> io::Result<*mut libc::c_void> {
    let how = how | libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: new memory, or in place of memory that is our own.
    match unsafe { libc::mmap(at, size, may, how, -1, 0) } {
        libc::MAP_FAILED => Err(io::Error::last_os_error()),
        mapped => Ok(mapped),
    }
}
