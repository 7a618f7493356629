//! One call of a plugin, whichever way it runs.

use std::borrow::Cow;

use async_trait::async_trait;

/// What a plugin is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request<'a> {
    /// Whether a text is an address.
    ParseAddress {
        /// Which of the plugin's chains.
        chain_index: u32,
        /// Reference of the chain; empty: only the namespace is known.
        reference: Cow<'a, str>,
        /// The text.
        text: Cow<'a, str>,
    },
    /// Whether a proof holds.
    Verify(VerifyRequest<'a>),
}

/// A proof, as a plugin is asked about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VerifyRequest<'a> {
    /// Which of the plugin's chains.
    pub chain_index: u32,
    /// To be echoed.
    pub call_id: u64,
    /// Reference of the chain.
    pub reference: Cow<'a, str>,
    /// The account's canonical address.
    pub address: Cow<'a, str>,
    /// The bytes signed.
    pub message: Cow<'a, [u8]>,
    /// The signature.
    pub signature: Cow<'a, [u8]>,
    /// Empty: none.
    pub public_key: Cow<'a, [u8]>,
    /// Empty: none named.
    pub key_type: Cow<'a, str>,
}

/// What it answered, not believed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    /// One of the ABI's statuses, or anything else.
    pub status: i32,
    /// One of the ABI's verdicts, or anything else; 0 for an address.
    pub verdict: u32,
    /// The echo; 0 for an address.
    pub call_id: u64,
    /// The canonical address, or the signer.
    pub output: Vec<u8>,
    /// What it says about a failure.
    pub error: Vec<u8>,
}

/// Why there is no reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CallFault {
    /// It did not answer in time.
    #[error("no answer in time")]
    TimedOut,
    /// Its process ended.
    #[error("its process ended")]
    Died,
    /// All its processes were busy for too long, which is nobody's fault.
    #[error("all its processes are busy")]
    Busy,
    /// It broke the contract.
    #[error(transparent)]
    Breach(#[from] Breach),
}

/// What no plugin may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Breach {
    /// A length beyond the buffer.
    #[error("it claims more bytes than there is room for")]
    Length,
    /// A buffer's pointer or room is another than it was given, or bytes behind it were written.
    #[error("it wrote where it may not")]
    Buffer,
    /// What its process sends is no frame.
    #[error("its process sends what is no answer")]
    Frame,
    /// An answer to another call.
    #[error("it did not echo the call")]
    Echo,
    /// Neither verdict.
    #[error("its verdict is neither valid nor invalid")]
    Verdict,
    /// Somebody else's signature for the account's.
    #[error("it calls a proof valid for another signer")]
    Signer,
    /// What it calls an address is none.
    #[error("its canonical address is none")]
    Address,
}

/// Where calls go: into the process, or to a child.
#[async_trait]
pub(crate) trait Backend: Send + Sync {
    /// The answer of a plugin that needs not be waited for; `None` for one that does.
    fn call_at_once(&self, _request: &Request<'_>) -> Option<Result<Reply, CallFault>> {
        None
    }

    /// Asks, and waits for the answer or the deadline.
    async fn call(&self, request: &Request<'_>) -> Result<Reply, CallFault>;

    /// Numbers of its processes that wait for a call.
    fn processes(&self) -> Vec<u32> {
        vec![]
    }

    /// Layers of the jail that it goes without.
    fn missing_layers(&self) -> Vec<String> {
        vec![]
    }
}
