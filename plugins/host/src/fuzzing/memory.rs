//! A descriptor in memory, as a library might have it: every pointer is one, and nothing else can be relied on.

use std::{
    any::Any,
    ffi::c_void,
    mem::{align_of, size_of},
    ptr::{null, without_provenance},
};

use countersign_plugin_abi as abi;

use crate::loaded::read::{MAX_FIELD_LEN, MAX_TEXT_LEN};

/// A descriptor that was made from bytes. None at all make a good one; each byte can make something else of it.
pub(super) struct Memory {
    plugin: *const abi::Plugin,
    is_broken: bool,
    /// What it points to.
    _kept: Vec<Box<dyn Any>>,
}

impl Memory {
    pub(super) fn new(bytes: &[u8]) -> Self {
        let mut builder = Builder {
            rest: bytes,
            is_broken: false,
            kept: vec![],
        };
        let plugin = builder.plugin();
        Self {
            plugin,
            is_broken: builder.is_broken,
            _kept: builder.kept,
        }
    }

    /// Where it is, for as long as this lives: at least the smallest size, at any address.
    pub(super) fn plugin(&self) -> *const abi::Plugin {
        self.plugin
    }

    /// Whether it must be refused, whatever else it says: a list has no items or too many, a function or chain is
    /// missing, or its head is of another ABI.
    pub(super) fn is_broken(&self) -> bool {
        self.is_broken
    }
}

struct Builder<'a> {
    rest: &'a [u8],
    is_broken: bool,
    kept: Vec<Box<dyn Any>>,
}

