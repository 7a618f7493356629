//! Sizes, offsets and values as a C compiler sees them, against Rust's.

use std::{fmt::Write, mem::offset_of, process::Command};

use countersign_plugin_abi::{
    ABI_MAJOR, ABI_MINOR, AddressReply, AddressRequest, Bytes, Chain, ChainId, Host, MAGIC,
    MAX_ADDRESS_LEN, MAX_CHAINS, MAX_CONFIG_LEN, MAX_DESCRIPTOR_SIZE, MAX_ERROR_LEN, MAX_LIST_LEN,
    MAX_LOG_LEN, MAX_MESSAGE_LEN, MAX_PUBLIC_KEY_LEN, MAX_SIGNATURE_LEN, MAX_TEXT_LEN,
    MIN_ADDRESS_REPLY_SIZE, MIN_ADDRESS_REQUEST_SIZE, MIN_CHAIN_SIZE, MIN_DESCRIPTOR_SIZE,
    MIN_HOST_SIZE, MIN_VERIFY_REPLY_SIZE, MIN_VERIFY_REQUEST_SIZE, OutBuffer, Plugin, SYMBOL,
    SelfTest, VerifyReply, VerifyRequest, chain_flags, level, status, verdict,
};

use crate::{
    compiler::{C11, compile, run},
    source,
};

/// What is printed by C and expected by Rust: an expression in C, its value.
type Expectations = Vec<(String, u64)>;

/// Size and alignment of structs, offset and size of their fields.
macro_rules! structs {
    ($($rust:ident as $c:literal { $($field:ident),* $(,)? })*) => {{
        let mut expected = Expectations::new();
        $(
            // A field that is left out does not compile.
            let _ = |all: &$rust| { let $rust { $($field: _),* } = all; };
            expected.push((format!("sizeof({})", $c), size_of::<$rust>() as u64));
            expected.push((format!("_Alignof({})", $c), align_of::<$rust>() as u64));
            $(
                let field = c_field(stringify!($field));
                let size = size_of_field(|all: &$rust| &all.$field);
                expected.push((format!("offsetof({}, {field})", $c), offset_of!($rust, $field) as u64));
                expected.push((format!("sizeof((({} *)0)->{field})", $c), size as u64));
            )*
        )*
        expected
    }};
}

#[test]
fn structs_lie_in_memory_as_in_rust() {
    let expected = structs! {
        Bytes as "cs_bytes" { ptr, len }
        OutBuffer as "cs_out_buffer" { ptr, cap, len }
        Host as "cs_host" { struct_size, abi_minor, reserved, ctx, log }
        Plugin as "cs_plugin" {
            magic, struct_size, abi_major, abi_minor, flags, name, version, build_info, chains, chains_len, create,
            destroy, parse_address, verify, reserved,
        }
        Chain as "cs_chain" {
            struct_size, max_address_len, flags, namespace, display_name, chain_ids, chain_ids_len, key_types,
            key_types_len, self_tests, self_tests_len, max_signature_len, max_public_key_len,
        }
        ChainId as "cs_chain_id" { reference, text }
        SelfTest as "cs_self_test" { reference, address, message, signature, public_key, key_type }
        AddressRequest as "cs_address_request" { struct_size, chain_index, text, reference }
        AddressReply as "cs_address_reply" { struct_size, flags, canonical, error }
        VerifyRequest as "cs_verify_request" {
            struct_size, chain_index, call_id, reference, address, message, signature, public_key, key_type, evidence,
            evidence_len,
        }
        VerifyReply as "cs_verify_reply" { struct_size, verdict, call_id, signer, error, evidence_request }
    };
    let declared = source::types().into_values();
    for name in declared.filter(|name| !name.ends_with("_fn")) {
        let size = format!("sizeof({name})");
        assert!(expected.iter().any(|(of, _)| *of == size), "{name}");
    }
    check("layout", &expected);
}

/// A constant's name in C, and its value.
macro_rules! constants {
    ($($c:literal = $value:expr,)*) => {
        vec![$(($c.to_owned(), u64::try_from($value).unwrap()),)*]
    };
}

