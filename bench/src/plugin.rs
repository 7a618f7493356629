//! The same check three ways: built in, in a plugin in this process, and in a plugin in a process of its own.

use std::{
    fs,
    hint::black_box,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use countersign_core::{
    ChainVerifier,
    chain::{Address, ChainAddress, Namespace},
    proof::Proof,
    verifier::{AddressError, ChainInfo, Control, ProvenAccount, Source, VerifyError},
};
use countersign_plugin_host::{ChildProgram, Grant, Isolation, PluginSet, Policy};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// About as long as a message to sign in.
const MESSAGE: [u8; 300] = [b'm'; 300];

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// A checksum over a few bytes, which takes next to nothing: what is left is the way there and back.
    Nothing,
    /// Ed25519 over a message of 300 bytes: Solana's.
    Ed25519,
}

/// Where it is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Behind `dyn ChainVerifier` and nothing else.
    BuiltIn,
    /// In a plugin in this process.
    InProcess,
    /// In a plugin in a process of its own.
    Child,
}

impl Scheme {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Nothing, Self::Ed25519];

    /// As tables call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing to check",
            Self::Ed25519 => "Ed25519",
        }
    }

    fn plugin(self) -> &'static str {
        match self {
            Self::Nothing => "toy",
            Self::Ed25519 => "solana",
        }
    }

    fn reference(self) -> &'static str {
        match self {
            Self::Nothing => "main",
            Self::Ed25519 => "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp",
        }
    }
}

impl Place {
    /// All three.
    pub const ALL: [Self; 3] = [Self::BuiltIn, Self::InProcess, Self::Child];

    /// As tables call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::BuiltIn => "built in",
            Self::InProcess => "plugin in the process",
            Self::Child => "plugin in a process of its own",
        }
    }
}

/// One proof that holds, and who checks it.
pub struct Subject {
    chain: Arc<dyn ChainVerifier>,
    account: ChainAddress,
    message: Vec<u8>,
    proof: Proof,
    set: PluginSet,
    _directory: TempDir,
}

impl Subject {
    /// Loads what is needed.
    pub async fn load(scheme: Scheme, place: Place) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let library = copy(&library(scheme, directory.path()), directory.path());
        let set = match place {
            Place::BuiltIn => PluginSet::default(),
            Place::InProcess => load(scheme, Isolation::InProcess, &library).await,
            Place::Child => load(scheme, Isolation::Process, &library).await,
        };
        let chain = match set.verifiers().pop() {
            Some(chain) => chain,
            None => Arc::new(BuiltIn::of(scheme)),
        };
        let (address, message, signature) = signed(scheme);
        let account = format!("{}:{}:{address}", scheme.plugin(), scheme.reference());
        Self {
            chain,
            account: account.parse().expect("an account"),
            message,
            proof: Proof {
                signature,
                public_key: None,
                key_type: None,
            },
            set,
            _directory: directory,
        }
    }

    /// Checks the proof once.
    pub async fn verify(&self) {
        let verified = self
            .chain
            .verify(&self.account, &self.message, &self.proof)
            .await;
        let _held = black_box(verified.expect("the proof holds"));
    }

    /// Numbers of the plugin's processes.
    pub fn processes(&self) -> Vec<u32> {
        let reports = self.set.reports();
        reports
            .into_iter()
            .flat_map(|report| report.processes)
            .collect()
    }
}

fn signed(scheme: Scheme) -> (String, Vec<u8>, Vec<u8>) {
    match scheme {
        Scheme::Nothing => {
            let sum = checksum("alice", b"hello").to_le_bytes().to_vec();
            ("alice".to_owned(), b"hello".to_vec(), sum)
        }
        Scheme::Ed25519 => {
            let key = SigningKey::from_bytes(&[7; 32]);
            let address = bs58::encode(key.verifying_key().as_bytes()).into_string();
            (
                address,
                MESSAGE.to_vec(),
                key.sign(&MESSAGE).to_bytes().to_vec(),
            )
        }
    }
}

