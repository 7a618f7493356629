//! The flows. One file each, named by what it does.

mod access;
mod api_keys;
mod challenges;
mod credentials;
mod revocation;
mod sign_in;

pub use access::{
    Access, AccessRequest, Admits, Caller, Decision, Limit, Limits, PathPattern, Presented, Quotas,
    Rule, Tier, Transport,
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
