//! Proofs that are valid, which a host checks before it serves the chain; three of the shared vectors, made with CosmJS.

use countersign_plugin::{SelfTest, hex};

pub(crate) const SELF_TESTS: [SelfTest; 3] = [
    SelfTest {
        reference: "cosmoshub-4",
        address: "cosmos106z9xzxf93v40skmf2dav95305tc239twarvjx",
        message: b"example.com wants you to sign in with your Cosmos account:\n\
            cosmos106z9xzxf93v40skmf2dav95305tc239twarvjx\n\
            \n\
            Sign in to example.com.\n\
            \n\
            URI: https://example.com\n\
            Version: 1\n\
            Chain ID: cosmoshub-4\n\
            Nonce: vK7dQ2mTzX4pLr9nBw3YhC\n\
            Issued At: 2026-03-01T12:00:00.000Z\n\
            Expiration Time: 2026-03-01T12:05:00.000Z",
        signature: &hex::<64>(
            "56d8001083a2f6d2d09a83e78f32f549f78d92de7de5596e212ba6f28316cc96\
             61d5b9a1f59ff74e203c0c8f00d04ebefbe9cadae07c86a2ed5f41912300d8de",
        ),
        public_key: Some(&hex::<33>(
            "0386c0dfac075fee0cc8bba071cf929350dd5383b716cb2cb7f4d09b6993a182ed",
        )),
        key_type: Some("secp256k1"),
    },
    SelfTest {
        reference: "osmosis-1",
        address: "osmo1rthdy53kwg6nm2fza5tgwcunsw250wf85984u2",
        message: b"example.com wants you to sign in with your Cosmos account:\n\
            osmo1rthdy53kwg6nm2fza5tgwcunsw250wf85984u2\n\
            \n\
            Sign in to example.com.\n\
            \n\
            URI: https://example.com\n\
            Version: 1\n\
            Chain ID: osmosis-1\n\
            Nonce: vK7dQ2mTzX4pLr9nBw3YhC\n\
            Issued At: 2026-03-01T12:00:00.000Z\n\
            Expiration Time: 2026-03-01T12:05:00.000Z",
        signature: &hex::<64>(
            "1156ca38eafd4e8fcb5776b67a27067c7a24ac4edd489aa6457cfc2f9fa556b4\
             5daadda01321fe4f508c3e5b9730538798be6b3bc11f66d5c7a8248b8680327b",
        ),
        public_key: Some(&hex::<33>(
            "02b3c3775ca8464ad8ba410e017a68632b93b6c7b793ecd76192f7b3831452c6f1",
        )),
        key_type: None,
    },
    SelfTest {
        reference: "celestia",
        address: "celestia1q2g8kl5z3yz0xtqrjzm39qt2awcrx9lcscj4wt",
        message: b"example.com wants you to sign in with your Cosmos account:\n\
            celestia1q2g8kl5z3yz0xtqrjzm39qt2awcrx9lcscj4wt\n\
            \n\
            Sign in to example.com.\n\
            \n\
            URI: https://example.com\n\
            Version: 1\n\
            Chain ID: celestia\n\
            Nonce: vK7dQ2mTzX4pLr9nBw3YhC\n\
            Issued At: 2026-03-01T12:00:00.000Z\n\
            Expiration Time: 2026-03-01T12:05:00.000Z",
        signature: &hex::<64>(
            "0af34df6b428c91903568d596bad1394ce457b01c9e2ab221459650e60bf161c\
             392865455cf84d6f84553135e8fa9b472c6ead26d870fd7e7e5160adb5f34a3f",
        ),
        public_key: Some(&hex::<33>(
            "03570c4f231c5a6ec0c34a13568e8f7d60899ea5fbf31e9c328b6ae435183f15f4",
        )),
        key_type: None,
    },
];
