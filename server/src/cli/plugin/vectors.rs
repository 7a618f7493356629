//! Vectors for a check, as an author writes them: TOML, bytes in hex.

use std::path::Path;

use config::{File, FileFormat};
use countersign_core::chain::{ChainId, Namespace};
use countersign_plugin_host::{SelfTest, VectorAddress, VectorProof, Vectors};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    proof: Vec<Proof>,
    #[serde(default)]
    address: Vec<Address>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proof {
    id: Option<String>,
    valid: bool,
    chain: String,
    address: String,
    message: Option<String>,
    message_hex: Option<String>,
    signature: String,
    #[serde(default)]
    public_key: String,
    #[serde(default)]
    key_type: String,
    #[serde(default)]
    judge_only: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Address {
    id: Option<String>,
    namespace: String,
    text: String,
    canonical: Option<String>,
}

/// Reads a file of vectors.
///
/// # Errors
/// One sentence that names the file, the vector and what was expected.
pub(super) fn read(file: &Path) -> Result<Vectors, String> {
    let fail = |fault: String| format!("{}: {fault}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| fail(error.to_string()))?;
    let written = config::Config::builder().add_source(File::from_str(&text, FileFormat::Toml));
    let written = written.build().and_then(config::Config::try_deserialize);
    let written: Written = written.map_err(|error| fail(error.to_string()))?;
    if written.proof.is_empty() && written.address.is_empty() {
        return Err(fail(
            "expected at least one [[proof]] or [[address]]".to_owned(),
        ));
    }
    let proofs = written.proof.into_iter().enumerate();
    let addresses = written.address.into_iter().enumerate();
    Ok(Vectors {
        proofs: proofs
            .map(|(at, proof)| proof.mean(at))
            .collect::<Result<_, _>>()
            .map_err(fail)?,
        addresses: addresses
            .map(|(at, address)| address.mean(at))
            .collect::<Result<_, _>>()
            .map_err(fail)?,
    })
}

impl Proof {
    fn mean(self, at: usize) -> Result<VectorProof, String> {
        let id = self.id.unwrap_or_else(|| format!("proof[{at}]"));
        let expect = |field: &str, what: &str| format!("{id}: expected {field} to be {what}");
        let bytes = |field: &str, text: &str| {
            hex::decode(text).map_err(|_| expect(field, "hex, two digits for each byte"))
        };
        let chain: Result<ChainId, _> = self.chain.parse();
        let chain = chain.map_err(|_| expect("chain", "a CAIP-2 id, like solana:mainnet"))?;
        let message = match (self.message, self.message_hex) {
            (Some(text), None) => text.into_bytes(),
            (None, Some(text)) => bytes("message_hex", &text)?,
            _ => return Err(format!("{id}: expected either message or message_hex")),
        };
        Ok(VectorProof {
            namespace: chain.namespace().clone(),
            proof: SelfTest {
                reference: chain.reference().to_owned(),
                address: self.address,
                message,
                signature: bytes("signature", &self.signature)?,
                public_key: bytes("public_key", &self.public_key)?,
                key_type: self.key_type,
            },
            is_valid: self.valid,
            is_only_judged: self.judge_only,
            id,
        })
    }
}

impl Address {
    fn mean(self, at: usize) -> Result<VectorAddress, String> {
        let id = self.id.unwrap_or_else(|| format!("address[{at}]"));
        let namespace = Namespace::new(&self.namespace)
            .map_err(|error| format!("{id}: expected namespace to be {}", error.expected))?;
        Ok(VectorAddress {
            id,
            namespace,
            text: self.text,
            canonical: self.canonical,
        })
    }
}