#[test]
fn constants_have_the_values_of_rust() {
    let mut expected: Expectations = constants! {
        "CS_MAGIC" = MAGIC,
        "CS_ABI_MAJOR" = ABI_MAJOR,
        "CS_ABI_MINOR" = ABI_MINOR,
        "CS_MIN_DESCRIPTOR_SIZE" = MIN_DESCRIPTOR_SIZE,
        "CS_MAX_DESCRIPTOR_SIZE" = MAX_DESCRIPTOR_SIZE,
        "CS_MIN_CHAIN_SIZE" = MIN_CHAIN_SIZE,
        "CS_MIN_HOST_SIZE" = MIN_HOST_SIZE,
        "CS_MIN_ADDRESS_REQUEST_SIZE" = MIN_ADDRESS_REQUEST_SIZE,
        "CS_MIN_ADDRESS_REPLY_SIZE" = MIN_ADDRESS_REPLY_SIZE,
        "CS_MIN_VERIFY_REQUEST_SIZE" = MIN_VERIFY_REQUEST_SIZE,
        "CS_MIN_VERIFY_REPLY_SIZE" = MIN_VERIFY_REPLY_SIZE,
        "CS_MAX_CONFIG_LEN" = MAX_CONFIG_LEN,
        "CS_MAX_TEXT_LEN" = MAX_TEXT_LEN,
        "CS_MAX_ADDRESS_LEN" = MAX_ADDRESS_LEN,
        "CS_MAX_SIGNATURE_LEN" = MAX_SIGNATURE_LEN,
        "CS_MAX_PUBLIC_KEY_LEN" = MAX_PUBLIC_KEY_LEN,
        "CS_MAX_MESSAGE_LEN" = MAX_MESSAGE_LEN,
        "CS_MAX_ERROR_LEN" = MAX_ERROR_LEN,
        "CS_MAX_LOG_LEN" = MAX_LOG_LEN,
        "CS_MAX_CHAINS" = MAX_CHAINS,
        "CS_MAX_LIST_LEN" = MAX_LIST_LEN,
        "CS_OK" = status::OK,
        "CS_INVALID_INPUT" = status::INVALID_INPUT,
        "CS_UNSUPPORTED" = status::UNSUPPORTED,
        "CS_BUFFER_TOO_SMALL" = status::BUFFER_TOO_SMALL,
        "CS_INTERNAL" = status::INTERNAL,
        "CS_PANIC" = status::PANIC,
        "CS_CHECK_FAILED" = status::CHECK_FAILED,
        "CS_VERDICT_VALID" = verdict::VALID,
        "CS_VERDICT_INVALID" = verdict::INVALID,
        "CS_LEVEL_ERROR" = level::ERROR,
        "CS_LEVEL_WARN" = level::WARN,
        "CS_LEVEL_INFO" = level::INFO,
        "CS_LEVEL_DEBUG" = level::DEBUG,
        "CS_CHAIN_ADDRESS_IS_KEY" = chain_flags::ADDRESS_IS_KEY,
        "CS_CHAIN_NEEDS_PUBLIC_KEY" = chain_flags::NEEDS_PUBLIC_KEY,
        "CS_CHAIN_ANY_REFERENCE" = chain_flags::ANY_REFERENCE,
        "CS_CHAIN_KNOWN" = chain_flags::KNOWN,
        "CS_CHAIN_MUST_UNDERSTAND" = chain_flags::MUST_UNDERSTAND,
    };
    let mut names = source::constants();
    assert!(names.remove("CS_SYMBOL"), "compared below: it is text");
    assert!(names.iter().eq(expected_names(&expected).iter()));

    let same_text = format!("strcmp(CS_SYMBOL, \"{SYMBOL}\")");
    expected.push((same_text, 0));
    check("constants", &expected);
}

/// The names, in order.
fn expected_names(expected: &Expectations) -> std::collections::BTreeSet<String> {
    expected.iter().map(|(name, _)| name.clone()).collect()
}

/// Compiles a program that prints each expression's value, and compares.
fn check(name: &str, expected: &Expectations) {
    let mut program =
        "#include \"countersign_plugin.h\"\n#include <stdio.h>\nint main(void) {\n".to_owned();
    let mut lines = String::new();
    for (expression, value) in expected {
        let text = expression.replace('"', "'");
        writeln!(
            program,
            "  printf(\"{text} %llu\\n\", (unsigned long long)({expression}));"
        )
        .unwrap();
        writeln!(lines, "{text} {value}").unwrap();
    }
    program.push_str("  return 0;\n}\n");
    assert_eq!(run(Command::new(compile("cc", name, &program, C11))), lines);
}

/// `namespace` is a word of C++.
fn c_field(name: &str) -> &str {
    if name == "namespace" {
        "namespace_"
    } else {
        name
    }
}

fn size_of_field<Struct, Field>(_: fn(&Struct) -> &Field) -> usize {
    size_of::<Field>()
}
