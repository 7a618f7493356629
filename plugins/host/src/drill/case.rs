//! Cases: a valid call of the plugin's own, and one thing about it that is changed.

use countersign_plugin_abi as abi;

use crate::descriptor::{ChainDescriptor, Descriptor, SelfTest};

/// Longest text or field of a case, in bytes: more than the host ever passes on.
pub(super) const LONGEST: usize = 64 * 1024;

/// A call, how its structs lie in memory, and what may come of it.
pub(crate) struct Case {
    /// What is asked.
    pub asked: Asked,
    /// How it is asked.
    pub shape: Shape,
    /// What must come of it.
    pub expected: Expected,
    /// Whether the account is another text's, so that a plugin may name the signer otherwise.
    pub is_other_address: bool,
    what: String,
}

/// What is asked, in bytes: nothing says that texts are UTF-8.
#[derive(Clone)]
pub(crate) enum Asked {
    /// Whether a text is an address.
    Address { chain: u32, text: Vec<u8> },
    /// Whether a proof holds.
    Proof { chain: u32, fields: [Vec<u8>; 6] },
}

/// Places in the fields of a proof.
const REFERENCE: usize = 0;
pub(super) const ADDRESS: usize = 1;
const PUBLIC_KEY: usize = 4;
const KEY_TYPE: usize = 5;
const FIELDS: [&str; 6] = [
    "reference",
    "address",
    "message",
    "signature",
    "public key",
    "key type",
];

/// How structs and buffers of a call are made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// As the host makes them.
    Plain,
    /// A request of this size.
    ShortRequest(u32),
    /// A reply of this size.
    ShortReply(u32),
    /// Request and reply of a later version.
    Longer,
    /// No request.
    NoRequest,
    /// No reply.
    NoReply,
    /// Room for one byte less than the answer takes.
    LessRoom,
    /// No room for the answer.
    NoRoom,
    /// Exactly the room that the answer takes.
    ExactRoom,
}

/// What must come of a case.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    /// The proof holds, or the address is read.
    Good,
    /// The proof does not hold.
    NotValid,
    /// Any answer of the right form.
    Answer,
    /// That it is not supported, and nothing written.
    Unsupported,
    /// That there is not enough room.
    NoRoom,
    /// Any refusal.
    Refusal,
}

impl Case {
    /// The case of this number; a descriptor has at least one chain with one proof.
    pub(crate) fn new(number: u32, descriptor: &Descriptor) -> Self {
        let mut random = Random(u64::from(number));
        let index = random.below(descriptor.chains.len());
        let chain = &descriptor.chains[index];
        let test = &chain.self_tests[random.below(chain.self_tests.len())];
        let index = index as u32;
        let (some, of) = match random.below(2) {
            0 => (proof(index, test), "a proof"),
            _ => (address(index, test), "an address"),
        };
        match number % 16 {
            0 => Self::good(proof(index, test), "a good proof"),
            1 => Self::good(address(index, test), "a good address"),
            2..=9 => Self::changed_proof(&mut random, chain, proof(index, test)),
            10..=12 => Self::changed_address(&mut random, address(index, test)),
            13 => Self::odd_structs(&mut random, some, of),
            14 => Self::odd_room(&mut random, some, of),
            _ => Self::no_chain(&mut random, descriptor.chains.len(), some, of),
        }
    }

    /// What it is, in words.
    pub(crate) fn describe(&self) -> &str {
        &self.what
    }

    fn good(asked: Asked, what: &str) -> Self {
        Self {
            asked,
            shape: Shape::Plain,
            expected: Expected::Good,
            is_other_address: false,
            what: what.to_owned(),
        }
    }

    fn changed_proof(random: &mut Random, chain: &ChainDescriptor, asked: Asked) -> Self {
        let Asked::Proof {
            chain: index,
            mut fields,
        } = asked
        else {
            unreachable!("it is a proof");
        };
        let place = random.below(FIELDS.len());
        let (bytes, how) = change(random, &fields[place]);
        let is_changed = bytes != fields[place];
        fields[place] = bytes;
        let expected = if is_changed && must_fail(chain, place, &fields[place]) {
            Expected::NotValid
        } else {
            Expected::Answer
        };
        Self {
            asked: Asked::Proof {
                chain: index,
                fields,
            },
            shape: Shape::Plain,
            expected,
            is_other_address: place == ADDRESS,
            what: format!("a proof with its {} {how}", FIELDS[place]),
        }
    }

    fn changed_address(random: &mut Random, asked: Asked) -> Self {
        let Asked::Address { chain, text } = asked else {
            unreachable!("it is an address");
        };
        let (text, how) = change(random, &text);
        Self {
            asked: Asked::Address { chain, text },
            shape: Shape::Plain,
            expected: Expected::Answer,
            is_other_address: false,
            what: format!("an address {how}"),
        }
    }

