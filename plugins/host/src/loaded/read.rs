//! Reads a descriptor where the library has it.

use std::slice;

use countersign_plugin_abi as abi;

use crate::{
    descriptor::{ChainDescriptor, Descriptor, SelfTest},
    refusal::Refusal,
};

/// Longest part of a proof that is read from a descriptor, whatever length it claims.
pub(crate) const MAX_FIELD_LEN: usize = 64 * 1024;
/// Longest text that is read from a descriptor, whatever length it claims.
pub(crate) const MAX_TEXT_LEN: usize = 256;

/// The functions of a plugin; none is null.
#[derive(Clone, Copy)]
pub(crate) struct Functions {
    pub create: abi::Create,
    pub destroy: abi::Destroy,
    pub parse_address: abi::ParseAddress,
    pub verify: abi::Verify,
}

/// Magic, size and version first, field by field; then the rest.
///
/// # Safety
/// `at` points to static data of at least the smallest descriptor's size.
pub(crate) unsafe fn read_plugin(
    at: *const abi::Plugin,
) -> Result<(Descriptor, Functions), Refusal> {
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
    // SAFETY: the caller's promise.
    let bytes = unsafe { list(of.ptr, of.len, MAX_TEXT_LEN, field) }?;
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
