//! What is asked of the process that drills a plugin, and what it found.

/// What a plugin is put through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Drill {
    /// So many cases from this number, one after the other.
    Cases { first: u32, count: u32 },
    /// The first so many cases on every thread at once, each thread in an order of its own.
    Together { count: u32 },
    /// So many instances, one after the other; then two beside each other.
    Instances { count: u32 },
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Drilled {
    /// What the plugin did that it may not; the first few.
    pub faults: Vec<Fault>,
    /// Number of the case that took longest.
    pub slowest: u32,
    /// How long it took, in microseconds.
    pub slowest_us: u32,
    /// Numbers of the system calls that it tried during calls, and that the jail denied.
    pub system_calls: Vec<u32>,
}

/// Faults of one drill that are kept.
const MOST_FAULTS: usize = 16;

impl Drilled {
    pub(crate) fn note(&mut self, case: u32, what: Option<Misdeed>) {
        let Some(what) = what else { return };
        let is_new = self.faults.iter().all(|fault| fault.what != what);
        if is_new && self.faults.len() < MOST_FAULTS {
            self.faults.push(Fault { case, what });
        }
    }
}

/// One thing that a plugin did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault {
    /// In which case.
    pub case: u32,
    /// What it did.
    pub what: Misdeed,
}

/// What a plugin may not do with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Misdeed {
    /// It answered with a status that the header does not know.
    Status,
    /// It panicked.
    Panic,
    /// It changed the pointer or the room of a buffer, or wrote before it.
    Buffer,
    /// It claims more bytes than there is room for.
    Length,
    /// It changed what it was asked with.
    Inputs,
    /// It read or wrote a struct that is too small, or did not say so.
    SmallStruct,
    /// It did not say that a buffer is too small.
    SmallBuffer,
    /// It answered for a chain that it does not have.
    ChainIndex,
    /// It did not echo the call.
    Echo,
    /// Its verdict is neither valid nor invalid.
    Verdict,
    /// It calls a changed proof valid.
    Accepts,
    /// It refuses a proof of its own.
    Refuses,
    /// Its canonical address is none, or is not read as itself.
    Canonical,
    /// Its error is no text.
    ErrorText,
    /// It does not always answer the same.
    Differs,
    /// It cannot be created a second time.
    Create,
    /// It calls a proof valid for another signer.
    Signer,
}

/// All of them, in the order of their numbers on the socket.
pub(crate) const MISDEEDS: [Misdeed; 17] = [
    Misdeed::Status,
    Misdeed::Panic,
    Misdeed::Buffer,
    Misdeed::Length,
    Misdeed::Inputs,
    Misdeed::SmallStruct,
    Misdeed::SmallBuffer,
    Misdeed::ChainIndex,
    Misdeed::Echo,
    Misdeed::Verdict,
    Misdeed::Accepts,
    Misdeed::Refuses,
    Misdeed::Canonical,
    Misdeed::ErrorText,
    Misdeed::Differs,
    Misdeed::Create,
    Misdeed::Signer,
];
