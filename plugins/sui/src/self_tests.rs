//! Proofs that are valid, which a host checks before it serves the chain; three of the shared vectors, made with Sui's
//! own library: one of each scheme.

use countersign_plugin::{SelfTest, hex};

pub(crate) const SELF_TESTS: [SelfTest; 3] = [
    SelfTest {
        reference: "mainnet",
        address: "0x7c09428f39b01008a82d82bf4b286870abb6047836587adaf9bc40ff29b37649",
        message: b"example.com wants you to sign in with your Sui account:\n\
            0x7c09428f39b01008a82d82bf4b286870abb6047836587adaf9bc40ff29b37649\n\
            \n\
            Sign in to example.com.\n\
            \n\
            URI: https://example.com\n\
            Version: 1\n\
            Chain ID: mainnet\n\
            Nonce: vK7dQ2mTzX4pLr9nBw3YhC\n\
            Issued At: 2026-03-01T12:00:00.000Z\n\
            Expiration Time: 2026-03-01T12:05:00.000Z",
        signature: &hex::<97>(
            "004f2e68ba0d399787ae34078aed12bc4ba2a7c3b77cbb7bba4185f383b04150ec\
             ec0d2623b930743e0e38e16c134ffcb54572f090ab77438f3b23bd68e09c850b4c\
             4b4a8af158b516a508fa2dfaf34aa01cbdf44e1ab4814da5a4c6dd1aae7549",
        ),
        public_key: None,
        key_type: None,
    },
    SelfTest {
        reference: "testnet",
        address: "0x9d0a302f28784f32fcc85d808913aec39a358fc0f425826857d93e6daba1f7fb",
        message: b"example.com wants you to sign in with your Sui account:\n\
            0x9d0a302f28784f32fcc85d808913aec39a358fc0f425826857d93e6daba1f7fb\n\
            \n\
            Sign in to example.com.\n\
            \n\
            URI: https://example.com\n\
            Version: 1\n\
            Chain ID: testnet\n\
            Nonce: vK7dQ2mTzX4pLr9nBw3YhC\n\
            Issued At: 2026-03-01T12:00:00.000Z\n\
            Expiration Time: 2026-03-01T12:05:00.000Z",
        signature: &hex::<98>(
            "0188050fbe16cf559c431c032ddbec7a02381643bf082c30a57368b16b671ef0bc\
             20fb7cd70992bda246b8bca2edb2b782ca6fdb684f3c5fd3dfe4e00d73017c7d03\
             407c80fd13c503daefe0e23385f542049ac2b1e3e2927b2bce8796a781d583e3",
        ),
        public_key: Some(&hex::<33>(
            "03407c80fd13c503daefe0e23385f542049ac2b1e3e2927b2bce8796a781d583e3",
        )),
        key_type: Some("secp256k1"),
    },
    SelfTest {
        reference: "devnet",
        address: "0x676ef2f98c7cc80803b1678aa0062f5a270514f6ba5f5a4a21730e4bcdc8b4f0",
        message: b"example.com wants you to sign in with your Sui account:\n\
            0x676ef2f98c7cc80803b1678aa0062f5a270514f6ba5f5a4a21730e4bcdc8b4f0\n\
            \n\
            Sign in to example.com.\n\
            \n\
            URI: https://example.com\n\
            Version: 1\n\
            Chain ID: devnet\n\
            Nonce: vK7dQ2mTzX4pLr9nBw3YhC\n\
            Issued At: 2026-03-01T12:00:00.000Z\n\
            Expiration Time: 2026-03-01T12:05:00.000Z",
        signature: &hex::<98>(
            "025a57502d0bacd0a7d9dbf9a41c9aedfd006ed2c9ad07dcbc24f27b237f05918b\
             742cb3dee04a0b4ad9f75f0d6abf30728d67a82fa1ac355dd99dfd4878e7694702\
             595cf943183b6ccc64fc42b00af3b314391455dab4b110b4c386d0ae054658d0",
        ),
        public_key: Some(&hex::<33>(
            "02595cf943183b6ccc64fc42b00af3b314391455dab4b110b4c386d0ae054658d0",
        )),
        key_type: Some("secp256r1"),
    },
];
