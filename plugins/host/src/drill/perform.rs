//! Performs one case: the raw call, in memory that is guarded, and what of it the plugin touched.

use std::{
    ffi::c_void,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    mem::size_of,
    ptr::{null, null_mut},
    slice,
};

use countersign_plugin_abi::{self as abi, status, verdict};

use super::{
    case::{ADDRESS, Asked, Case, Shape},
    floor::Floor,
    report::Misdeed,
    traps,
};
use crate::loaded::Instance;

/// What a struct of a later version has behind what we know.
const LATER: [u8; 32] = [0xa5; 32];
/// To be echoed.
const CALL_ID: u64 = 0x5ca1_ab1e_0dd5_eed5;

/// Memory for one call at a time.
pub(super) struct Stage {
    fields: [Floor; 6],
    request: Floor,
    reply: Floor,
    output: Floor,
    error: Floor,
}

/// What a plugin answered.
pub(super) struct Answer {
    /// What the call returned.
    pub status: i32,
    /// 0 for an address.
    pub verdict: u32,
    /// The canonical address, or the signer.
    pub output: Vec<u8>,
    /// What it did that it may not.
    pub misdeed: Option<Misdeed>,
}

impl Answer {
    /// The same for the same answer. What it says about a failure does not count.
    pub(super) fn digest(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.status, self.verdict, &self.output).hash(&mut hasher);
        hasher.finish()
    }

    fn bad(misdeed: Misdeed) -> Self {
        Self {
            status: status::INTERNAL,
            verdict: 0,
            output: vec![],
            misdeed: Some(misdeed),
        }
    }
}

impl Stage {
    /// # Errors
    /// What the operating system says when there is no memory.
    pub(super) fn new() -> io::Result<Self> {
        let floor = Floor::new;
        Ok(Self {
            fields: [floor()?, floor()?, floor()?, floor()?, floor()?, floor()?],
            request: floor()?,
            reply: floor()?,
            output: floor()?,
            error: floor()?,
        })
    }

    /// Asks, and notes what is wrong with the answer by itself.
    pub(super) fn call(&mut self, case: &Case, on: &Instance) -> Answer {
        match &case.asked {
            Asked::Address { chain, text } => self.address(*chain, text, case.shape, on),
            Asked::Proof { chain, fields } => self.proof(*chain, fields, case.shape, on),
        }
    }

    /// Asks about an address.
    pub(super) fn address(
        &mut self,
        chain: u32,
        text: &[u8],
        shape: Shape,
        on: &Instance,
    ) -> Answer {
        let (functions, instance) = on.parts();
        let room = room(shape, text.len());
        let asked = abi::AddressRequest {
            struct_size: request_size::<abi::AddressRequest>(shape),
            chain_index: chain,
            text: bytes(&mut self.fields[0], text),
            reference: bytes(&mut self.fields[1], &[]),
        };
        let given = abi::AddressReply {
            struct_size: reply_size::<abi::AddressReply>(shape),
            flags: 0,
            canonical: out(&mut self.output, room),
            error: out(&mut self.error, abi::MAX_ERROR_LEN as usize),
        };
        let (request, reply) = self.place(&asked, &given, shape);
        // SAFETY: both are null or lie in guarded memory, with all they point to.
        let status = traps::inside(|| unsafe {
            (functions.parse_address)(instance, request.cast(), reply.cast())
        });
        if let Err(misdeed) = self.is_untouched(&[text], &asked, &given, status, shape) {
            return Answer::bad(misdeed);
        }
        if is_unsupported(shape) {
            return refused(status);
        }
        // SAFETY: the reply lies there, and holds any bytes.
        let now = unsafe { reply.cast::<abi::AddressReply>().read_unaligned() };
        let output = (&given.canonical, &now.canonical);
        self.take(status, 0, output, (&given.error, &now.error))
    }

