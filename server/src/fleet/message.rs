//! What nodes tell each other, as payloads of notifications. The database writes them, within the transaction
//! that they are about.

use countersign_core::secret::HashedSecret;

/// The channel that every node listens on.
pub(crate) const CHANNEL: &str = "countersign";

/// What a node has heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A beat: `beat NODE NUMBER`.
    Beat {
        /// Whose.
        node: String,
        /// The how many-th.
        number: i64,
    },
    /// A credential was revoked: `revoked HASH`, the SHA-256 of its secret in hex.
    Revoked(HashedSecret),
    /// Something that this version does not know.
    Unknown,
}

impl Heard {
    /// Reads a payload.
    pub(crate) fn parse(payload: &str) -> Self {
        let words: Vec<_> = payload.splitn(4, ' ').collect();
        let heard = match words[..] {
            // Later versions may say more.
            ["beat", node, number, ..] => number.parse().ok().map(|number| Self::Beat {
                node: node.to_owned(),
                number,
            }),
            ["revoked", hash] => hash_of(hash).map(Self::Revoked),
            _ => None,
        };
        heard.unwrap_or(Self::Unknown)
    }
}

fn hash_of(hex: &str) -> Option<HashedSecret> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(hex, &mut bytes).ok()?;
    Some(HashedSecret::from_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_are_read_strictly() {
        let hash = "0f".repeat(32);
        let revoked = Heard::Revoked(HashedSecret::from_bytes([15; 32]));
        assert_eq!(Heard::parse(&format!("revoked {hash}")), revoked);
        let beat = Heard::Beat {
            node: "01ABC".to_owned(),
            number: 7,
        };
        assert_eq!(Heard::parse("beat 01ABC 7"), beat);
        assert_eq!(Heard::parse("beat 01ABC 7 and more"), beat);
        for payload in [
            "",
            "revoked",
            "revoked 0f",
            &format!("revoked {hash}0f"),
            &format!("revoked {hash} "),
            "beat 01ABC",
            "beat 01ABC x",
            "account 01ABC",
        ] {
            assert_eq!(Heard::parse(payload), Heard::Unknown, "{payload:?}");
        }
    }
}
