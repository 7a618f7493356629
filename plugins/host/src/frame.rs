//! What a plugin's process and the server say to each other: frames of a length and so many bytes.
//!
//! Little-endian throughout. A frame is a `u32` length, a byte that tells what it is, and its fields; a text or
//! list is a `u32` length and its bytes. Whatever is cut, too long, or has something left over is no frame.

mod reader;
mod writer;

use crate::{
    call::{Breach, Reply, Request},
    descriptor::Descriptor,
    drill::{Drill, Drilled},
    refusal::Refusal,
};

use reader::Reader;
use writer::Writer;

/// Longest frame, in bytes, without its length.
pub(crate) const MAX_FRAME_LEN: usize = 128 * 1024;
/// Most items of a list.
const MAX_ITEMS: usize = 256;

/// What is sent either way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Frame {
    /// To the process: jail yourself, except for these layers if need be, and open the library. With threads, it is to
    /// be drilled.
    Open { without: Vec<String>, threads: u32 },
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
    Call(Request<'static>),
    /// From it.
    Reply(Reply),
    /// From it, instead of a reply: the plugin did this.
    Breach(Breach),
    /// From it, before a reply: the plugin says something.
    Log { level: u32, line: Vec<u8> },
    /// To it, if it was opened with threads.
    Drill(Drill),
    /// From it.
    Drilled(Drilled),
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
        out.finish()
    }

    /// As [`encode`](Self::encode), for a call that is only looked at.
    pub(crate) fn encode_call(request: &Request<'_>) -> Option<Vec<u8>> {
        let mut out = Writer(vec![0; 4]);
        out.call(request);
        out.finish()
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
const DRILL_CASES: u8 = 11;
const DRILL_TOGETHER: u8 = 12;
const DRILL_INSTANCES: u8 = 13;
const DRILLED: u8 = 14;

const BREACHES: [Breach; 7] = [
    Breach::Length,
    Breach::Buffer,
    Breach::Frame,
    Breach::Echo,
    Breach::Verdict,
    Breach::Signer,
    Breach::Address,
];

#[cfg(test)]
mod tests;
