//! The flows. One file each, named by what it does.

mod revocation;
mod session_check;
mod sign_in;

pub use revocation::Revocation;
pub use session_check::SessionCheck;
pub use sign_in::{IssuedChallenge, IssuedNonce, SignIn, SignInPolicy, SignInPorts, SignedIn};

#[cfg(test)]
mod tests;
