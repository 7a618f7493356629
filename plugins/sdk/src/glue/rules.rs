//! What the ABI asks of a description, judged when the plugin is compiled. A host judges it again.

use countersign_plugin_abi::{
    MAX_ADDRESS_LEN, MAX_CHAINS, MAX_LIST_LEN, MAX_MESSAGE_LEN, MAX_PUBLIC_KEY_LEN,
    MAX_SIGNATURE_LEN,
};

use crate::{Chain, ChainId, SelfTest};

/// What is wrong, in words for whoever writes the plugin.
pub(super) type Fault = &'static str;

/// Fails with a sentence unless a condition holds.
macro_rules! require {
    ($holds:expr, $fault:literal) => {
        if !$holds {
            return Err($fault);
        }
    };
}

/// `?`, which constants do not know.
macro_rules! pass_on {
    ($result:expr) => {
        if let Err(fault) = $result {
            return Err(fault);
        }
    };
}

/// Judges a whole description.
pub(super) const fn check(name: &str, version: &str, chains: &[Chain]) -> Result<(), Fault> {
    require!(
        is_made_of(name, b"-", false, 3, 32),
        "NAME has to be 3 to 32 of -, a-z, 0-9"
    );
    require!(
        is_printable(version, 32),
        "VERSION has to be 1 to 32 printable ASCII characters"
    );
    require!(
        !chains.is_empty() && chains.len() <= MAX_CHAINS,
        "CHAINS has to hold 1 to 16 chains"
    );
    let mut at = 0;
    while at < chains.len() {
        pass_on!(check_chain(&chains[at]));
        let mut before = 0;
        while before < at {
            require!(
                !is_same(chains[at].namespace, chains[before].namespace),
                "two chains have one namespace"
            );
            before += 1;
        }
        at += 1;
    }
    Ok(())
}

const fn check_chain(chain: &Chain) -> Result<(), Fault> {
    require!(
        is_made_of(chain.namespace, b"-", false, 3, 8),
        "a namespace has to be 3 to 8 of -, a-z, 0-9"
    );
    require!(
        is_display_name(chain.display_name),
        "a display name has to be 1 to 32 letters, digits, blanks and hyphens, a letter or digit at both ends"
    );
    require!(
        chain.max_address_len >= 1 && chain.max_address_len <= MAX_ADDRESS_LEN,
        "max_address_len has to be 1 to 128"
    );
    require!(
        chain.max_signature_len >= 1 && chain.max_signature_len <= MAX_SIGNATURE_LEN,
        "max_signature_len has to be 1 to 16384"
    );
    require!(
        chain.max_public_key_len <= MAX_PUBLIC_KEY_LEN,
        "max_public_key_len has to be at most 4096"
    );
    require!(
        !chain.needs_public_key || chain.max_public_key_len > 0,
        "a chain that needs a public key has to say max_public_key_len"
    );
    pass_on!(check_chain_ids(chain));
    pass_on!(check_key_types(chain.key_types));
    check_self_tests(chain)
}

const fn check_chain_ids(chain: &Chain) -> Result<(), Fault> {
    let ids = chain.chain_ids;
    require!(
        !ids.is_empty() || chain.any_reference,
        "a chain has to list a chain id or say any_reference"
    );
    require!(
        ids.len() <= MAX_LIST_LEN,
        "a chain has to list at most 64 chain ids"
    );
    let mut at = 0;
    while at < ids.len() {
        require!(
            is_made_of(ids[at].reference, b"-_", true, 1, 32),
            "a reference has to be 1 to 32 of -, _, a-z, A-Z, 0-9"
        );
        require!(
            is_made_of(ids[at].text, b"-_", true, 1, 78),
            "a chain id's text has to be 1 to 78 of -, _, a-z, A-Z, 0-9"
        );
        let mut before = 0;
        while before < at {
            require!(
                !is_same(ids[at].reference, ids[before].reference),
                "two chain ids have one reference"
            );
            require!(
                !is_same(ids[at].text, ids[before].text),
                "two chain ids are written alike"
            );
            before += 1;
        }
        at += 1;
    }
    Ok(())
}

