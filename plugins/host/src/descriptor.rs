//! What a plugin says about itself: owned, checked, and no pointer left.

use countersign_core::{
    chain::{ChainId, Namespace},
    message,
};
use countersign_plugin_abi::{
    MAX_ADDRESS_LEN, MAX_CHAINS, MAX_LIST_LEN, MAX_PUBLIC_KEY_LEN, MAX_SIGNATURE_LEN, chain_flags,
};

use crate::refusal::Refusal;

/// What a plugin says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {
    /// Its name: 3 to 32 of `-a-z0-9`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it was built with.
    pub build_info: String,
    /// Its chains; a call names one by its place.
    pub chains: Vec<ChainDescriptor>,
}

/// A chain of a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainDescriptor {
    /// Namespace (CAIP-2).
    pub namespace: String,
    /// Name in a message's first line.
    pub display_name: String,
    /// Bits of [`chain_flags`].
    pub flags: u64,
    /// References (CAIP-2), each with its spelling in messages.
    pub chain_ids: Vec<(String, String)>,
    /// Names of the key types.
    pub key_types: Vec<String>,
    /// Proofs that hold.
    pub self_tests: Vec<SelfTest>,
    /// Longest canonical address, in bytes.
    pub max_address_len: u32,
    /// Longest signature, in bytes.
    pub max_signature_len: u32,
    /// Longest public key, in bytes.
    pub max_public_key_len: u32,
}

/// A proof that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelfTest {
    /// Reference of the chain.
    pub reference: String,
    /// Canonical address of the signer.
    pub address: String,
    /// The bytes signed.
    pub message: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
    /// Empty: none.
    pub public_key: Vec<u8>,
    /// Empty: none named.
    pub key_type: String,
}

impl Descriptor {
    /// Checks every name, number and list.
    ///
    /// # Errors
    /// [`Refusal::Descriptor`] names the field; [`Refusal::UnknownFlag`].
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        let is_printable = |text: &str, longest| {
            text.len() <= longest && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
        };
        expect(
            is_plugin_name(&self.name),
            "name",
            "3 to 32 of a-z, 0-9 and -",
        )?;
        let has_version = !self.version.is_empty() && is_printable(&self.version, 32);
        expect(has_version, "version", "1 to 32 printable ASCII characters")?;
        let info = "up to 128 printable ASCII characters";
        expect(is_printable(&self.build_info, 128), "build_info", info)?;
        let has_chains = (1..=MAX_CHAINS).contains(&self.chains.len());
        expect(has_chains, "chains", "1 to 16 chains")?;
        for (index, chain) in self.chains.iter().enumerate() {
            chain.check(&format!("chains[{index}]"))?;
            let before = &self.chains[..index];
            let is_new = before
                .iter()
                .all(|other| other.namespace != chain.namespace);
            let field = format!("chains[{index}].namespace");
            expect(is_new, &field, "each namespace once")?;
        }
        Ok(())
    }
}

impl ChainDescriptor {
    /// Whether a flag is set.
    pub(crate) fn has(&self, flag: u64) -> bool {
        self.flags & flag != 0
    }

    fn check(&self, at: &str) -> Result<(), Refusal> {
        if self.flags & chain_flags::MUST_UNDERSTAND & !chain_flags::KNOWN != 0 {
            return Err(Refusal::UnknownFlag);
        }
        let namespace = Namespace::new(&self.namespace).map_err(|error| Refusal::Descriptor {
            field: format!("{at}.namespace"),
            expected: error.expected.to_owned(),
        })?;
        let field = |name: &str| format!("{at}.{name}");
        let is_name = message::is_chain_name(&self.display_name) && self.display_name.len() <= 32;
        let name =
            "1 to 32 letters, digits, blanks and hyphens, the first and the last a letter or digit";
        expect(is_name, &field("display_name"), name)?;
        self.check_chain_ids(&namespace, &field("chain_ids"))?;
        self.check_key_types(&field("key_types"))?;
        let has_tests = (1..=MAX_LIST_LEN).contains(&self.self_tests.len());
        expect(has_tests, &field("self_tests"), "1 to 64 proofs")?;
        for (name, value, least, most) in [
            ("max_address_len", self.max_address_len, 1, MAX_ADDRESS_LEN),
            (
                "max_signature_len",
                self.max_signature_len,
                1,
                MAX_SIGNATURE_LEN,
            ),
            (
                "max_public_key_len",
                self.max_public_key_len,
                0,
                MAX_PUBLIC_KEY_LEN,
            ),
        ] {
            let range = format!("{least} to {most}");
            expect((least..=most).contains(&value), &field(name), &range)?;
        }
        let takes_key = !self.has(chain_flags::NEEDS_PUBLIC_KEY) || self.max_public_key_len > 0;
        let expected = "more than 0 where proofs must carry a public key";
        expect(takes_key, &field("max_public_key_len"), expected)
    }

    fn check_chain_ids(&self, namespace: &Namespace, field: &str) -> Result<(), Refusal> {
        let any = self.has(chain_flags::ANY_REFERENCE);
        let ids = &self.chain_ids;
        let has_count = ids.len() <= MAX_LIST_LEN && (any || !ids.is_empty());
        expect(has_count, field, "1 to 64 chain ids")?;
        for (index, (reference, text)) in ids.iter().enumerate() {
            let is_reference = ChainId::new(namespace.clone(), reference).is_ok();
            expect(is_reference, field, "CAIP-2 references")?;
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            let is_text = (1..=78).contains(&text.len()) && text.bytes().all(fits);
            expect(is_text, field, "spellings of 1 to 78 of -_a-zA-Z0-9")?;
            let is_new = ids[..index]
                .iter()
                .all(|(other, spelled)| other != reference && spelled != text);
            expect(is_new, field, "each reference and each spelling once")?;
            // What one chain is called must not be another's name.
            let is_own = ids
                .iter()
                .all(|(other, _)| other == reference || other != text);
            expect(
                is_own,
                field,
                "spellings that are no other chain's reference",
            )?;
        }
        Ok(())
    }

    fn check_key_types(&self, field: &str) -> Result<(), Refusal> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let is_name = |name: &String| (1..=32).contains(&name.len()) && name.bytes().all(fits);
        let types = &self.key_types;
        let has_count = types.len() <= MAX_LIST_LEN;
        expect(
            has_count && types.iter().all(is_name),
            field,
            "up to 64 names of 1 to 32 of -_.a-zA-Z0-9",
        )?;
        let is_new = |(at, name): (usize, &String)| !types[..at].contains(name);
        expect(
            types.iter().enumerate().all(is_new),
            field,
            "each key type once",
        )
    }
}

/// Whether a text is a plugin's name.
pub fn is_plugin_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (3..=32).contains(&text.len()) && text.bytes().all(fits)
}

fn expect(holds: bool, field: &str, expected: &str) -> Result<(), Refusal> {
    if holds {
        return Ok(());
    }
    Err(Refusal::Descriptor {
        field: field.to_owned(),
        expected: expected.to_owned(),
    })
}