impl Builder<'_> {
    fn plugin(&mut self) -> *const abi::Plugin {
        let magic = self.number(abi::MAGIC);
        let struct_size = self.number(abi::MIN_DESCRIPTOR_SIZE.into()) as u32;
        let abi_major = self.number(abi::ABI_MAJOR.into()) as u16;
        let flags = self.number(0);
        let missing = self.byte() & 0xf;
        let sizes = abi::MIN_DESCRIPTOR_SIZE..=abi::MAX_DESCRIPTOR_SIZE;
        self.is_broken |= magic != abi::MAGIC
            || abi_major != abi::ABI_MAJOR
            || !sizes.contains(&struct_size)
            || flags & abi::chain_flags::MUST_UNDERSTAND != 0
            || missing != 0;
        let is_there = |function: u8| missing & (1 << function) == 0;
        let (chains, chains_len) = self.list(1, abi::MAX_CHAINS, Self::chain);
        let plugin = abi::Plugin {
            magic,
            struct_size,
            abi_major,
            abi_minor: self.number(abi::ABI_MINOR.into()) as u16,
            flags,
            name: self.text("specimen"),
            version: self.text("1.0"),
            build_info: self.text("by hand"),
            chains,
            chains_len,
            create: is_there(0).then_some(create),
            destroy: is_there(1).then_some(destroy),
            parse_address: is_there(2).then_some(parse_address),
            verify: is_there(3).then_some(verify),
            reserved: self.number(0) as usize,
        };
        self.place(plugin, size_of::<abi::Plugin>())
    }

    fn chain(&mut self, index: usize) -> *const abi::Chain {
        if self.byte() == 1 {
            self.is_broken = true;
            return null();
        }
        let struct_size = self.number(abi::MIN_CHAIN_SIZE.into()) as u32;
        let sizes = abi::MIN_CHAIN_SIZE..=abi::MAX_DESCRIPTOR_SIZE;
        self.is_broken |= !sizes.contains(&struct_size);
        let (chain_ids, chain_ids_len) = self.list(1, abi::MAX_LIST_LEN, Self::chain_id);
        let (key_types, key_types_len) = self.list(0, abi::MAX_LIST_LEN, Self::key_type);
        let (self_tests, self_tests_len) = self.list(1, abi::MAX_LIST_LEN, Self::self_test);
        let chain = abi::Chain {
            struct_size,
            max_address_len: self.number(16) as u32,
            flags: self.number(0),
            namespace: self.text(&format!("chain-{index}")),
            display_name: self.text("Chain"),
            chain_ids,
            chain_ids_len,
            key_types,
            key_types_len,
            self_tests,
            self_tests_len,
            max_signature_len: self.number(64) as u32,
            max_public_key_len: self.number(32) as u32,
        };
        // Where it says that it is shorter, there is nothing behind its end.
        let len = size_of::<abi::Chain>().min(struct_size as usize);
        self.place(chain, len.max(size_of::<u32>()))
    }

    fn chain_id(&mut self, index: usize) -> abi::ChainId {
        abi::ChainId {
            reference: self.text(&format!("chain-{index}")),
            text: self.text(""),
        }
    }

    fn key_type(&mut self, index: usize) -> abi::Bytes {
        self.text(&format!("key-{index}"))
    }

    fn self_test(&mut self, _index: usize) -> abi::SelfTest {
        abi::SelfTest {
            reference: self.text("chain-0"),
            address: self.text("alice"),
            message: self.bytes(MAX_FIELD_LEN, "abc"),
            signature: self.bytes(MAX_FIELD_LEN, "cba"),
            public_key: self.bytes(MAX_FIELD_LEN, ""),
            key_type: self.text(""),
        }
    }

    /// A list of `usual` items, or of another number.
    fn list<T: 'static>(
        &mut self,
        usual: usize,
        most: usize,
        item: impl Fn(&mut Self, usize) -> T,
    ) -> (*const T, usize) {
        let len = match self.byte() {
            0 => usual,
            u8::MAX => 0,
            len => len.into(),
        };
        let was_broken = self.is_broken;
        // What is too long to be read need not be there.
        let items = if len <= most { 0..len } else { 0..0 };
        let items = items.map(|index| item(self, index)).collect();
        let (at, len) = self.slice(items, len, most);
        if len == 0 {
            // Nobody sees what is wrong with the items.
            self.is_broken = was_broken;
        }
        (at, len)
    }

    fn text(&mut self, usual: &str) -> abi::Bytes {
        self.bytes(MAX_TEXT_LEN, usual)
    }

    fn bytes(&mut self, most: usize, usual: &str) -> abi::Bytes {
        let bytes = match self.byte() {
            1 => {
                let len = self.byte();
                self.take(len.into())
            }
            // So long that the input should not have to hold them.
            2 => {
                let len = u16::from_le_bytes(self.array());
                vec![b'a'; usize::from(len) + usize::from(self.byte())]
            }
            _ => usual.into(),
        };
        let len = bytes.len();
        let (ptr, len) = self.slice(bytes, len, most);
        abi::Bytes { ptr, len }
    }

    /// Pointer and length of these items, or others that nobody may follow.
    fn slice<T: 'static>(&mut self, items: Vec<T>, len: usize, most: usize) -> (*const T, usize) {
        let at = self.keep(items);
        let (at, len) = match self.byte() {
            1 => (null(), len),
            2 => (null(), self.number(0) as usize),
            3 => (without_provenance(self.byte().into()), 0),
            4 => (at, most + 1 + usize::from(self.byte())),
            5 => (at, usize::MAX - usize::from(self.byte())),
            6 if align_of::<T>() > 1 => (at.wrapping_byte_add(1), len),
            _ => (at, len),
        };
        let can_be_read = !at.is_null() && at.is_aligned() && len <= most;
        self.is_broken |= len > 0 && !can_be_read;
        (at, len)
    }

    /// The first `len` bytes of a table, at any address.
    fn place<T>(&mut self, table: T, len: usize) -> *const T {
        let before = usize::from(self.byte() % 8);
        let mut block = vec![0; before + len];
        assert!(len <= size_of::<T>());
        // SAFETY: the table has so many bytes, and the block has room for them.
        unsafe {
            let from = (&raw const table).cast::<u8>();
            from.copy_to_nonoverlapping(block.as_mut_ptr().add(before), len);
        }
        self.keep(block).wrapping_add(before).cast()
    }

    /// Keeps items where they are, without room behind them.
    fn keep<T: 'static>(&mut self, mut items: Vec<T>) -> *const T {
        items.shrink_to_fit();
        let at = items.as_ptr();
        self.kept.push(Box::new(items));
        at
    }

    /// The usual number, or another.
    fn number(&mut self, usual: u64) -> u64 {
        match self.byte() {
            0 => usual,
            1 => self.byte().into(),
            2 => u16::from_le_bytes(self.array()).into(),
            3 => u32::from_le_bytes(self.array()).into(),
            4 => u64::from_le_bytes(self.array()),
            bit => usual ^ (1 << (bit % 64)),
        }
    }

    /// So many bytes. Where the input ends they are those of a text.
    fn take(&mut self, len: usize) -> Vec<u8> {
        let (taken, rest) = self.rest.split_at(len.min(self.rest.len()));
        self.rest = rest;
        let mut bytes = taken.to_vec();
        bytes.resize(len, b'a');
        bytes
    }

    /// So many bytes. Where the input ends they are 0, which makes all that follows as usual.
    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        let (taken, rest) = self.rest.split_at(N.min(self.rest.len()));
        bytes[..taken.len()].copy_from_slice(taken);
        self.rest = rest;
        bytes
    }

    fn byte(&mut self) -> u8 {
        let [byte] = self.array();
        byte
    }
}

unsafe extern "C" fn create(
    _: *const abi::Host,
    _: abi::Bytes,
    _: *mut *mut c_void,
    _: *mut abi::OutBuffer,
) -> i32 {
    abi::status::UNSUPPORTED
}

unsafe extern "C" fn destroy(_: *mut c_void) {}

unsafe extern "C" fn parse_address(
    _: *mut c_void,
    _: *const abi::AddressRequest,
    _: *mut abi::AddressReply,
) -> i32 {
    abi::status::UNSUPPORTED
}

unsafe extern "C" fn verify(
    _: *mut c_void,
    _: *const abi::VerifyRequest,
    _: *mut abi::VerifyReply,
) -> i32 {
    abi::status::UNSUPPORTED
}
