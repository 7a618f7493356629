//! The macro behind the id types.

/// Defines an id that is a ULID: 26 Crockford characters, ordered by time of creation.
macro_rules! ulid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// A [ULID](https://github.com/ulid/spec): 26 characters of Crockford's base32, in upper case, that
        /// sort by time of creation. It is public and proves nothing.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(ulid::Ulid);

        impl $name {
            /// A fresh id: the time in milliseconds and 80 random bits.
            pub fn generate(now: time::OffsetDateTime, random: &dyn $crate::Random) -> Self {
                let milliseconds = u64::try_from(now.unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
                let mut bits = [0; 16];
                random.fill(&mut bits);
                Self(ulid::Ulid::from_parts(milliseconds, u128::from_be_bytes(bits)))
            }

            /// Reads the 26 characters; `None` for anything else, lower case included.
            pub fn parse(text: &str) -> Option<Self> {
                let id = ulid::Ulid::from_string(text).ok()?;
                (id.to_string() == text).then_some(Self(id))
            }

            /// Appends the 26 characters to a text. They are formatted otherwise, which costs several times as much.
            pub fn append_to(self, text: &mut String) {
                text.push_str(self.0.array_to_str(&mut [0; ulid::ULID_LEN]));
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

pub(crate) use ulid_id;
