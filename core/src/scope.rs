//! What an API key may do.

use std::fmt;

use crate::profile::Profile;

/// One permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Read what belongs to the account.
    Read,
    /// OCX: place orders and move funds; reading is part of it.
    Trade,
    /// Aura: build transactions.
    WriteTx,
}

impl Scope {
    const ALL: [Self; 3] = [Self::Read, Self::Trade, Self::WriteTx];

    /// The name in requests, answers and storage: `read`, `trade` or `write:tx`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Trade => "trade",
            Self::WriteTx => "write:tx",
        }
    }

    /// Reads the name of any dialect's scope; `None` for any other.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }

    /// The scopes of a dialect, in the order in which they are listed.
    pub fn of(profile: Profile) -> &'static [Self] {
        match profile {
            Profile::Ocx => &[Self::Read, Self::Trade],
            Profile::Aura => &[Self::Read, Self::WriteTx],
        }
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Several permissions, each once; perhaps none.
///
/// ```
/// use countersign_core::scope::{Scope, ScopeSet};
///
/// let scopes = ScopeSet::from_iter([Scope::Trade]);
/// assert!(scopes.allows(Scope::Read), "reading is part of trading");
/// assert_eq!(scopes.to_string(), "trade");
/// assert_eq!(ScopeSet::parse("trade"), Some(scopes));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct ScopeSet(u8);

impl ScopeSet {
    /// All permissions of a dialect.
    pub fn of(profile: Profile) -> Self {
        Scope::of(profile).iter().copied().collect()
    }

    /// What these allow in a dialect: with the permissions that are part of others, and without what it does not know.
    #[must_use]
    pub fn allowed_in(self, profile: Profile) -> Self {
        let of_dialect = Scope::of(profile).iter().copied();
        of_dialect.filter(|scope| self.allows(*scope)).collect()
    }

    /// The names with a space between, as OAuth writes them (RFC 6749 §3.3).
    pub fn as_str(self) -> &'static str {
        match (
            self.holds(Scope::Read),
            self.holds(Scope::Trade),
            self.holds(Scope::WriteTx),
        ) {
            (false, false, false) => "",
            (true, false, false) => "read",
            (false, true, false) => "trade",
            (true, true, false) => "read trade",
            (false, false, true) => "write:tx",
            (true, false, true) => "read write:tx",
            (false, true, true) => "trade write:tx",
            (true, true, true) => "read trade write:tx",
        }
    }

    /// Whether this permission is given, by itself or as part of another.
    pub fn allows(self, scope: Scope) -> bool {
        let is_part_of_trade = scope == Scope::Read && self.holds(Scope::Trade);
        self.holds(scope) || is_part_of_trade
    }

    /// The permissions that were given, without those that are part of them, in the order of [`Scope`].
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL
            .into_iter()
            .filter(move |scope| self.holds(*scope))
    }

    /// Reads names with a space between; `None` for an unknown name. An empty text is an empty set.
    pub fn parse(text: &str) -> Option<Self> {
        text.split_ascii_whitespace().map(Scope::parse).collect()
    }

    fn holds(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<T: IntoIterator<Item = Scope>>(scopes: T) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

/// As [`ScopeSet::as_str`].
impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ScopeSet({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_reads_back_from_its_names() {
        for text in ["", "read", "trade", "read write:tx"] {
            assert_eq!(ScopeSet::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(
            ScopeSet::parse("write:tx read read").unwrap().to_string(),
            "read write:tx"
        );
        for text in ["admin", "Read", "read,trade"] {
            assert_eq!(ScopeSet::parse(text), None, "{text}");
        }
    }

    #[test]
    fn trade_includes_read_and_nothing_else_includes_another() {
        for (held, allowed) in [
            ("read", "read"),
            ("trade", "read trade"),
            ("write:tx", "write:tx"),
            ("", ""),
        ] {
            let held = ScopeSet::parse(held).unwrap();
            let all: ScopeSet = Scope::ALL
                .into_iter()
                .filter(|scope| held.allows(*scope))
                .collect();
            assert_eq!(all.to_string(), allowed, "{held}");
        }
    }
}
