//! The document that wallets sign in place of a text: ADR-36, as JSON of Amino, its keys in order.

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::address::Address;

/// The bytes that a wallet signs. Base64 and Bech32 have no character that JSON escapes.
pub(crate) fn sign_doc(message: &[u8], signer: &Address) -> String {
    let data = STANDARD.encode(message);
    format!(
        "{{\"account_number\":\"0\",\"chain_id\":\"\",\"fee\":{{\"amount\":[],\"gas\":\"0\"}},\"memo\":\"\",\
         \"msgs\":[{{\"type\":\"sign/MsgSignData\",\"value\":{{\"data\":\"{data}\",\"signer\":\"{signer}\"}}}}],\
         \"sequence\":\"0\"}}"
    )
}
