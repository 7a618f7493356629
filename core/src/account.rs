//! Who the service knows.

use time::OffsetDateTime;

use crate::id::ulid_id;

ulid_id! {
    /// Names an account; the `userId` of the OCX dialect and the `sub` of session tokens.
    AccountId
}

/// Who the service knows: the owner of wallets, sessions and API keys. Only a proof of a new wallet
/// makes one (see [`ChallengeStore::redeem`](crate::store::ChallengeStore::redeem)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The account's permanent name.
    pub id: AccountId,
    /// When its first wallet was proven, by a sign-in or by a mint.
    pub created_at: OffsetDateTime,
}
