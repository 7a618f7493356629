//! What became of credentials since the start: counts, for whoever watches the server.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{CredentialKind, lock};
use crate::{
    Error,
    chain::Namespace,
    principal::{Credential, Principal},
    profile::Profile,
};

/// Counts of what happened to credentials. They only grow.
#[derive(Debug, Default)]
pub struct Tally {
    /// Boxed: every check writes here, and would otherwise take what it reads away from the other cores.
    checks: Box<[[AtomicU64; Finding::ALL.len()]; Source::ALL.len()]>,
    issued: Mutex<BTreeMap<(Profile, CredentialKind, Namespace), u64>>,
    revoked: Mutex<BTreeMap<(Profile, CredentialKind), u64>>,
}

/// What the check of a credential found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// It stands for somebody.
    Good,
    /// It is none that was issued, or another profile's.
    Invalid,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
    /// The store did not answer.
    Unavailable,
    /// It was not looked up, because too many lookups of this client have failed.
    HeldBack,
}

/// What a check asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Nothing: the credential's form was enough, or it was held back.
    Nothing,
    /// Memory, which knew the credential.
    Memory,
    /// The store.
    Store,
}

impl Finding {
    /// All of them, in the order of declaration.
    pub const ALL: [Self; 6] = [
        Self::Good,
        Self::Invalid,
        Self::Expired,
        Self::Revoked,
        Self::Unavailable,
        Self::HeldBack,
    ];

    fn of<T>(checked: &Result<T, Error>) -> Self {
        match checked {
            Ok(_) => Self::Good,
            Err(Error::ExpiredCredential) => Self::Expired,
            Err(Error::RevokedCredential) => Self::Revoked,
            Err(Error::RateLimited(_)) => Self::HeldBack,
            Err(Error::Store(_)) => Self::Unavailable,
            Err(_) => Self::Invalid,
        }
    }
}

impl Source {
    /// All of them, in the order of declaration.
    pub const ALL: [Self; 3] = [Self::Nothing, Self::Memory, Self::Store];
}

impl Tally {
    /// How many checks asked this and found that.
    pub fn checks(&self, source: Source, finding: Finding) -> u64 {
        self.cell(source, finding).load(Ordering::Relaxed)
    }

    /// How many credentials were issued, by profile, kind and the chain of the wallet.
    pub fn issued(&self) -> BTreeMap<(Profile, CredentialKind, Namespace), u64> {
        lock(&self.issued).clone()
    }

    /// How many live credentials were revoked, by profile and kind.
    pub fn revoked(&self) -> BTreeMap<(Profile, CredentialKind), u64> {
        lock(&self.revoked).clone()
    }

    pub(in crate::service) fn count_check<T>(&self, source: Source, checked: &Result<T, Error>) {
        let cell = self.cell(source, Finding::of(checked));
        cell.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_issued(&self, principal: &Principal) {
        let kind = match principal.credential {
            Credential::Session(_) => CredentialKind::Session,
            Credential::ApiKey { .. } => CredentialKind::ApiKey,
        };
        let namespace = principal.wallet.chain.namespace().clone();
        let issued = (principal.profile, kind, namespace);
        *lock(&self.issued).entry(issued).or_default() += 1;
    }

    pub(in crate::service) fn count_revoked(&self, profile: Profile, kind: CredentialKind) {
        *lock(&self.revoked).entry((profile, kind)).or_default() += 1;
    }

    fn cell(&self, source: Source, finding: Finding) -> &AtomicU64 {
        &self.checks[source as usize][finding as usize]
    }
}
