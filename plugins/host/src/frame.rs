//! What a plugin's process and the server say to each other: frames of a length and so many bytes.
//!
//! Little-endian throughout. A frame is a `u32` length, a byte that tells what it is, and its fields; a text or
//! list is a `u32` length and its bytes. Whatever is cut, too long, or has something left over is no frame.

use crate::{
    call::{Breach, Reply, Request, VerifyRequest},
    descriptor::{ChainDescriptor, Descriptor, SelfTest},
    refusal::Refusal,
};

/// Longest frame, in bytes, without its length.
pub(crate) const MAX_FRAME_LEN: usize = 128 * 1024;
/// Most items of a list.
const MAX_ITEMS: usize = 256;

/// What is sent either way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Frame {
    /// To the process: jail yourself, except for these layers if need be, and open the library.
    Open { without: Vec<String> },
    /// From it: the library is open. These layers are missing.
    Opened {
        descriptor: Descriptor,
        missing: Vec<String>,
    },
    /// To it: create the plugin, with this configuration.
    Create { config: String },
    /// From it: the plugin is created.
    Created,
    /// From it, instead: this rule was broken.
    Refused(Refusal),
    /// To it.
    Call(Request),
    /// From it.
    Reply(Reply),
    /// From it, instead of a reply: the plugin did this.
    Breach(Breach),
    /// From it, before a reply: the plugin says something.
    Log { level: u32, line: Vec<u8> },
}

/// Bytes that are no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no frame")]
pub(crate) struct NoFrame;

impl Frame {
    /// With its length in front; `None` if it is too long to be one.
    pub(crate) fn encode(&self) -> Option<Vec<u8>> {
        let mut out = Writer(vec![0; 4]);
        out.frame(self);
        let length = out.0.len() - 4;
        if length > MAX_FRAME_LEN {
            return None;
        }
        let length = u32::try_from(length).ok()?;
        out.0[..4].copy_from_slice(&length.to_le_bytes());
        Some(out.0)
    }

    /// The bytes behind the length.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, NoFrame> {
        let mut reader = Reader(bytes);
        let frame = reader.frame()?;
        if reader.0.is_empty() {
            Ok(frame)
        } else {
            Err(NoFrame)
        }
    }
}

const OPEN: u8 = 1;
const OPENED: u8 = 2;
const CREATE: u8 = 3;
const CREATED: u8 = 4;
const REFUSED: u8 = 5;
const PARSE_ADDRESS: u8 = 6;
const VERIFY: u8 = 7;
const REPLY: u8 = 8;
const BREACH: u8 = 9;
const LOG: u8 = 10;

const BREACHES: [Breach; 7] = [
    Breach::Length,
    Breach::Buffer,
    Breach::Frame,
    Breach::Echo,
    Breach::Verdict,
    Breach::Signer,
    Breach::Address,
];

struct Writer(Vec<u8>);

