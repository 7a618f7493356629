//! Frames come back as they were, and nothing else is one.

use proptest::prelude::*;

use super::*;
use crate::{
    call::VerifyRequest,
    descriptor::{ChainDescriptor, SelfTest},
    drill::{Fault, MISDEEDS},
};

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<char>(), 0..8).prop_map(|chars| chars.into_iter().collect())
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..40)
}

fn drills() -> impl Strategy<Value = Frame> {
    (any::<u32>(), any::<u32>()).prop_flat_map(|(first, count)| {
        prop_oneof![
            Just(Drill::Cases { first, count }),
            Just(Drill::Together { count }),
            Just(Drill::Instances { count }),
        ]
        .prop_map(Frame::Drill)
    })
}

fn drilled() -> impl Strategy<Value = Frame> {
    let fault = (any::<u32>(), proptest::sample::select(&MISDEEDS[..]))
        .prop_map(|(case, what)| Fault { case, what });
    let faults = proptest::collection::vec(fault, 0..4);
    let system_calls = proptest::collection::vec(any::<u32>(), 0..4);
    (faults, any::<u32>(), any::<u32>(), system_calls).prop_map(
        |(faults, slowest, slowest_us, system_calls)| {
            Frame::Drilled(Drilled {
                faults,
                slowest,
                slowest_us,
                system_calls,
            })
        },
    )
}

fn self_test() -> impl Strategy<Value = SelfTest> {
    (text(), text(), bytes(), bytes(), bytes(), text()).prop_map(
        |(reference, address, message, signature, public_key, key_type)| SelfTest {
            reference,
            address,
            message,
            signature,
            public_key,
            key_type,
        },
    )
}

fn chain() -> impl Strategy<Value = ChainDescriptor> {
    let ids = proptest::collection::vec((text(), text()), 0..3);
    let key_types = proptest::collection::vec(text(), 0..3);
    let self_tests = proptest::collection::vec(self_test(), 0..3);
    (
        text(),
        text(),
        any::<u64>(),
        ids,
        key_types,
        self_tests,
        any::<[u32; 3]>(),
    )
        .prop_map(
            |(namespace, display_name, flags, chain_ids, key_types, self_tests, longest)| {
                ChainDescriptor {
                    namespace,
                    display_name,
                    flags,
                    chain_ids,
                    key_types,
                    self_tests,
                    max_address_len: longest[0],
                    max_signature_len: longest[1],
                    max_public_key_len: longest[2],
                }
            },
        )
}

fn address_question() -> impl Strategy<Value = Frame> {
    (any::<u32>(), text(), text()).prop_map(|(chain_index, reference, text)| {
        Frame::Call(Request::ParseAddress {
            chain_index,
            reference: reference.into(),
            text: text.into(),
        })
    })
}

fn frame() -> impl Strategy<Value = Frame> {
    let texts = || proptest::collection::vec(text(), 0..3);
    let descriptor = (
        text(),
        text(),
        text(),
        proptest::collection::vec(chain(), 0..3),
    )
        .prop_map(|(name, version, build_info, chains)| Descriptor {
            name,
            version,
            build_info,
            chains,
        });
    let verify = (any::<(u32, u64)>(), self_test()).prop_map(|((chain_index, call_id), test)| {
        Frame::Call(Request::Verify(VerifyRequest {
            chain_index,
            call_id,
            reference: test.reference.into(),
            address: test.address.into(),
            message: test.message.into(),
            signature: test.signature.into(),
            public_key: test.public_key.into(),
            key_type: test.key_type.into(),
        }))
    });
    let reply = (any::<(i32, u32, u64)>(), bytes(), bytes()).prop_map(
        |((status, verdict, call_id), output, error)| {
            Frame::Reply(Reply {
                status,
                verdict,
                call_id,
                output,
                error,
            })
        },
    );
    prop_oneof![
        (texts(), any::<u32>()).prop_map(|(without, threads)| Frame::Open { without, threads }),
        (descriptor, texts()).prop_map(|(descriptor, missing)| Frame::Opened {
            descriptor,
            missing
        }),
        text().prop_map(|config| Frame::Create { config }),
        Just(Frame::Created),
        text().prop_map(|fault| Frame::Refused(Refusal::Create(fault))),
        (text(), text()).prop_map(|(field, expected)| {
            Frame::Refused(Refusal::Descriptor { field, expected })
        }),
        address_question(),
        verify,
        reply,
        proptest::sample::select(&BREACHES[..]).prop_map(Frame::Breach),
        drills(),
        drilled(),
        (any::<u32>(), bytes()).prop_map(|(level, line)| Frame::Log { level, line }),
    ]
}

