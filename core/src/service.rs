//! The flows: what is done with wallets, sessions and keys, each in one profile.
//!
//! | who asks | flow |
//! |---|---|
//! | somebody with a wallet | [`Challenges`] issues what is to be signed |
//! | the same, with a signature | [`SignIn`] gives a session, [`ApiKeys`] an API key |
//! | every other request | [`Access`] decides who it comes from and whether it may pass |
//! | the owner of a credential | [`ApiKeys`] lists, [`Revocation`] ends |
//!
//! All profiles of a server share one [`Credentials`] and one [`Limits`]; the other flows are made once
//! for each profile. The crate's page shows a sign-in.

mod access;
mod api_keys;
mod challenges;
mod credentials;
mod revocation;
mod sign_in;

pub use access::{
    Access, AccessRequest, Admits, Caller, CanonicalPath, Decision, Held, KeyAdmission, Limit,
    Limits, PathPattern, Presented, Quotas, Rule, Rules, Tier, Transport,
};
pub use api_keys::ApiKeys;
pub use challenges::{
    AddressAnswer, ChallengePolicy, Challenges, IssuedChallenge, IssuedNonce, Ports,
};
pub use credentials::{CredentialKind, Credentials, Finding, LiveCredential, Source, Tally};
pub use revocation::{KeyRevocation, Revocation};
pub use sign_in::{SignIn, SignedIn};

#[cfg(test)]
mod tests;
