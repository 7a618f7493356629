//! Frames as bytes.

use super::{
    BREACH, BREACHES, CREATE, CREATED, DRILL_CASES, DRILL_INSTANCES, DRILL_TOGETHER, DRILLED,
    Frame, LOG, MAX_FRAME_LEN, OPEN, OPENED, PARSE_ADDRESS, REFUSED, REPLY, VERIFY,
};
use crate::{
    call::{Request, VerifyRequest},
    descriptor::{ChainDescriptor, Descriptor},
    drill::{Drill, Drilled, MISDEEDS},
    refusal::Refusal,
};

pub(super) struct Writer(pub Vec<u8>);

impl Writer {
    pub(super) fn frame(&mut self, frame: &Frame) {
        match frame {
            Frame::Open { without, threads } => self.tag(OPEN).texts(without).u32(*threads),
            Frame::Opened {
                descriptor,
                missing,
            } => self.tag(OPENED).descriptor(descriptor).texts(missing),
            Frame::Create { config } => self.tag(CREATE).text(config),
            Frame::Created => self.tag(CREATED),
            Frame::Refused(refusal) => self.tag(REFUSED).refusal(refusal),
            Frame::Call(request) => self.call(request),
            Frame::Reply(reply) => self
                .tag(REPLY)
                .u32(reply.status.cast_unsigned())
                .u32(reply.verdict)
                .u64(reply.call_id)
                .bytes(&reply.output)
                .bytes(&reply.error),
            Frame::Breach(breach) => {
                let at = BREACHES.iter().position(|known| known == breach);
                self.tag(BREACH).tag(at.map_or(u8::MAX, |at| at as u8))
            }
            Frame::Log { level, line } => self.tag(LOG).u32(*level).bytes(line),
            Frame::Drill(Drill::Cases { first, count }) => {
                self.tag(DRILL_CASES).u32(*first).u32(*count)
            }
            Frame::Drill(Drill::Together { count }) => self.tag(DRILL_TOGETHER).u32(*count),
            Frame::Drill(Drill::Instances { count }) => self.tag(DRILL_INSTANCES).u32(*count),
            Frame::Drilled(drilled) => self.tag(DRILLED).drilled(drilled),
        };
    }

    pub(super) fn call(&mut self, request: &Request<'_>) -> &mut Self {
        match request {
            Request::ParseAddress {
                chain_index,
                reference,
                text,
            } => {
                self.tag(PARSE_ADDRESS).u32(*chain_index);
                self.text(reference).text(text)
            }
            Request::Verify(request) => self.tag(VERIFY).verify(request),
        }
    }

    /// Puts the length in front; `None` if it is too long.
    pub(super) fn finish(mut self) -> Option<Vec<u8>> {
        let length = self.0.len() - 4;
        if length > MAX_FRAME_LEN {
            return None;
        }
        let length = u32::try_from(length).ok()?;
        self.0[..4].copy_from_slice(&length.to_le_bytes());
        Some(self.0)
    }

    fn tag(&mut self, tag: u8) -> &mut Self {
        self.0.push(tag);
        self
    }

    fn u32(&mut self, number: u32) -> &mut Self {
        self.0.extend(number.to_le_bytes());
        self
    }

    fn u64(&mut self, number: u64) -> &mut Self {
        self.0.extend(number.to_le_bytes());
        self
    }

    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.u32(length).0.extend(bytes);
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    fn each<T>(&mut self, items: &[T], write: impl Fn(&mut Self, &T)) -> &mut Self {
        self.u32(u32::try_from(items.len()).unwrap_or(u32::MAX));
        for item in items {
            write(self, item);
        }
        self
    }

    fn texts(&mut self, texts: &[String]) -> &mut Self {
        self.each(texts, |out, text| {
            out.text(text);
        })
    }

    fn verify(&mut self, request: &VerifyRequest<'_>) -> &mut Self {
        self.u32(request.chain_index)
            .u64(request.call_id)
            .text(&request.reference)
            .text(&request.address)
            .bytes(&request.message)
            .bytes(&request.signature)
            .bytes(&request.public_key)
            .text(&request.key_type)
    }

    fn drilled(&mut self, drilled: &Drilled) -> &mut Self {
        self.u32(drilled.slowest)
            .u32(drilled.slowest_us)
            .each(&drilled.faults, |out, fault| {
                let at = MISDEEDS.iter().position(|known| *known == fault.what);
                out.u32(fault.case).tag(at.map_or(u8::MAX, |at| at as u8));
            })
            .each(&drilled.system_calls, |out, number| {
                out.u32(*number);
            })
    }

    fn refusal(&mut self, refusal: &Refusal) -> &mut Self {
        let (code, first, second) = refusal.to_parts();
        self.text(code).text(&first).text(&second)
    }

    fn descriptor(&mut self, descriptor: &Descriptor) -> &mut Self {
        self.text(&descriptor.name)
            .text(&descriptor.version)
            .text(&descriptor.build_info)
            .each(&descriptor.chains, |out, chain| {
                out.chain(chain);
            })
    }

    fn chain(&mut self, chain: &ChainDescriptor) -> &mut Self {
        self.text(&chain.namespace)
            .text(&chain.display_name)
            .u64(chain.flags)
            .each(&chain.chain_ids, |out, (reference, text)| {
                out.text(reference).text(text);
            })
            .texts(&chain.key_types)
            .each(&chain.self_tests, |out, test| {
                out.text(&test.reference)
                    .text(&test.address)
                    .bytes(&test.message)
                    .bytes(&test.signature)
                    .bytes(&test.public_key)
                    .text(&test.key_type);
            })
            .u32(chain.max_address_len)
            .u32(chain.max_signature_len)
            .u32(chain.max_public_key_len)
    }
}