impl Writer {
    fn frame(&mut self, frame: &Frame) {
        match frame {
            Frame::Open { without } => self.tag(OPEN).texts(without),
            Frame::Opened {
                descriptor,
                missing,
            } => self.tag(OPENED).descriptor(descriptor).texts(missing),
            Frame::Create { config } => self.tag(CREATE).text(config),
            Frame::Created => self.tag(CREATED),
            Frame::Refused(refusal) => self.tag(REFUSED).refusal(refusal),
            Frame::Call(Request::ParseAddress { chain_index, text }) => {
                self.tag(PARSE_ADDRESS).u32(*chain_index).text(text)
            }
            Frame::Call(Request::Verify(request)) => self.tag(VERIFY).verify(request),
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
        };
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

    fn verify(&mut self, request: &VerifyRequest) -> &mut Self {
        self.u32(request.chain_index)
            .u64(request.call_id)
            .text(&request.reference)
            .text(&request.address)
            .bytes(&request.message)
            .bytes(&request.signature)
            .bytes(&request.public_key)
            .text(&request.key_type)
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

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn frame(&mut self) -> Result<Frame, NoFrame> {
        Ok(match self.tag()? {
            OPEN => Frame::Open {
                without: self.texts()?,
            },
            OPENED => Frame::Opened {
                descriptor: self.descriptor()?,
                missing: self.texts()?,
            },
            CREATE => Frame::Create {
                config: self.text()?,
            },
            CREATED => Frame::Created,
            REFUSED => {
                let (code, first, second) = (self.text()?, self.text()?, self.text()?);
                Frame::Refused(Refusal::from_parts(&code, first, second).ok_or(NoFrame)?)
            }
            PARSE_ADDRESS => Frame::Call(Request::ParseAddress {
                chain_index: self.u32()?,
                text: self.text()?,
            }),
            VERIFY => Frame::Call(Request::Verify(self.verify()?)),
            REPLY => Frame::Reply(Reply {
                status: self.u32()?.cast_signed(),
                verdict: self.u32()?,
                call_id: self.u64()?,
                output: self.bytes()?,
                error: self.bytes()?,
            }),
            BREACH => {
                let at = usize::from(self.tag()?);
                Frame::Breach(*BREACHES.get(at).ok_or(NoFrame)?)
            }
            LOG => Frame::Log {
                level: self.u32()?,
                line: self.bytes()?,
            },
            _ => return Err(NoFrame),
        })
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], NoFrame> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(NoFrame)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn tag(&mut self) -> Result<u8, NoFrame> {
        self.take::<1>().map(|[tag]| tag)
    }

    fn u32(&mut self) -> Result<u32, NoFrame> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, NoFrame> {
        self.take().map(u64::from_le_bytes)
    }

    fn bytes(&mut self) -> Result<Vec<u8>, NoFrame> {
        let length = usize::try_from(self.u32()?).map_err(|_| NoFrame)?;
        let (taken, rest) = self.0.split_at_checked(length).ok_or(NoFrame)?;
        self.0 = rest;
        Ok(taken.to_vec())
    }

    fn text(&mut self) -> Result<String, NoFrame> {
        String::from_utf8(self.bytes()?).map_err(|_| NoFrame)
    }

    fn each<T>(
        &mut self,
        read: impl Fn(&mut Self) -> Result<T, NoFrame>,
    ) -> Result<Vec<T>, NoFrame> {
        let count = usize::try_from(self.u32()?).map_err(|_| NoFrame)?;
        if count > MAX_ITEMS {
            return Err(NoFrame);
        }
        (0..count).map(|_| read(self)).collect()
    }

    fn texts(&mut self) -> Result<Vec<String>, NoFrame> {
        self.each(Self::text)
    }

    fn verify(&mut self) -> Result<VerifyRequest, NoFrame> {
        Ok(VerifyRequest {
            chain_index: self.u32()?,
            call_id: self.u64()?,
            reference: self.text()?,
            address: self.text()?,
            message: self.bytes()?,
            signature: self.bytes()?,
            public_key: self.bytes()?,
            key_type: self.text()?,
        })
    }

    fn descriptor(&mut self) -> Result<Descriptor, NoFrame> {
        Ok(Descriptor {
            name: self.text()?,
            version: self.text()?,
            build_info: self.text()?,
            chains: self.each(Self::chain)?,
        })
    }

    fn chain(&mut self) -> Result<ChainDescriptor, NoFrame> {
        Ok(ChainDescriptor {
            namespace: self.text()?,
            display_name: self.text()?,
            flags: self.u64()?,
            chain_ids: self.each(|reader| Ok((reader.text()?, reader.text()?)))?,
            key_types: self.texts()?,
            self_tests: self.each(Self::self_test)?,
            max_address_len: self.u32()?,
            max_signature_len: self.u32()?,
            max_public_key_len: self.u32()?,
        })
    }

    fn self_test(&mut self) -> Result<SelfTest, NoFrame> {
        Ok(SelfTest {
            reference: self.text()?,
            address: self.text()?,
            message: self.bytes()?,
            signature: self.bytes()?,
            public_key: self.bytes()?,
            key_type: self.text()?,
        })
    }
}

#[cfg(test)]
mod tests;
