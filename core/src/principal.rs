//! Who a request acts as.

use time::OffsetDateTime;

use crate::{
    account::AccountId,
    chain::ChainAddress,
    profile::Profile,
    session::{Session, SessionId},
};

/// Who a request acts as, once its credential has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The account behind the credential.
    pub account: AccountId,
    /// The wallet the credential came from.
    pub wallet: ChainAddress,
    /// The only dialect in which this principal exists.
    pub profile: Profile,
    /// The session that was presented.
    pub session: SessionId,
    /// When the credential ends by itself.
    pub expires_at: OffsetDateTime,
}

impl From<Session> for Principal {
    fn from(session: Session) -> Self {
        Self {
            account: session.account,
            wallet: session.wallet,
            profile: session.profile,
            session: session.id,
            expires_at: session.expires_at,
        }
    }
}
