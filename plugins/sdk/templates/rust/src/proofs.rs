//! Proofs that are valid, made with another library than the one that checks them. The server checks them whenever it loads
//! the plugin, and that they fail once they are changed; `countersign plugin check` makes thousands of refused ones of
//! them. Replace them with what a wallet of your chain signed; three are the least.

use countersign_plugin::{SelfTest, hex};

pub const PROOFS: [SelfTest; 3] = [
    SelfTest {
        reference: "main",
        address: "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c",
        message: b"A message of one line.",
        signature: &hex::<64>(
            "072ba37414e8575b26c0934162a1b5cd5c0daf3f29282204e0ed6b119ecdb112\
             cdbe46e61587919464ad406662bc4cb15420cb67381c9a2a1c2fc1a1f989430d",
        ),
        public_key: None,
        key_type: None,
    },
    SelfTest {
        reference: "main",
        address: "8139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394",
        message: b"A message\nof two lines, signed by another key.",
        signature: &hex::<64>(
            "05bf3c3b17ff52ce19d010ffa35808cacf14e2dbf0e755712a68ec980e855ce9\
             db52ff072598e8383e35ab9c429201aa3383971f3a05f120cd2df414f7f2a709",
        ),
        public_key: None,
        key_type: None,
    },
    SelfTest {
        reference: "main",
        address: "ed4928c628d1c2c6eae90338905995612959273a5c63f93636c14614ac8737d1",
        message: "A message whose proof carries the key, in UTF-8: ü.".as_bytes(),
        signature: &hex::<64>(
            "3f95e77f7be55cdc0009cc35e247569d9860ad54e47bf4a19708da25e56b27a0\
             fcf42a9fd6f6b5a2c7f71bc4985022d3b41228cf2a1b49fe1c52861bdeeb3904",
        ),
        public_key: Some(&hex::<32>(
            "ed4928c628d1c2c6eae90338905995612959273a5c63f93636c14614ac8737d1",
        )),
        key_type: None,
    },
];