/// FNV-1a over address and message: the toy's signature, as a number to be written little-endian.
pub fn checksum(address: &str, message: &[u8]) -> u64 {
    let bytes = address.bytes().chain(message.iter().copied());
    bytes.fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

/// The library of a scheme: the toy of the zoo, compiled here, or Solana's plugin.
pub fn library(scheme: Scheme, directory: &Path) -> PathBuf {
    match scheme {
        Scheme::Nothing => build_toy(directory, "1"),
        Scheme::Ed25519 => {
            let file = "libcountersign_plugin_solana.so";
            // Beside a server that was built for measuring lies a plugin that was, too.
            match std::env::var_os("COUNTERSIGN_BIN") {
                Some(server) => PathBuf::from(server).with_file_name(file),
                None => countersign_tests::build("countersign-plugin-solana", file),
            }
        }
    }
}

/// Compiles the toy in some version.
pub fn build_toy(directory: &Path, version: &str) -> PathBuf {
    let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins");
    let library = directory.join(format!("built-{version}.so"));
    let built = Command::new("cc")
        .args(["-std=c11", "-O2", "-fPIC", "-shared", "-fvisibility=hidden"])
        .args(["-Wl,-z,defs,-z,relro,-z,now,-Bsymbolic"])
        .arg(format!("-DVERSION=\"{version}\""))
        .arg("-I")
        .arg(plugins.join("abi/include"))
        .arg(plugins.join("host/tests/zoo/good.c"))
        .arg("-o")
        .arg(&library)
        .status();
    assert!(built.expect("a C compiler is installed").success());
    library
}

/// SHA-256 of a file, in hex.
pub fn pin(library: &Path) -> String {
    hex::encode(sha256(library))
}

fn sha256(library: &Path) -> [u8; 32] {
    Sha256::digest(fs::read(library).expect("the library was built")).into()
}

/// Others may not write to a plugin.
fn copy(library: &Path, directory: &Path) -> PathBuf {
    let copy = directory.join("plugin.so");
    fs::copy(library, &copy).unwrap_or_else(|error| panic!("{}: {error}", library.display()));
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o644)).expect("the file is ours");
    copy
}

async fn load(scheme: Scheme, isolation: Isolation, library: &Path) -> PluginSet {
    let policy = Policy {
        directory: library.parent().expect("it lies in a directory").to_owned(),
        child: Some(ChildProgram {
            program: countersign_tests::binary().to_owned(),
            arguments: vec!["plugin-host".to_owned()],
        }),
        plugins: vec![Grant {
            name: scheme.plugin().to_owned(),
            file: "plugin.so".to_owned(),
            sha256: sha256(library),
            namespaces: vec![Namespace::new(scheme.plugin()).expect("a namespace")],
            chain_ids: None,
            address_is_key: scheme == Scheme::Ed25519,
            isolation,
            deadline: Duration::from_secs(1),
            processes: 2,
            optional: false,
            without: vec![],
            config: "{}".to_owned(),
        }],
    };
    let loaded = PluginSet::load(&policy, &[], &PluginSet::default()).await;
    loaded.unwrap_or_else(|error| panic!("{error}"))
}

/// What the plugins do, without a plugin.
struct BuiltIn {
    info: ChainInfo,
    scheme: Scheme,
}

impl BuiltIn {
    fn of(scheme: Scheme) -> Self {
        let info = ChainInfo {
            namespace: Namespace::new(scheme.plugin()).expect("a namespace"),
            name: "Built in".to_owned(),
            chain_ids: vec![],
            key_types: vec![],
            needs_public_key: false,
            address_is_key: false,
            source: Source::Builtin,
        };
        Self { info, scheme }
    }

    fn holds(&self, address: &str, message: &[u8], signature: &[u8]) -> Option<()> {
        match self.scheme {
            Scheme::Nothing => {
                let sum = checksum(address, message).to_le_bytes();
                (sum == signature).then_some(())
            }
            Scheme::Ed25519 => {
                let bytes = bs58::decode(address).into_vec().ok()?;
                let key = VerifyingKey::from_bytes(&bytes.try_into().ok()?).ok()?;
                let signature = Signature::from_slice(signature).ok()?;
                key.verify_strict(message, &signature).ok()
            }
        }
    }
}

#[async_trait]
impl ChainVerifier for BuiltIn {
    fn info(&self) -> &ChainInfo {
        &self.info
    }

    async fn parse_address(&self, _text: &str) -> Result<Address, AddressError> {
        Err(AddressError::Unavailable)
    }

    async fn verify(
        &self,
        account: &ChainAddress,
        message: &[u8],
        proof: &Proof,
    ) -> Result<ProvenAccount, VerifyError> {
        let held = self.holds(account.address.as_str(), message, &proof.signature);
        held.ok_or(VerifyError::InvalidProof)?;
        Ok(ProvenAccount {
            account: account.clone(),
            control: Control::Key,
        })
    }
}