    fn odd_structs(random: &mut Random, asked: Asked, of: &str) -> Self {
        let (request, reply) = asked.least_sizes();
        // A size of its own must lie within the struct.
        let mut short = |least: u32| 8 * (1 + random.below(least as usize / 8 - 1) as u32);
        let (request, reply) = (short(request), short(reply));
        let (shape, how) = match random.below(5) {
            0 => (
                Shape::ShortRequest(request),
                format!("a request of {request} bytes"),
            ),
            1 => (
                Shape::ShortReply(reply),
                format!("a reply of {reply} bytes"),
            ),
            2 => (Shape::NoRequest, "no request".to_owned()),
            3 => (Shape::NoReply, "no reply".to_owned()),
            _ => (Shape::Longer, "structs of a later version".to_owned()),
        };
        Self {
            asked,
            shape,
            expected: match shape {
                Shape::Longer => Expected::Good,
                _ => Expected::Unsupported,
            },
            is_other_address: false,
            what: format!("{of} with {how}"),
        }
    }

    fn odd_room(random: &mut Random, asked: Asked, of: &str) -> Self {
        let (shape, expected, how) = match random.below(3) {
            0 => (Shape::NoRoom, Expected::NoRoom, "no room for the answer"),
            1 => (Shape::LessRoom, Expected::NoRoom, "a byte too little room"),
            _ => (Shape::ExactRoom, Expected::Good, "exactly enough room"),
        };
        Self {
            asked,
            shape,
            expected,
            is_other_address: false,
            what: format!("{of} with {how}"),
        }
    }

    fn no_chain(random: &mut Random, chains: usize, mut asked: Asked, of: &str) -> Self {
        let beyond = chains as u32;
        let number = match random.below(3) {
            0 => beyond,
            1 => u32::MAX,
            _ => beyond.saturating_add(random.below(1 << 20) as u32),
        };
        match &mut asked {
            Asked::Address { chain, .. } | Asked::Proof { chain, .. } => *chain = number,
        }
        Self {
            asked,
            shape: Shape::Plain,
            expected: Expected::Refusal,
            is_other_address: false,
            what: format!("{of} of chain {number}, which it does not have"),
        }
    }
}

impl Asked {
    /// Smallest sizes of request and reply in version 1.0.
    pub(super) fn least_sizes(&self) -> (u32, u32) {
        match self {
            Self::Address { .. } => (abi::MIN_ADDRESS_REQUEST_SIZE, abi::MIN_ADDRESS_REPLY_SIZE),
            Self::Proof { .. } => (abi::MIN_VERIFY_REQUEST_SIZE, abi::MIN_VERIFY_REPLY_SIZE),
        }
    }
}

/// Whether a proof with this in place of a field can never be valid. A reference or key type that is not listed never
/// reaches a plugin, nor does a public key that is too long, and what a proof may go without may be taken away.
fn must_fail(chain: &ChainDescriptor, place: usize, now: &[u8]) -> bool {
    match place {
        REFERENCE | KEY_TYPE => false,
        PUBLIC_KEY if now.is_empty() => chain.has(abi::chain_flags::NEEDS_PUBLIC_KEY),
        PUBLIC_KEY => now.len() <= chain.max_public_key_len as usize,
        _ => true,
    }
}

fn proof(chain: u32, test: &SelfTest) -> Asked {
    Asked::Proof {
        chain,
        fields: [
            test.reference.clone().into_bytes(),
            test.address.clone().into_bytes(),
            test.message.clone(),
            test.signature.clone(),
            test.public_key.clone(),
            test.key_type.clone().into_bytes(),
        ],
    }
}

fn address(chain: u32, test: &SelfTest) -> Asked {
    Asked::Address {
        chain,
        text: test.address.clone().into_bytes(),
    }
}

/// Something else in place of these bytes, and how it was made.
fn change(random: &mut Random, bytes: &[u8]) -> (Vec<u8>, String) {
    let mut changed = bytes.to_vec();
    let how = match random.below(10) {
        0 | 1 if !bytes.is_empty() => {
            let (at, bit) = (random.below(bytes.len()), random.below(8));
            changed[at] ^= 1 << bit;
            format!("flipped in bit {bit} of byte {at}")
        }
        2 if !bytes.is_empty() => {
            changed.truncate(random.below(bytes.len()));
            format!("cut to {} bytes", changed.len())
        }
        3 => {
            let more = 1 + random.below(40);
            changed.extend((0..more).map(|_| random.byte()));
            format!("longer by {more} bytes")
        }
        4 => {
            changed.fill(0);
            "all zero".to_owned()
        }
        5 => {
            changed.fill(0xff);
            "all 0xff".to_owned()
        }
        6 => {
            changed.clear();
            "empty".to_owned()
        }
        7 => {
            let at = random.below(bytes.len() + 1);
            let stranger = *random.one_of(&[b'\n', 0, b' ', 0x80, 0xc0, b'%', b'/', b'\t']);
            changed.insert(at, stranger);
            format!("with byte {stranger:#04x} put in at {at}")
        }
        8 => {
            let length = 1 + random.below(1 + bytes.len() * 2);
            changed = (0..length).map(|_| random.byte()).collect();
            format!("of {length} other bytes")
        }
        _ => {
            let length = *random.one_of(&[128, 129, 1_024, 4_097, 16_385, LONGEST]);
            changed = (0..length).map(|_| random.byte()).collect();
            format!("of {length} other bytes")
        }
    };
    (changed, how)
}

/// SplitMix64 (Steele, Lea and Flood, 2014): good enough to choose cases, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `end`, which is at least 1.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn byte(&mut self) -> u8 {
        self.next() as u8
    }

    fn one_of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}