    fn proof(&mut self, chain: u32, fields: &[Vec<u8>; 6], shape: Shape, on: &Instance) -> Answer {
        let (functions, instance) = on.parts();
        let room = room(shape, fields[ADDRESS].len());
        let [reference, address, message, signature, public_key, key_type] = &mut self.fields;
        let asked = abi::VerifyRequest {
            struct_size: request_size::<abi::VerifyRequest>(shape),
            chain_index: chain,
            call_id: CALL_ID,
            reference: bytes(reference, &fields[0]),
            address: bytes(address, &fields[1]),
            message: bytes(message, &fields[2]),
            signature: bytes(signature, &fields[3]),
            public_key: bytes(public_key, &fields[4]),
            key_type: bytes(key_type, &fields[5]),
            evidence: null(),
            evidence_len: 0,
        };
        let nowhere = abi::OutBuffer {
            ptr: null_mut(),
            cap: 0,
            len: 0,
        };
        let given = abi::VerifyReply {
            struct_size: reply_size::<abi::VerifyReply>(shape),
            verdict: 0,
            call_id: 0,
            signer: out(&mut self.output, room),
            error: out(&mut self.error, abi::MAX_ERROR_LEN as usize),
            evidence_request: nowhere,
        };
        let (request, reply) = self.place(&asked, &given, shape);
        // SAFETY: both are null or lie in guarded memory, with all they point to.
        let status =
            traps::inside(|| unsafe { (functions.verify)(instance, request.cast(), reply.cast()) });
        let inputs: Vec<&[u8]> = fields.iter().map(Vec::as_slice).collect();
        if let Err(misdeed) = self.is_untouched(&inputs, &asked, &given, status, shape) {
            return Answer::bad(misdeed);
        }
        if is_unsupported(shape) {
            return refused(status);
        }
        // SAFETY: the reply lies there, and holds any bytes.
        let now = unsafe { reply.cast::<abi::VerifyReply>().read_unaligned() };
        self.take_verdict(status, &given, &now)
    }

    fn take_verdict(
        &self,
        status: i32,
        before: &abi::VerifyReply,
        now: &abi::VerifyReply,
    ) -> Answer {
        if !now.evidence_request.ptr.is_null() || now.evidence_request.cap != 0 {
            return Answer::bad(Misdeed::Buffer);
        }
        if status == status::OK && now.call_id != CALL_ID {
            return Answer::bad(Misdeed::Echo);
        }
        let is_verdict = [verdict::VALID, verdict::INVALID].contains(&now.verdict);
        if status == status::OK && !is_verdict {
            return Answer::bad(Misdeed::Verdict);
        }
        // A signer counts beside VALID only.
        let has_signer = now.verdict == verdict::VALID;
        let answer = self.take(
            if has_signer { status } else { status::INTERNAL },
            now.verdict,
            (&before.signer, &now.signer),
            (&before.error, &now.error),
        );
        let misdeed = answer.misdeed.or(bad_status(status));
        Answer {
            status,
            misdeed,
            ..answer
        }
    }

    /// Puts request and reply where they end with their sizes.
    fn place<Q, P>(&mut self, asked: &Q, given: &P, shape: Shape) -> (*mut u8, *mut u8) {
        let request = match shape {
            Shape::NoRequest => null_mut(),
            Shape::ShortRequest(size) => self.request.place(&raw(asked)[..size as usize]),
            Shape::Longer => self.request.place(&[raw(asked), &LATER].concat()),
            _ => self.request.place(raw(asked)),
        };
        let reply = match shape {
            Shape::NoReply => null_mut(),
            Shape::ShortReply(size) => self.reply.place(&raw(given)[..size as usize]),
            Shape::Longer => self.reply.place(&[raw(given), &LATER].concat()),
            _ => self.reply.place(raw(given)),
        };
        (request, reply)
    }

    /// What was asked with is as it was. So is the reply, if it could not be given.
    fn is_untouched<Q, P>(
        &self,
        inputs: &[&[u8]],
        asked: &Q,
        given: &P,
        status: i32,
        shape: Shape,
    ) -> Result<(), Misdeed> {
        let fields = inputs.iter().zip(&self.fields);
        let mut are_same = fields.map(|(input, floor)| floor.last(input.len()) == *input);
        let later = if shape == Shape::Longer {
            LATER.len()
        } else {
            0
        };
        let lies = |floor: &Floor, of: &[u8], size: u32| match later {
            0 => floor.last(size as usize) == &of[..size as usize],
            later => floor.last(of.len() + later).starts_with(of),
        };
        let sizes = (size_of::<Q>() as u32, size_of::<P>() as u32);
        let is_asked = match shape {
            Shape::NoRequest => true,
            Shape::ShortRequest(size) => lies(&self.request, raw(asked), size),
            _ => lies(&self.request, raw(asked), sizes.0),
        };
        if !are_same.all(|is_same| is_same) || !is_asked {
            return Err(Misdeed::Inputs);
        }
        if later > 0 && self.reply.last(later) != LATER {
            return Err(Misdeed::Buffer);
        }
        if !is_unsupported(shape) {
            return Ok(());
        }
        let is_given = match shape {
            Shape::NoReply => true,
            Shape::ShortReply(size) => lies(&self.reply, raw(given), size),
            _ => lies(&self.reply, raw(given), sizes.1),
        };
        if status != status::UNSUPPORTED || !is_given {
            return Err(Misdeed::SmallStruct);
        }
        Ok(())
    }

