//! The stored request to sign.

use time::OffsetDateTime;

use crate::{
    chain::{Address, ChainAddress, ChainId, Namespace},
    id::ulid_id,
    nonce::Nonce,
    profile::Profile,
};

ulid_id! {
    /// Names a challenge; whoever asked for it answers by this id.
    ChallengeId
}

/// What a signature is asked for. A signature for one purpose is useless for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Start a session.
    SignIn,
    /// Mint an API key.
    MintKey,
}

impl Purpose {
    /// The name used in storage: `sign-in` or `mint-key`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::MintKey => "mint-key",
        }
    }

    /// Reads the name; `None` for any other.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::SignIn, Self::MintKey]
            .into_iter()
            .find(|purpose| purpose.as_str() == text)
    }
}

/// Who builds the message to sign, and for which chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// The client builds the message around the nonce, for any accepted chain of the namespace.
    ByClient {
        /// The chains the message may name.
        namespace: Namespace,
    },
    /// The server built this exact message for this chain.
    ByServer {
        /// The chain the message names.
        chain: ChainId,
        /// The exact text to sign: an EIP-4361 message.
        text: String,
    },
}

/// A request to sign, issued to one wallet for one purpose in one profile; usable once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The challenge's name.
    pub id: ChallengeId,
    /// The dialect it was issued in.
    pub profile: Profile,
    /// What it was issued for.
    pub purpose: Purpose,
    /// The one-time value. No other challenge of the profile has it.
    pub nonce: Nonce,
    /// The only address that can answer it.
    pub address: Address,
    /// Who builds the message, and for which chain.
    pub message: Message,
    /// When it was issued. Like every instant that is stored, in whole milliseconds.
    pub issued_at: OffsetDateTime,
    /// The first instant at which it is no longer valid.
    pub expires_at: OffsetDateTime,
    /// When it was consumed, if it was.
    pub consumed_at: Option<OffsetDateTime>,
}

impl Challenge {
    /// Whether it can still be redeemed: it was not consumed, and `now` is before `expires_at`.
    pub fn is_live(&self, now: OffsetDateTime) -> bool {
        self.consumed_at.is_none() && now < self.expires_at
    }

    /// Whether this account may answer with a message of its own making: the challenge was issued to its
    /// address, for its namespace, and without a message of the server's.
    pub fn admits_client_message(&self, account: &ChainAddress) -> bool {
        let Message::ByClient { namespace } = &self.message else {
            return false;
        };
        namespace == account.chain.namespace() && self.address == account.address
    }
}
