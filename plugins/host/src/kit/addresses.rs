//! Addresses: one canonical form each, and nothing that only looks like one.

use countersign_core::{ChainVerifier, verifier::AddressError};

use super::{Checked, Finding, Rule, Vectors};
use crate::{adapter::PluginChain, plugin::Plugin};

pub(super) async fn check(plugin: &Plugin, vectors: &Vectors, checked: &mut Checked) {
    for chain in &plugin.chains {
        for vector in &vectors.addresses {
            if vector.namespace != chain.info.namespace {
                continue;
            }
            checked.counts.addresses += 1;
            let read = chain.parse_address(&vector.text).await;
            let fault = match (&read, &vector.canonical) {
                (Ok(address), Some(canonical)) if address.as_str() == canonical => continue,
                (Err(AddressError::Malformed { .. } | AddressError::Invalid { .. }), None) => {
                    continue;
                }
                (Ok(address), _) => format!("it is read as {}", address.as_str()),
                (Err(error), _) => format!("it is refused: {error}"),
            };
            let text = format!("vector {}: {fault}", vector.id);
            checked
                .findings
                .push(Finding::new(Rule::VectorAddress, text));
        }
        for test in &chain.descriptor.self_tests {
            check_strictness(chain, &test.address, checked).await;
        }
    }
}

/// None of these is the address that it was made from, nor any other.
async fn check_strictness(chain: &PluginChain, address: &str, checked: &mut Checked) {
    let middle = address.len() / 2;
    let (left, right) = address.split_at(middle);
    let with = |what: &str, between: &str| (what.to_owned(), format!("{left}{between}{right}"));
    let mut texts = vec![
        ("a blank before it".to_owned(), format!(" {address}")),
        ("a blank behind it".to_owned(), format!("{address} ")),
        ("a line end behind it".to_owned(), format!("{address}\n")),
        ("a NUL behind it".to_owned(), format!("{address}\0")),
        with("a blank in it", " "),
        with("a soft hyphen in it", "\u{ad}"),
        with("a zero-width space in it", "\u{200b}"),
        with("a right-to-left mark in it", "\u{200f}"),
    ];
    // Letters of other scripts that look like those of ASCII.
    for (letter, stranger) in [
        ('a', 'а'),
        ('e', 'е'),
        ('o', 'о'),
        ('c', 'с'),
        ('x', 'х'),
        ('1', '１'),
    ] {
        if address.contains(letter) {
            let text = address.replacen(letter, &stranger.to_string(), 1);
            texts.push((format!("{stranger:?} of another script in it"), text));
        }
    }
    for (what, text) in texts {
        checked.counts.addresses += 1;
        let read = chain.parse_address(&text).await;
        let fault = match read {
            Ok(_) => "is read as an address",
            Err(AddressError::Unavailable) => "is not judged",
            Err(_) => continue,
        };
        let text = format!("{address} with {what} {fault}");
        checked.findings.push(Finding::new(Rule::Lenient, text));
    }
}
