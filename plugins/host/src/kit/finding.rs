//! What the kit finds: one code, one sentence and one cure for each rule.

use crate::{drill::Misdeed, refusal::Refusal};

/// Something that is wrong with a library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The code of the rule that it breaks, for example `CS-P112`; it never changes.
    pub code: &'static str,
    /// What was found.
    pub text: String,
    /// What to do about it.
    pub fix: &'static str,
}

impl Finding {
    pub(super) fn new(rule: Rule, text: String) -> Self {
        Self {
            code: rule.code(),
            text,
            fix: rule.fix(),
        }
    }
}

/// A library that would not be loaded.
impl From<&Refusal> for Finding {
    fn from(refusal: &Refusal) -> Self {
        Self {
            code: refusal.code(),
            text: refusal.text(),
            fix: match refusal {
                // It need not lie where a server would load it from.
                Refusal::File { .. } => {
                    "give the path of a library, a regular file that can be read"
                }
                _ => refusal.fix(),
            },
        }
    }
}

/// What the kit looks for, besides what keeps a library from being loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Nothing is exported but the descriptor.
    Exports,
    /// There are at least three proofs of each chain.
    FewProofs,
    /// The vectors' proofs are judged as they say.
    Vector,
    /// A proof that was changed does not hold.
    Changed,
    /// Nobody can make a second signature from a first one.
    Malleable,
    /// Every proof gets an answer.
    NotJudged,
    /// The vectors' addresses are read as they say.
    VectorAddress,
    /// An address has one form, and nothing around it or within it.
    Lenient,
    /// No input ends the process.
    Crash,
    /// Every call returns.
    Hang,
    /// A call does not do what the contract forbids.
    Contract(Breach),
    /// No system calls.
    SystemCall,
    /// No memory is kept.
    Memory,
    /// No input takes long.
    Slow,
}

/// What a call may not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breach(pub(super) Misdeed);

impl Rule {
    /// The code of the rule.
    pub fn code(self) -> &'static str {
        match self {
            Self::Exports => "CS-P101",
            Self::FewProofs => "CS-P110",
            Self::Vector => "CS-P111",
            Self::Changed => "CS-P112",
            Self::Malleable => "CS-P113",
            Self::NotJudged => "CS-P114",
            Self::VectorAddress => "CS-P120",
            Self::Lenient => "CS-P121",
            Self::Crash => "CS-P130",
            Self::Hang => "CS-P131",
            Self::Contract(Breach(misdeed)) => code_of(misdeed),
            Self::SystemCall => "CS-P160",
            Self::Memory => "CS-P161",
            Self::Slow => "CS-P162",
        }
    }

    /// What to do about it.
    pub fn fix(self) -> &'static str {
        match self {
            Self::Exports => {
                "compile with -fvisibility=hidden, and export the descriptor alone (C: CS_EXPORT)"
            }
            Self::FewProofs => {
                "add proofs that a wallet made to `self_tests`, or give them with --vectors"
            }
            Self::Vector | Self::VectorAddress => {
                "correct the plugin, or the vector if it is wrong"
            }
            Self::Changed => {
                "check lengths first, and that the signature is one of exactly this message by exactly this account"
            }
            Self::Malleable => {
                "refuse S of Ed25519 that is not below the group's order, and S of ECDSA above half of it"
            }
            Self::NotJudged => "return INVALID, or INVALID_INPUT, for whatever is no valid proof",
            Self::Lenient => "accept addresses as wallets show them, and nothing else",
            Self::Crash => {
                "check every length and pointer before it is used; run the plugin's tests with a sanitizer"
            }
            Self::Hang => "bound every loop by the length of its input",
            Self::Contract(Breach(misdeed)) => fix_of(misdeed),
            Self::SystemCall => {
                "take no clock, file, randomness or thread: Rust's HashMap needs randomness, BTreeMap does not"
            }
            Self::Memory => {
                "free what a call allocates before it returns, and an instance in `destroy`"
            }
            Self::Slow => "refuse what is too long before doing anything with it",
        }
    }
}

fn code_of(misdeed: Misdeed) -> &'static str {
    match misdeed {
        Misdeed::Status => "CS-P140",
        Misdeed::Panic => "CS-P141",
        Misdeed::Buffer => "CS-P142",
        Misdeed::Length => "CS-P143",
        Misdeed::Inputs => "CS-P144",
        Misdeed::SmallStruct => "CS-P145",
        Misdeed::SmallBuffer => "CS-P146",
        Misdeed::ChainIndex => "CS-P147",
        Misdeed::Echo => "CS-P148",
        Misdeed::Verdict => "CS-P149",
        Misdeed::Accepts => "CS-P150",
        Misdeed::Refuses => "CS-P151",
        Misdeed::Canonical => "CS-P152",
        Misdeed::ErrorText => "CS-P153",
        Misdeed::Differs => "CS-P154",
        Misdeed::Create => "CS-P155",
        Misdeed::Signer => "CS-P156",
    }
}

/// What it did, in words that follow the case and a colon.
pub(super) fn text_of(misdeed: Misdeed) -> &'static str {
    match misdeed {
        Misdeed::Status => "it answers with a status that the header does not have",
        Misdeed::Panic => "it panics",
        Misdeed::Buffer => "it writes where it may not",
        Misdeed::Length => "it claims more bytes than there is room for",
        Misdeed::Inputs => "it changes what it is asked with",
        Misdeed::SmallStruct => "it does not answer UNSUPPORTED, or writes a reply",
        Misdeed::SmallBuffer => "it does not answer BUFFER_TOO_SMALL",
        Misdeed::ChainIndex => "it answers OK",
        Misdeed::Echo => "it does not echo the call id",
        Misdeed::Verdict => "its verdict is neither VALID nor INVALID",
        Misdeed::Accepts => "it calls it valid",
        Misdeed::Refuses => "it does not call it valid",
        Misdeed::Canonical => {
            "what it returns is no canonical address, or one that is not read as itself"
        }
        Misdeed::ErrorText => "its error is not UTF-8",
        Misdeed::Differs => "another thread or instance gets another answer",
        Misdeed::Create => "no further instance can be created",
        Misdeed::Signer => "it calls it valid, for another signer",
    }
}

fn fix_of(misdeed: Misdeed) -> &'static str {
    match misdeed {
        Misdeed::Status => "return one of the header's statuses",
        Misdeed::Panic => "return an error instead of unwrapping, indexing or overflowing",
        Misdeed::Buffer | Misdeed::Length | Misdeed::SmallBuffer => {
            "write answers with the SDK, or with cs_put and cs_fail"
        }
        Misdeed::Inputs => "never write through a pointer of a request",
        Misdeed::SmallStruct => {
            "begin each function as the SDK does, or with cs_can_verify and cs_can_parse_address"
        }
        Misdeed::ChainIndex => "compare `chain_index` with the number of chains",
        Misdeed::Echo => "copy `call_id` into the reply first",
        Misdeed::Verdict => "write one of the two verdicts, and last",
        Misdeed::Accepts => {
            "compare every part of the proof that is sent: reference, address, public key and key type, too"
        }
        Misdeed::Refuses => "look for state that an earlier call left behind",
        Misdeed::Canonical => "return one form of each address, and read it as itself",
        Misdeed::ErrorText => "write errors in UTF-8, or leave them empty",
        Misdeed::Differs => "keep no state that calls change",
        Misdeed::Signer => "name the account that the signature is of, or return INVALID",
        Misdeed::Create => "let instances share nothing, and free in `destroy` what `create` took",
    }
}