proptest! {
    #[test]
    fn a_frame_comes_back_as_it_was(frame in frame()) {
        let bytes = frame.encode().unwrap();
        let (length, body) = bytes.split_first_chunk().unwrap();
        prop_assert_eq!(u32::from_le_bytes(*length) as usize, body.len());
        prop_assert_eq!(Frame::decode(body), Ok(frame));
    }

    #[test]
    fn what_is_cut_or_longer_is_no_frame(frame in frame(), more in 0_u8..) {
        let bytes = frame.encode().unwrap();
        for end in 4..bytes.len() {
            prop_assert_eq!(Frame::decode(&bytes[4..end]), Err(NoFrame));
        }
        prop_assert_eq!(Frame::decode(&[&bytes[4..], &[more]].concat()), Err(NoFrame));
    }

    #[test]
    fn junk_is_read_without_a_panic(junk in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(frame) = Frame::decode(&junk) {
            prop_assert_eq!(&frame.encode().unwrap()[4..], junk);
        }
    }
}

#[test]
fn what_is_too_long_is_not_sent() {
    let config = "x".repeat(MAX_FRAME_LEN);
    assert_eq!(Frame::Create { config }.encode(), None);
}

#[test]
fn every_refusal_of_a_library_comes_back() {
    for refusal in [
        Refusal::NoSymbol,
        Refusal::Aliased,
        Refusal::Open("x".into()),
        Refusal::Magic,
        Refusal::Size(7),
        Refusal::Version(2),
        Refusal::NullFunction("verify"),
        Refusal::UnknownFlag,
        Refusal::Create("x".into()),
        Refusal::Jail("seccomp".into()),
    ] {
        let bytes = Frame::Refused(refusal.clone()).encode().unwrap();
        assert_eq!(Frame::decode(&bytes[4..]), Ok(Frame::Refused(refusal)));
    }
}

#[test]
fn a_refusal_has_no_parts_left_over() {
    for (code, first, second) in [
        ("CS-P021", "x", ""),
        ("CS-P030", "", "x"),
        ("CS-P060", "seccomp", "x"),
        ("CS-P031", "007", ""),
        ("CS-P032", "+2", ""),
    ] {
        let mut frame = vec![REFUSED];
        for part in [code, first, second] {
            frame.extend((part.len() as u32).to_le_bytes());
            frame.extend(part.bytes());
        }
        assert_eq!(Frame::decode(&frame), Err(NoFrame), "{code}");
    }
}

#[test]
fn a_text_that_is_not_utf8_is_no_frame() {
    let created = Frame::decode(&[CREATE, 1, 0, 0, 0, b'x']);
    assert!(matches!(created, Ok(Frame::Create { .. })));
    assert_eq!(Frame::decode(&[CREATE, 1, 0, 0, 0, 0xff]), Err(NoFrame));
}

#[test]
fn a_list_of_too_many_items_is_no_frame() {
    let open = |items| {
        let without = vec![String::new(); items];
        let bytes = Frame::Open {
            without,
            threads: 0,
        }
        .encode();
        Frame::decode(&bytes.expect("it is short")[4..])
    };
    assert!(open(MAX_ITEMS).is_ok());
    assert_eq!(open(MAX_ITEMS + 1), Err(NoFrame));
}
