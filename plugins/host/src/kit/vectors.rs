//! What an author gives to check a plugin with, besides the proofs within it.

use countersign_core::chain::Namespace;

use crate::descriptor::SelfTest;

/// Proofs and addresses, each with what is to come of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vectors {
    /// Proofs.
    pub proofs: Vec<VectorProof>,
    /// Texts to be read as addresses.
    pub addresses: Vec<VectorAddress>,
}

/// A proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VectorProof {
    /// How the report calls it.
    pub id: String,
    /// Namespace of its chain.
    pub namespace: Namespace,
    /// What it is.
    pub proof: SelfTest,
    /// Whether it holds.
    pub is_valid: bool,
    /// Whether nothing is to be made from it: for a proof that rightly holds in a second form, too.
    pub is_only_judged: bool,
}

/// A text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VectorAddress {
    /// How the report calls it.
    pub id: String,
    /// Namespace of its chain.
    pub namespace: Namespace,
    /// The text.
    pub text: String,
    /// Its canonical form; `None`: it is no address.
    pub canonical: Option<String>,
}
