//! A plugin that does on demand what plugins do wrong. Its signature is the message, backwards, so that it needs no
//! cryptography.

#![forbid(unsafe_code)]

use std::panic::panic_any;

use countersign_plugin::{
    AddressError, Chain, ChainId, ChainPlugin, Error, Logger, Proof, SelfTest, Verdict,
};

struct Specimen {
    log: Logger,
    is_fragile: bool,
}

impl ChainPlugin for Specimen {
    const NAME: &'static str = "specimen";
    const VERSION: &'static str = "1.2.3";
    const CHAINS: &'static [Chain] = &[MIRROR, KEYED];

    fn create(config: &str, log: Logger) -> Result<Self, Error> {
        log.info("created");
        match config {
            "{}" => Ok(Self {
                log,
                is_fragile: false,
            }),
            r#"{"drop":"panics"}"# => Ok(Self {
                log,
                is_fragile: true,
            }),
            r#"{"create":"panics"}"# => panic!("no instance"),
            _ => Err(Error::invalid_input("there are no such settings")),
        }
    }

    fn parse_address(&self, chain: &'static Chain, text: &str) -> Result<String, AddressError> {
        match text {
            "panic" => panic!("no address"),
            "empty" => return Ok(String::new()),
            "long" => return Ok("a".repeat(chain.max_address_len as usize + 1)),
            _ => (),
        }
        let expected = "1 to 16 letters, the last no z";
        if !(1..=16).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_alphabetic()) {
            return Err(AddressError::Malformed { expected });
        }
        if text.ends_with(['z', 'Z']) {
            return Err(AddressError::CheckFailed { expected });
        }
        Ok(text.to_ascii_lowercase())
    }

    fn parse_account(
        &self,
        chain: &'static Chain,
        reference: &str,
        text: &str,
    ) -> Result<String, AddressError> {
        if text == "native" && reference != chain.chain_ids[0].reference {
            let expected = "an address of this chain";
            return Err(AddressError::CheckFailed { expected });
        }
        self.parse_address(chain, text)
    }

    fn verify(&self, proof: &Proof<'_>) -> Result<Verdict, Error> {
        match proof.message {
            b"panic" => panic!("no verdict on {}", proof.chain.namespace),
            b"panic without text" => panic_any(7),
            b"panic with a payload that panics" => panic_any(Fragile),
            b"another signer" => return Ok(Verdict::valid("mallory")),
            b"a long signer" => return Ok(Verdict::valid("m".repeat(17))),
            b"internal" => return Err(Error::internal("out of order")),
            b"unsupported" => return Err(Error::unsupported("not here")),
            b"a long reason" => return Ok(Verdict::invalid("ä".repeat(1000))),
            b"log" => {
                self.log.error("one");
                self.log.warn("two");
                self.log.info("three");
                self.log.debug("four");
            }
            b"log from a thread" => self.log_from_a_thread(),
            b"what is seen" => return Ok(Verdict::invalid(format!("{proof:?}"))),
            _ => (),
        }
        if proof.signature.iter().eq(proof.message.iter().rev()) {
            return Ok(Verdict::valid(proof.address));
        }
        Ok(Verdict::invalid("not backwards"))
    }
}

impl Specimen {
    /// Plugins start no threads; one that does finds the log silent there.
    fn log_from_a_thread(&self) {
        let log = self.log;
        let other = std::thread::spawn(move || log.error("from another thread"));
        other.join().expect("the thread does not panic");
    }
}

impl Drop for Specimen {
    fn drop(&mut self) {
        assert!(!self.is_fragile, "no end");
        self.log.debug("destroyed");
    }
}

struct Fragile;

impl Drop for Fragile {
    fn drop(&mut self) {
        panic!("no drop");
    }
}

const MIRROR: Chain = Chain {
    chain_ids: &[
        ChainId::written("main-net", "mainnet"),
        ChainId::new("testnet"),
    ],
    address_is_key: true,
    max_address_len: 16,
    max_signature_len: 64,
    self_tests: &[SelfTest {
        reference: "main-net",
        address: "alice",
        message: b"abc",
        signature: b"cba",
        public_key: None,
        key_type: None,
    }],
    ..Chain::new("mirror", "Mirror")
};

const KEYED: Chain = Chain {
    key_types: &["wood", "iron"],
    // As of the other chain: a host grants it for all chains of a plugin or for none.
    address_is_key: true,
    needs_public_key: true,
    any_reference: true,
    max_address_len: 16,
    max_signature_len: 32,
    max_public_key_len: 4,
    self_tests: &[
        SelfTest {
            reference: "any",
            address: "bob",
            message: b"de",
            signature: b"ed",
            public_key: Some(&[1, 2]),
            key_type: Some("iron"),
        },
        SelfTest {
            reference: "other",
            address: "bob",
            message: b"fg",
            signature: b"gf",
            public_key: Some(&[3]),
            key_type: None,
        },
    ],
    ..Chain::new("keyed", "Keyed Mirror")
};

countersign_plugin::export_chain_plugin!(Specimen);
