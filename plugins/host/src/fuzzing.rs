//! What the fuzz targets in `fuzz/` run, and the tests replay: bytes that a plugin chooses are read by the host's own
//! readers, and hold to what is promised of them.

mod memory;
mod meter;

use countersign_plugin_abi::{
    MAX_ADDRESS_LEN, MAX_CHAINS, MAX_LIST_LEN, MAX_PUBLIC_KEY_LEN, MAX_SIGNATURE_LEN,
};

use crate::{
    descriptor::{ChainDescriptor, Descriptor},
    frame::{Frame, MAX_FRAME_LEN},
    loaded::read::{MAX_FIELD_LEN, MAX_TEXT_LEN, read_plugin},
    refusal::Refusal,
};
use memory::Memory;

pub use meter::Meter;

/// Reads bytes as a frame, and says whether they are one. The program must have the [`Meter`] as its allocator.
///
/// # Panics
/// If a frame is not written as it was read, or takes far more memory than its bytes.
pub fn frame(bytes: &[u8]) -> bool {
    if bytes.len() > MAX_FRAME_LEN {
        return false;
    }
    let (decoded, peak) = meter::peak(|| Frame::decode(bytes));
    // A text of four bytes, its length, becomes one of 24, and a list grows by doubling, from room for four.
    let most = 32 * bytes.len();
    assert!(peak <= most, "{peak} bytes for {}", bytes.len());
    let Ok(frame) = decoded else {
        return false;
    };
    let encoded = frame.encode().expect("it is as short as before");
    assert_eq!(&encoded[4..], bytes, "{frame:?} has one form");
    assert_eq!(Frame::decode(&encoded[4..]), Ok(frame));
    true
}

/// Makes a descriptor of these bytes and reads it.
///
/// # Errors
/// [`Refusal`], as for a library.
///
/// # Panics
/// If a descriptor that breaks the contract of the reader is not refused, or what is read has no bounds, or reaches
/// the server as something else.
pub fn descriptor(bytes: &[u8]) -> Result<(), Refusal> {
    let memory = Memory::new(bytes);
    // SAFETY: where the descriptor keeps to the reader's bounds, so many items are there.
    let read = unsafe { read_plugin(memory.plugin()) };
    let read = read.and_then(|(descriptor, _)| descriptor.check().map(|()| descriptor));
    assert!(read.is_err() || !memory.is_broken(), "{read:?}");
    let descriptor = read?;
    assert_bounded(&descriptor);
    let length = length(&descriptor);
    let opened = Frame::Opened {
        descriptor,
        missing: vec![],
    };
    match opened.encode() {
        Some(encoded) => assert_eq!(Frame::decode(&encoded[4..]), Ok(opened)),
        // What holds the fields apart takes less than the other half.
        None => assert!(length > MAX_FRAME_LEN / 2, "{length} bytes are too long"),
    }
    Ok(())
}

fn assert_bounded(descriptor: &Descriptor) {
    let chains = &descriptor.chains;
    assert!((1..=MAX_CHAINS).contains(&chains.len()));
    assert_printable(&descriptor.name, 3, 32);
    assert_printable(&descriptor.version, 1, 32);
    assert_printable(&descriptor.build_info, 0, 128);
    chains.iter().for_each(assert_chain_bounded);
}

fn assert_chain_bounded(chain: &ChainDescriptor) {
    assert_printable(&chain.namespace, 3, 8);
    assert_printable(&chain.display_name, 1, 32);
    assert!(chain.chain_ids.len() <= MAX_LIST_LEN);
    for (reference, text) in &chain.chain_ids {
        assert_printable(reference, 1, 32);
        assert_printable(text, 1, 78);
    }
    assert!(chain.key_types.len() <= MAX_LIST_LEN);
    for name in &chain.key_types {
        assert_printable(name, 1, 32);
    }
    assert!((1..=MAX_LIST_LEN).contains(&chain.self_tests.len()));
    for test in &chain.self_tests {
        for text in [&test.reference, &test.address, &test.key_type] {
            assert!(text.len() <= MAX_TEXT_LEN);
        }
        for bytes in [&test.message, &test.signature, &test.public_key] {
            assert!(bytes.len() <= MAX_FIELD_LEN);
        }
    }
    assert!((1..=MAX_ADDRESS_LEN).contains(&chain.max_address_len));
    assert!((1..=MAX_SIGNATURE_LEN).contains(&chain.max_signature_len));
    assert!(chain.max_public_key_len <= MAX_PUBLIC_KEY_LEN);
}

fn assert_printable(text: &str, least: usize, most: usize) {
    let is_printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let is_bounded = (least..=most).contains(&text.len());
    assert!(is_printable && is_bounded, "{text:?}");
}

/// Bytes in all fields together.
fn length(descriptor: &Descriptor) -> usize {
    let head = [
        &descriptor.name,
        &descriptor.version,
        &descriptor.build_info,
    ];
    let of_head: usize = head.iter().map(|text| text.len()).sum();
    let of_chain = |chain: &ChainDescriptor| {
        let ids = chain.chain_ids.iter();
        let tests = chain.self_tests.iter().map(|test| {
            let texts = test.reference.len() + test.address.len() + test.key_type.len();
            texts + test.message.len() + test.signature.len() + test.public_key.len()
        });
        let ids = ids.map(|(reference, text)| reference.len() + text.len());
        let key_types = chain.key_types.iter().map(String::len);
        let names = chain.namespace.len() + chain.display_name.len();
        names + ids.chain(key_types).chain(tests).sum::<usize>()
    };
    of_head + descriptor.chains.iter().map(of_chain).sum::<usize>()
}

#[cfg(test)]
mod tests;
