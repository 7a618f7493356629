//! Frames from bytes, which a plugin may have made.

use super::{
    BREACH, BREACHES, CREATE, CREATED, DRILL_CASES, DRILL_INSTANCES, DRILL_TOGETHER, DRILLED,
    Frame, LOG, MAX_ITEMS, NoFrame, OPEN, OPENED, PARSE_ADDRESS, REFUSED, REPLY, VERIFY,
};
use crate::{
    call::{Reply, Request, VerifyRequest},
    descriptor::{ChainDescriptor, Descriptor, SelfTest},
    drill::{Drill, Drilled, Fault, MISDEEDS},
    refusal::Refusal,
};

pub(super) struct Reader<'a>(pub &'a [u8]);

impl Reader<'_> {
    pub(super) fn frame(&mut self) -> Result<Frame, NoFrame> {
        Ok(match self.tag()? {
            OPEN => Frame::Open {
                without: self.texts()?,
                threads: self.u32()?,
            },
            OPENED => Frame::Opened {
                descriptor: self.descriptor()?,
                missing: self.texts()?,
            },
            CREATE => Frame::Create {
                config: self.text()?,
            },
            CREATED => Frame::Created,
            REFUSED => Frame::Refused(self.refusal()?),
            PARSE_ADDRESS => Frame::Call(Request::ParseAddress {
                chain_index: self.u32()?,
                reference: self.text()?.into(),
                text: self.text()?.into(),
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
            DRILL_CASES => Frame::Drill(Drill::Cases {
                first: self.u32()?,
                count: self.u32()?,
            }),
            DRILL_TOGETHER => Frame::Drill(Drill::Together { count: self.u32()? }),
            DRILL_INSTANCES => Frame::Drill(Drill::Instances { count: self.u32()? }),
            DRILLED => Frame::Drilled(self.drilled()?),
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

    fn verify(&mut self) -> Result<VerifyRequest<'static>, NoFrame> {
        Ok(VerifyRequest {
            chain_index: self.u32()?,
            call_id: self.u64()?,
            reference: self.text()?.into(),
            address: self.text()?.into(),
            message: self.bytes()?.into(),
            signature: self.bytes()?.into(),
            public_key: self.bytes()?.into(),
            key_type: self.text()?.into(),
        })
    }

    fn refusal(&mut self) -> Result<Refusal, NoFrame> {
        let (code, first, second) = (self.text()?, self.text()?, self.text()?);
        let refusal = Refusal::from_parts(&code, first.clone(), second.clone());
        // Some rules have fewer parts, and a number is written in one way.
        refusal
            .filter(|refusal| refusal.to_parts() == (&*code, first, second))
            .ok_or(NoFrame)
    }

    fn drilled(&mut self) -> Result<Drilled, NoFrame> {
        Ok(Drilled {
            slowest: self.u32()?,
            slowest_us: self.u32()?,
            faults: self.each(|reader| {
                let (case, at) = (reader.u32()?, usize::from(reader.tag()?));
                let what = *MISDEEDS.get(at).ok_or(NoFrame)?;
                Ok(Fault { case, what })
            })?,
            system_calls: self.each(Self::u32)?,
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