const fn check_key_types(names: &[&str]) -> Result<(), Fault> {
    require!(
        names.len() <= MAX_LIST_LEN,
        "a chain has to list at most 64 key types"
    );
    let mut at = 0;
    while at < names.len() {
        require!(
            is_made_of(names[at], b"-_.", true, 1, 32),
            "a key type has to be 1 to 32 of -, _, ., a-z, A-Z, 0-9"
        );
        let mut before = 0;
        while before < at {
            require!(
                !is_same(names[at], names[before]),
                "a key type is listed twice"
            );
            before += 1;
        }
        at += 1;
    }
    Ok(())
}

const fn check_self_tests(chain: &Chain) -> Result<(), Fault> {
    let tests = chain.self_tests;
    require!(
        !tests.is_empty() && tests.len() <= MAX_LIST_LEN,
        "a chain has to have 1 to 64 self-tests"
    );
    let mut at = 0;
    while at < tests.len() {
        pass_on!(check_self_test(chain, &tests[at]));
        at += 1;
    }
    Ok(())
}

const fn check_self_test(chain: &Chain, test: &SelfTest) -> Result<(), Fault> {
    require!(
        chain.any_reference || lists_reference(chain.chain_ids, test.reference),
        "a self-test is of a chain id that is not listed"
    );
    require!(
        is_made_of(
            test.address,
            b"-.%",
            true,
            1,
            chain.max_address_len as usize
        ),
        "a self-test's address has to be 1 to max_address_len of -, ., %, a-z, A-Z, 0-9"
    );
    require!(
        !test.message.is_empty() && test.message.len() <= MAX_MESSAGE_LEN as usize,
        "a self-test's message has to be 1 to 16384 bytes"
    );
    let signature = test.signature.len();
    require!(
        signature >= 1 && signature <= chain.max_signature_len as usize,
        "a self-test's signature has to be 1 to max_signature_len bytes"
    );
    match test.public_key {
        Some(key) => require!(
            !key.is_empty() && key.len() <= chain.max_public_key_len as usize,
            "a self-test's public key has to be 1 to max_public_key_len bytes"
        ),
        None => require!(
            !chain.needs_public_key,
            "a self-test of a chain that needs a public key has none"
        ),
    }
    if let Some(name) = test.key_type {
        require!(
            lists(chain.key_types, name),
            "a self-test's key type is not listed"
        );
    }
    Ok(())
}

const fn lists_reference(ids: &[ChainId], reference: &str) -> bool {
    let mut at = 0;
    while at < ids.len() {
        if is_same(ids[at].reference, reference) {
            return true;
        }
        at += 1;
    }
    false
}

const fn lists(names: &[&str], name: &str) -> bool {
    let mut at = 0;
    while at < names.len() {
        if is_same(names[at], name) {
            return true;
        }
        at += 1;
    }
    false
}

/// `min` to `max` of a-z, 0-9, `others` and, if `capitals`, A-Z.
const fn is_made_of(text: &str, others: &[u8], capitals: bool, min: usize, max: usize) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        let fits = byte.is_ascii_lowercase()
            || byte.is_ascii_digit()
            || (capitals && byte.is_ascii_uppercase())
            || contains(others, byte);
        if !fits {
            return false;
        }
        at += 1;
    }
    min <= bytes.len() && bytes.len() <= max
}

const fn contains(bytes: &[u8], byte: u8) -> bool {
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == byte {
            return true;
        }
        at += 1;
    }
    false
}

const fn is_display_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    is_made_of(text, b" -", true, 1, 32)
        && bytes[0].is_ascii_alphanumeric()
        && bytes[bytes.len() - 1].is_ascii_alphanumeric()
}

const fn is_printable(text: &str, max: usize) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_graphic() && bytes[at] != b' ' {
            return false;
        }
        at += 1;
    }
    !bytes.is_empty() && bytes.len() <= max
}

const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests;
