//! The OCX dialect, by its routes.

mod alephium;
mod api_keys;
mod browser_rule;
mod chains;
mod challenge;
mod cors;
mod logout;
mod me;
mod nonce;
mod siwe;
