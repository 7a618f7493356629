//! Proofs that are valid, which a host checks before it serves the chain; three of the shared vectors, made with
//! Solana's own libraries.

use countersign_plugin::{SelfTest, hex};

pub(crate) const SELF_TESTS: [SelfTest; 3] = [
    SelfTest {
        reference: "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp",
        address: "HqxeUoZzhq5Qk8VZnAs171voaZMqLCpETeBK4GqQXQm8",
        message: b"example.com wants you to sign in with your Solana account:\n\
            HqxeUoZzhq5Qk8VZnAs171voaZMqLCpETeBK4GqQXQm8\n\
            \n\
            Sign in to example.com.\n\
            \n\
            URI: https://example.com\n\
            Version: 1\n\
            Chain ID: mainnet\n\
            Nonce: vK7dQ2mTzX4pLr9nBw3YhC\n\
            Issued At: 2026-03-01T12:00:00.000Z\n\
            Expiration Time: 2026-03-01T12:05:00.000Z",
        signature: &hex::<64>(
            "633c6121f86c2d2e780763f375d4425dadf326a2aeefdba4b5e62959f27da76c\
             2ea995e04065863feb96944f4347cee4511c6115f8882a3052d4c0c552845901",
        ),
        public_key: None,
        key_type: None,
    },
    SelfTest {
        reference: "EtWTRABZaYq6iMfeYKouRu166VU2xqa1",
        address: "18r25upWaLDWwF45EDdwrKDxPXZq5UfzmHTXoNmhWsr",
        message: b"example.com wants you to sign in with your Solana account:\n\
            18r25upWaLDWwF45EDdwrKDxPXZq5UfzmHTXoNmhWsr\n\
            \n\
            Sign in to example.com.\n\
            \n\
            URI: https://example.com\n\
            Version: 1\n\
            Chain ID: devnet\n\
            Nonce: vK7dQ2mTzX4pLr9nBw3YhC\n\
            Issued At: 2026-03-01T12:00:00.000Z\n\
            Expiration Time: 2026-03-01T12:05:00.000Z",
        signature: &hex::<64>(
            "7e74fe8846543067b659fd740fccbc8d744f8fe7538d1b8d7ae662d3433aaa8f\
             b9c9cebaed87d771f3eadadde892db47729226f30c3e6699f809774a1977340d",
        ),
        public_key: None,
        key_type: None,
    },
    SelfTest {
        reference: "4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z",
        address: "DxqDRtrvMmyUQsAyfgkdvN2LS6aqKKwjqiHm2VE4Ro3u",
        message: b"example.com wants you to sign in with your Solana account:\n\
            DxqDRtrvMmyUQsAyfgkdvN2LS6aqKKwjqiHm2VE4Ro3u\n\
            \n\
            Sign in to example.com.\n\
            \n\
            URI: https://example.com\n\
            Version: 1\n\
            Chain ID: testnet\n\
            Nonce: vK7dQ2mTzX4pLr9nBw3YhC\n\
            Issued At: 2026-03-01T12:00:00.000Z\n\
            Expiration Time: 2026-03-01T12:05:00.000Z",
        signature: &hex::<64>(
            "ccbc1a1b05b24ee2b93b42c0e6ca625817d32a151877f4efad99c440a3efd4e5\
             23a6131f6a2021b031d397c16afce3614c1e4ffb4ff930560901a8500c982809",
        ),
        public_key: Some(&hex::<32>(
            "c099b42551d0730b90ca41a136da68e9420e5b913c162bf553b4db619fd25ab0",
        )),
        key_type: Some("ed25519"),
    },
];
