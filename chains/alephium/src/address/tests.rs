use super::*;

const KEY: &str = "3cUquuTagi39uh26RS9KcyXVAemdkSoMa4M8gebreUVXKEfCUtutV";
const KEY_HASH: &str = "1AN3Fs1316FS8Bar9149shcCvBoESezH49eFqiQGTF9Gj";
const TWO_KEYS: &str = concat!(
    "2jkNVCbXRtaTscLzARgzyKPgNi9FxAXfqYyDFrbPg3B9xz",
    "62UpxxBbGuGqvteo96fCeZGJZ28VyMRqDUXR2XThGQYCZ",
);

/// Made with the official library, as all addresses here: see the README of the vectors.
#[test]
fn addresses_of_every_type_read_back_with_their_group() {
    for (text, group, key_type) in [
        (KEY_HASH, 0, Some(KeyType::Default)),
        (TWO_KEYS, 0, None),
        (
            "gvx5x1T7ADMnBvMUG2pW4HksY5H5dFN8qXaEkSNmcFV3",
            1,
            Some(KeyType::Bip340Schnorr),
        ),
        ("24ohxBG2w3qK1eZsCXKpzCK78eEiB88o4PKZJZBtyE6VG", 3, None),
        (KEY, 0, Some(KeyType::GlSecp256k1)),
        (
            "3cdQhhYGZ7JsedLHnUGdKjy9eGxDx1LFY2p4YtchDHQHETD6cn7cb",
            2,
            Some(KeyType::GlSecp256r1),
        ),
        (
            "bR1fwAH3HynxbbYLA9pV7ALWBER3mnzbuNMAtWGcur978VudQDG",
            0,
            Some(KeyType::GlEd25519),
        ),
        (
            "3cvcpHQXbNgsHuydi5PJbpnFMCeWaEkaM77Lfx8YmmPGuGBSJiWUt",
            1,
            Some(KeyType::GlWebauthn),
        ),
        (
            "ApDtDnziKnAcUsXQMP6SRuoHz1B8u2ENvVHvWGJJirWBKanbpB",
            2,
            None,
        ),
    ] {
        let address = AlephiumAddress::parse(text).unwrap();
        assert_eq!(address.to_string(), text);
        assert_eq!(address.key_type(), key_type, "{text}");
        assert_eq!(group_of(text), Ok(group), "{text}");
    }
}

#[test]
fn a_count_of_keys_may_take_two_bytes() {
    let address = AlephiumAddress::KeyHashes {
        hashes: vec![[7; 32]; 33],
        threshold: 32,
    };
    let text = address.to_string();
    assert_eq!(AlephiumAddress::parse(&text), Ok(address));
    assert_eq!(group_of(&text), Ok(hashed_group(&[7; 32])));
}

#[test]
fn a_suffix_names_the_group_of_a_groupless_address_and_is_no_part_of_it() {
    for group in 0..4 {
        let text = format!("{KEY}:{group}");
        assert_eq!(AlephiumAddress::parse(&text).unwrap().to_string(), KEY);
        assert_eq!(group_of(&text), Ok(group));
    }
}

fn check_malformed(text: &str) {
    assert_eq!(AlephiumAddress::parse(text), Err(MALFORMED), "{text:?}");
}

#[test]
fn other_suffixes_and_suffixes_elsewhere_are_malformed() {
    for suffix in [
        ":4", ":9", ":", ":00", "::0", ":a", ": 1", ":+1", ":-1", ":1:1", ":1 ",
    ] {
        check_malformed(&format!("{KEY}{suffix}"));
    }
    check_malformed(&format!("{KEY_HASH}:0"));
}

#[test]
fn other_texts_are_malformed() {
    for text in ["", "1", ":0", "I0Ol", "vitalik.eth", "б", "LUw"] {
        check_malformed(text);
    }
    check_malformed(&format!(" {KEY_HASH}"));
    check_malformed(&format!("{KEY_HASH}\n"));
    check_malformed(&format!("1{KEY_HASH}"));
    check_malformed(&"1".repeat(LONGEST + 1));
}

#[test]
fn other_lengths_types_and_counts_are_malformed() {
    let hash = [7_u8; 32];
    for bytes in [
        prefixed(0, &[&hash[1..]]),
        prefixed(0, &[&hash, &[7]]),
        prefixed(1, &[&[0], &[0]]),
        prefixed(1, &[&[1], &hash, &[0]]),
        prefixed(1, &[&[1], &hash, &[2]]),
        prefixed(1, &[&[1], &hash, &[0x40, 1]]),
        prefixed(1, &[&[1], &hash, &[1], &[0]]),
        prefixed(1, &[&[0x40, 1], &hash, &[1]]),
        prefixed(1, &[&[2], &hash, &[1]]),
        prefixed(2, &[&hash[1..]]),
        // A contract's group.
        prefixed(3, &[&hash]),
        with_checksum(4, &prefixed(0, &[&hash])),
        with_checksum(4, &prefixed(2, &[&hash, &[7]])),
        with_checksum(4, &prefixed(4, &[&hash, &[7]])),
        // The group as a byte, which some parsers take.
        [with_checksum(5, &hash), vec![0]].concat(),
        prefixed(6, &[&hash]),
    ] {
        check_malformed(&bs58::encode(bytes).into_string());
    }
}

#[test]
fn a_wrong_checksum_is_not_a_wrong_form() {
    let hash = [7_u8; 32];
    let checksum = djb2(&hash);
    for bytes in [
        prefixed(5, &[&hash, &checksum.to_le_bytes()]),
        prefixed(5, &[&hash, &(checksum ^ 1).to_be_bytes()]),
        prefixed(5, &[&hash, &djb2(&prefixed(5, &[&hash])).to_be_bytes()]),
    ] {
        assert_eq!(
            AlephiumAddress::parse(&bs58::encode(bytes).into_string()),
            Err(AddressError::invalid(CHECKSUM))
        );
    }
}
