//! Reads what the host asks and writes what it is answered, within the sizes that it names.

use std::slice;

use countersign_plugin_abi::{Bytes, MAX_ERROR_LEN, OutBuffer, status};

use super::call::Failure;

/// Whether the struct at `pointer`, which begins with its size, has at least `min` bytes.
///
/// # Safety
/// `pointer` is null or points to such a struct.
pub(super) unsafe fn holds<T>(pointer: *const T, min: u32) -> bool {
    if pointer.is_null() || !pointer.is_aligned() {
        return false;
    }
    // SAFETY: by the caller's word; it is aligned for `T`, whose first field this is.
    unsafe { pointer.cast::<u32>().read() >= min }
}

/// The bytes that the host lends for a call.
///
/// # Safety
/// `bytes` is of a request, whose call runs for all of `'call`.
pub(super) unsafe fn bytes<'call>(
    bytes: Bytes,
    max: u32,
    name: &'static str,
) -> Result<&'call [u8], Failure> {
    if bytes.len == 0 {
        return Ok(&[]);
    }
    if bytes.ptr.is_null() {
        return Err(Failure::new(status::UNSUPPORTED, format!("{name}: null")));
    }
    if bytes.len > max as usize {
        let text = format!("{name}: more than {max} bytes");
        return Err(Failure::new(status::INVALID_INPUT, text));
    }
    // SAFETY: by the caller's word; it is not null, and its length is that of a small buffer.
    Ok(unsafe { slice::from_raw_parts(bytes.ptr, bytes.len) })
}

/// The text that the host lends for a call.
///
/// # Safety
/// As for [`bytes`].
pub(super) unsafe fn text<'call>(
    text: Bytes,
    max: u32,
    name: &'static str,
) -> Result<&'call str, Failure> {
    // SAFETY: by the caller's word.
    let bytes = unsafe { bytes(text, max, name) }?;
    str::from_utf8(bytes)
        .map_err(|_| Failure::new(status::INVALID_INPUT, format!("{name}: no UTF-8")))
}

/// Writes an answer, or says how many bytes it would take.
///
/// # Safety
/// `out` is a buffer of the host's.
pub(super) unsafe fn put(out: *mut OutBuffer, text: &str) -> Result<(), Failure> {
    // SAFETY: by the caller's word.
    let (ptr, cap) = unsafe { ((*out).ptr, (*out).cap) };
    // SAFETY: by the caller's word.
    unsafe { (*out).len = text.len() };
    if text.len() > cap || ptr.is_null() {
        let needed = format!("{cap} bytes are no room for {}", text.len());
        return Err(Failure::new(status::BUFFER_TOO_SMALL, needed));
    }
    // SAFETY: the host's buffer has `cap` bytes, and is none of ours.
    unsafe { ptr.copy_from_nonoverlapping(text.as_ptr(), text.len()) };
    Ok(())
}

/// Writes as much of a text as there is room for, in whole characters.
///
/// # Safety
/// `out` is null or a buffer of the host's.
pub(super) unsafe fn put_cut(out: *mut OutBuffer, text: &str) {
    if out.is_null() {
        return;
    }
    // SAFETY: by the caller's word.
    let cap = unsafe { (*out).cap };
    let end = text.floor_char_boundary(cap.min(MAX_ERROR_LEN as usize));
    // SAFETY: by the caller's word. It fits, unless the host's buffer is null; then the text is lost.
    let _ = unsafe { put(out, &text[..end]) };
}
