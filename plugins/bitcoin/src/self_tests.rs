//! Proofs that are valid, which a host checks before it serves the chain; four of the shared vectors, one for each kind
//! of address.

use countersign_plugin::{SelfTest, hex};

pub(crate) const SELF_TESTS: [SelfTest; 4] = [
    SelfTest {
        reference: "000000000019d6689c085ae165831e93",
        address: "bc1q9d6gdx8n73m7ldvhtfvkgdeqvjw9y7jvmx46ez",
        message: b"example.com wants you to sign in with your Bitcoin account:\n\
            bc1q9d6gdx8n73m7ldvhtfvkgdeqvjw9y7jvmx46ez\n\
            \n\
            Sign in to example.com.\n\
            \n\
            URI: https://example.com\n\
            Version: 1\n\
            Chain ID: 000000000019d6689c085ae165831e93\n\
            Nonce: vK7dQ2mTzX4pLr9nBw3YhC\n\
            Issued At: 2026-03-01T12:00:00.000Z\n\
            Expiration Time: 2026-03-01T12:05:00.000Z",
        signature: &hex::<107>(
            "024730440220723e2ebe94d69b618e2b362537f23f520bb6fadc440bc2df71f8\
             ef000ddf513c022029f067830126e3399e57b3188cc8fe6e49eb7a31b1513d54\
             104325b05fd46767012102010e2da930ece3c9a70735020da86571bd26dfff50\
             9379f95e5ad280f9c47a01",
        ),
        public_key: Some(&hex::<33>(
            "02010e2da930ece3c9a70735020da86571bd26dfff509379f95e5ad280f9c47a01",
        )),
        key_type: Some("secp256k1"),
    },
    SelfTest {
        reference: "000000000933ea01ad0ee984209779ba",
        address: "tb1pec6vplvr0xn46vysyxjk6kx24929vstpecht2qe2405x4pcjsmyq83wdyp",
        message: b"example.com wants you to sign in with your Bitcoin account:\n\
            tb1pec6vplvr0xn46vysyxjk6kx24929vstpecht2qe2405x4pcjsmyq83wdyp\n\
            \n\
            Sign in to example.com.\n\
            \n\
            URI: https://example.com\n\
            Version: 1\n\
            Chain ID: 000000000933ea01ad0ee984209779ba\n\
            Nonce: vK7dQ2mTzX4pLr9nBw3YhC\n\
            Issued At: 2026-03-01T12:00:00.000Z\n\
            Expiration Time: 2026-03-01T12:05:00.000Z",
        signature: &hex::<67>(
            "0141a4fee9339c9be15d61d88beee9e05f8f0663411336290298bc85e37fbef6\
             3598c5c1c364e7c3c0b60088de28e9fe04b62bd624dfa1bb7b113c5fc132fd4c\
             eb6001",
        ),
        public_key: None,
        key_type: None,
    },
    SelfTest {
        reference: "00000008819873e925422c1ff0f99f7c",
        address: "2NEJCc8Z2BrzRWiWVE6mbKxwnKKuH7bGwG1",
        message: b"example.com wants you to sign in with your Bitcoin account:\n\
            2NEJCc8Z2BrzRWiWVE6mbKxwnKKuH7bGwG1\n\
            \n\
            Sign in to example.com.\n\
            \n\
            URI: https://example.com\n\
            Version: 1\n\
            Chain ID: 00000008819873e925422c1ff0f99f7c\n\
            Nonce: vK7dQ2mTzX4pLr9nBw3YhC\n\
            Issued At: 2026-03-01T12:00:00.000Z\n\
            Expiration Time: 2026-03-01T12:05:00.000Z",
        signature: &hex::<108>(
            "0248304502210092d1b20532d2c2484a695c7664b882ec0230a05edc96ad28ef\
             4ffa6b52a2aa260220523ac74cfc1f8422b3846bf02348f5158d2ce8efd948b2\
             78b55da5f50b7c6fe601210211aa842d075bf73bf3c4b5d729edcbbd763d12b2\
             0791781b4d55b504cb6a6547",
        ),
        public_key: None,
        key_type: None,
    },
    SelfTest {
        reference: "000000000019d6689c085ae165831e93",
        address: "1HXbM2eC5mph5yKdhCC936Mbvbvrh9aD6j",
        message: b"example.com wants you to sign in with your Bitcoin account:\n\
            1HXbM2eC5mph5yKdhCC936Mbvbvrh9aD6j\n\
            \n\
            Sign in to example.com.\n\
            \n\
            URI: https://example.com\n\
            Version: 1\n\
            Chain ID: 000000000019d6689c085ae165831e93\n\
            Nonce: vK7dQ2mTzX4pLr9nBw3YhC\n\
            Issued At: 2026-03-01T12:00:00.000Z\n\
            Expiration Time: 2026-03-01T12:05:00.000Z",
        signature: &hex::<65>(
            "1b8a2ae5dadf0324123b17182314785628ad1adf4e3f8af4ac9083714c246f6a\
             d75214d929618baa178d6aa0c45fa92a925ba978eec80a474c193743f85c00e3\
             94",
        ),
        public_key: None,
        key_type: None,
    },
];