    /// What stands in the buffers.
    fn take(
        &self,
        status: i32,
        verdict: u32,
        output: (&abi::OutBuffer, &abi::OutBuffer),
        error: (&abi::OutBuffer, &abi::OutBuffer),
    ) -> Answer {
        let is_same = |(before, now): (&abi::OutBuffer, &abi::OutBuffer), floor: &Floor| {
            std::ptr::eq(before.ptr, now.ptr) && before.cap == now.cap && floor.is_intact(now.cap)
        };
        if !is_same(output, &self.output) || !is_same(error, &self.error) {
            return Answer::bad(Misdeed::Buffer);
        }
        let is_ok = status == status::OK;
        let is_long = is_ok && output.1.len > output.1.cap;
        if is_long || error.1.len > error.1.cap {
            return Answer::bad(Misdeed::Length);
        }
        let text = &self.error.last(error.1.cap)[..error.1.len];
        if std::str::from_utf8(text).is_err() {
            return Answer::bad(Misdeed::ErrorText);
        }
        let written = if is_ok { output.1.len } else { 0 };
        Answer {
            status,
            verdict,
            output: self.output.last(output.1.cap)[..written].to_vec(),
            misdeed: bad_status(status),
        }
    }
}

fn bad_status(status: i32) -> Option<Misdeed> {
    match status {
        status::PANIC => Some(Misdeed::Panic),
        status::OK..=status::CHECK_FAILED => None,
        _ => Some(Misdeed::Status),
    }
}

fn refused(status: i32) -> Answer {
    Answer {
        status,
        verdict: 0,
        output: vec![],
        misdeed: None,
    }
}

fn is_unsupported(shape: Shape) -> bool {
    use Shape::{NoReply, NoRequest, ShortReply, ShortRequest};
    matches!(shape, NoReply | NoRequest | ShortReply(_) | ShortRequest(_))
}

/// How much room an answer gets that takes so many bytes.
fn room(shape: Shape, answer: usize) -> usize {
    match shape {
        Shape::NoRoom => 0,
        Shape::LessRoom => answer.saturating_sub(1),
        Shape::ExactRoom => answer,
        _ => abi::MAX_ADDRESS_LEN as usize,
    }
}

fn request_size<T>(shape: Shape) -> u32 {
    match shape {
        Shape::ShortRequest(size) => size,
        Shape::Longer => (size_of::<T>() + LATER.len()) as u32,
        _ => size_of::<T>() as u32,
    }
}

fn reply_size<T>(shape: Shape) -> u32 {
    match shape {
        Shape::ShortReply(size) => size,
        Shape::Longer => (size_of::<T>() + LATER.len()) as u32,
        _ => size_of::<T>() as u32,
    }
}

fn bytes(floor: &mut Floor, of: &[u8]) -> abi::Bytes {
    let ptr: *const u8 = if of.is_empty() {
        null()
    } else {
        floor.place(of)
    };
    abi::Bytes { ptr, len: of.len() }
}

fn out(floor: &mut Floor, room: usize) -> abi::OutBuffer {
    abi::OutBuffer {
        ptr: floor.room(room),
        cap: room,
        len: 0,
    }
}

/// The bytes of a struct of the ABI.
fn raw<T>(of: &T) -> &[u8] {
    // SAFETY: the structs of the ABI have no padding, so that each of their bytes is one.
    unsafe { slice::from_raw_parts((&raw const *of).cast(), size_of::<T>()) }
}

const _: () = assert!(size_of::<*mut c_void>() == 8);
