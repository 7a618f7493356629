//! `verify`.

use std::ptr;

use countersign_plugin_abi::{
    Bytes, MIN_VERIFY_REPLY_SIZE, MIN_VERIFY_REQUEST_SIZE, OutBuffer, VerifyReply, VerifyRequest,
    level, status, verdict,
};

use crate::{
    host::{Instance, Room, lend},
    specimen::table,
};

const CALL_ID: u64 = 0x0123_4567_89AB_CDEF;

/// A question with a valid proof for chain 0, unless a test says otherwise.
pub(crate) struct Question<'a> {
    request: VerifyRequest,
    reply_size: u32,
    signer_cap: usize,
    instance: &'a Instance,
}

pub(crate) struct Answer {
    pub(crate) status: i32,
    pub(crate) verdict: u32,
    pub(crate) signer: Room,
    pub(crate) error: Room,
    call_id: u64,
}

impl<'a> Question<'a> {
    pub(crate) fn new(instance: &'a Instance, message: &'a [u8], signature: &'a [u8]) -> Self {
        let request = VerifyRequest {
            struct_size: MIN_VERIFY_REQUEST_SIZE,
            chain_index: 0,
            call_id: CALL_ID,
            reference: lend(b"main-net"),
            address: lend(b"alice"),
            message: lend(message),
            signature: lend(signature),
            public_key: Bytes::EMPTY,
            key_type: Bytes::EMPTY,
            evidence: ptr::null(),
            evidence_len: 0,
        };
        Self {
            request,
            reply_size: MIN_VERIFY_REPLY_SIZE,
            signer_cap: 128,
            instance,
        }
    }

    /// The same for chain 1.
    fn keyed(instance: &'a Instance) -> Self {
        let mut question = Self::new(instance, b"abc", b"cba");
        question.request.chain_index = 1;
        question.request.reference = lend(b"anything");
        question.request.public_key = lend(b"key");
        question
    }

    pub(crate) fn ask(&self) -> Answer {
        let (mut signer, mut error) = (Room::new(self.signer_cap), Room::new(256));
        let mut reply = VerifyReply {
            struct_size: self.reply_size,
            verdict: 0,
            call_id: 0,
            signer: signer.lend(),
            error: error.lend(),
            evidence_request: OutBuffer {
                ptr: ptr::null_mut(),
                cap: 0,
                len: 0,
            },
        };
        let verify = table().verify.unwrap();
        // SAFETY: all of it lives for the call.
        let status = unsafe { verify(self.instance.raw, &self.request, &mut reply) };
        signer.returned(&reply.signer);
        error.returned(&reply.error);
        assert!(reply.evidence_request.ptr.is_null() && reply.evidence_request.len == 0);
        Answer {
            status,
            verdict: reply.verdict,
            signer,
            error,
            call_id: reply.call_id,
        }
    }

    /// No verdict, no signer, but the call's id.
    pub(crate) fn assert_refused(&self, status: i32, error: &str) {
        let answer = self.ask();
        assert_eq!(
            (answer.status, answer.error.text().as_str()),
            (status, error)
        );
        assert_eq!((answer.verdict, answer.call_id), (0, CALL_ID));
        assert!(answer.signer.is_untouched());
    }

    fn assert_valid(&self) {
        let answer = self.ask();
        assert_eq!(
            (answer.status, answer.verdict),
            (status::OK, verdict::VALID)
        );
        assert_eq!(
            (answer.call_id, answer.error.text().as_str()),
            (CALL_ID, "")
        );
        assert_eq!(answer.signer.text(), "alice");
    }
}

#[test]
fn a_valid_proof_names_its_signer() {
    Question::new(&Instance::new(), b"abc", b"cba").assert_valid();
}

#[test]
fn an_invalid_proof_names_a_reason_and_no_signer() {
    let answer = Question::new(&Instance::new(), b"abc", b"abc").ask();
    assert_eq!(
        (answer.status, answer.verdict),
        (status::OK, verdict::INVALID)
    );
    assert_eq!(
        (answer.call_id, answer.error.text().as_str()),
        (CALL_ID, "not backwards")
    );
    assert!(answer.signer.is_untouched());
}

#[test]
fn another_signer_is_for_the_host_to_find() {
    let answer = Question::new(&Instance::new(), b"another signer", b"x").ask();
    assert_eq!(
        (answer.status, answer.verdict),
        (status::OK, verdict::VALID)
    );
    assert_eq!(answer.signer.text(), "mallory");
}

#[test]
fn a_signer_that_does_not_fit_leaves_no_verdict() {
    let instance = Instance::new();
    for cap in [0, 1, 4] {
        let mut question = Question::new(&instance, b"abc", b"cba");
        question.signer_cap = cap;
        let answer = question.ask();
        assert_eq!(
            (answer.status, answer.verdict),
            (status::BUFFER_TOO_SMALL, 0)
        );
        assert_eq!((answer.signer.len(), answer.call_id), (5, CALL_ID));
        assert!(answer.signer.is_untouched());
    }
    let mut question = Question::new(&instance, b"abc", b"cba");
    question.signer_cap = 5;
    question.assert_valid();
    let fault = "the plugin wrote an address that is empty or longer than max_address_len";
    Question::new(&instance, b"a long signer", b"x").assert_refused(status::INTERNAL, fault);
}

#[test]
fn errors_have_their_status_and_reasons_are_cut_between_characters() {
    let instance = Instance::new();
    Question::new(&instance, b"internal", b"x").assert_refused(status::INTERNAL, "out of order");
    Question::new(&instance, b"unsupported", b"x").assert_refused(status::UNSUPPORTED, "not here");
    let answer = Question::new(&instance, b"a long reason", b"x").ask();
    assert_eq!(answer.verdict, verdict::INVALID);
    assert_eq!(answer.error.text(), "ä".repeat(128));
}

#[test]
fn the_plugin_sees_what_was_asked() {
    let instance = Instance::new();
    let mut question = Question::keyed(&instance);
    question.request.message = lend(b"what is seen");
    question.request.key_type = lend(b"iron");
    let seen = question.ask().error.text();
    assert!(
        seen.starts_with("Proof { chain: Chain { namespace: \"keyed\""),
        "{seen}"
    );
}

#[test]
fn chains_that_are_not_listed_are_not_supported() {
    let instance = Instance::new();
    let mut question = Question::new(&instance, b"abc", b"cba");
    for index in [2, u32::MAX] {
        question.request.chain_index = index;
        question.assert_refused(status::UNSUPPORTED, "no such chain");
    }
    question.request.chain_index = 0;
    for reference in [&b"mainnet"[..], b"main-net2", b""] {
        question.request.reference = lend(reference);
        question.assert_refused(status::UNSUPPORTED, "a chain that is not listed");
    }
    question.request.reference = lend(b"testnet");
    question.assert_valid();
    Question::keyed(&instance).assert_valid();
}

#[test]
fn keys_and_key_types_are_as_the_chain_says() {
    let instance = Instance::new();
    let mut question = Question::keyed(&instance);
    for name in [&b"gold"[..], b"Iron", b"iron "] {
        question.request.key_type = lend(name);
        question.assert_refused(status::UNSUPPORTED, "a key type that is not listed");
    }
    question.request.key_type = lend(b"iron");
    question.assert_valid();
    question.request.public_key = Bytes::EMPTY;
    question.assert_refused(status::INVALID_INPUT, "no public key");
    question.request.public_key = lend(b"long!");
    question.assert_refused(status::INVALID_INPUT, "public key: more than 4 bytes");

    let mut question = Question::new(&instance, b"abc", b"cba");
    question.request.public_key = lend(b"k");
    question.assert_refused(status::INVALID_INPUT, "public key: more than 0 bytes");
}

#[test]
fn what_is_too_long_never_reaches_the_plugin() {
    let instance = Instance::new();
    let ask = |change: fn(&mut VerifyRequest), error| {
        let mut question = Question::new(&instance, b"abc", b"cba");
        change(&mut question.request);
        question.assert_refused(status::INVALID_INPUT, error);
    };
    ask(
        |request| request.reference = lend(&[b'a'; 33]),
        "chain id: more than 32 bytes",
    );
    ask(
        |request| request.address = lend(&[b'a'; 129]),
        "address: more than 128 bytes",
    );
    ask(
        |request| request.message = lend(&[0; 16385]),
        "message: more than 16384 bytes",
    );
    ask(
        |request| request.signature = lend(&[0; 65]),
        "signature: more than 64 bytes",
    );
    ask(
        |request| request.key_type = lend(&[b'a'; 33]),
        "key type: more than 32 bytes",
    );
    ask(
        |request| request.message.len = usize::MAX,
        "message: more than 16384 bytes",
    );
}

#[test]
fn what_is_no_text_never_reaches_the_plugin() {
    let instance = Instance::new();
    let ask = |change: fn(&mut VerifyRequest), status, error| {
        let mut question = Question::keyed(&instance);
        change(&mut question.request);
        question.assert_refused(status, error);
    };
    let invalid = status::INVALID_INPUT;
    ask(
        |request| request.reference = lend(b"\xff"),
        invalid,
        "chain id: no UTF-8",
    );
    ask(
        |request| request.address = lend(b"\xc3"),
        invalid,
        "address: no UTF-8",
    );
    ask(
        |request| request.key_type = lend(b"\xed\xa0\x80"),
        invalid,
        "key type: no UTF-8",
    );
    ask(
        |request| request.message.ptr = ptr::null(),
        status::UNSUPPORTED,
        "message: null",
    );
}

#[test]
fn any_byte_may_be_in_a_message() {
    let instance = Instance::new();
    let message: Vec<u8> = (0xC8..=0xFF).chain([0]).collect();
    let signature: Vec<u8> = message.iter().rev().copied().collect();
    Question::new(&instance, &message, &signature).assert_valid();
}

#[test]
fn structs_that_are_too_small_are_not_touched() {
    let instance = Instance::new();
    for size in [0, 4, MIN_VERIFY_REQUEST_SIZE - 1] {
        let mut question = Question::new(&instance, b"abc", b"cba");
        question.request.struct_size = size;
        let answer = question.ask();
        assert_eq!((answer.status, answer.verdict), (status::UNSUPPORTED, 0));
        assert_eq!((answer.call_id, answer.error.len()), (0, 0));
    }
    for size in [0, 4, MIN_VERIFY_REPLY_SIZE - 1] {
        let mut question = Question::new(&instance, b"abc", b"cba");
        question.reply_size = size;
        let answer = question.ask();
        assert_eq!((answer.status, answer.verdict), (status::UNSUPPORTED, 0));
        assert_eq!((answer.call_id, answer.error.len()), (0, 0));
    }
    let mut question = Question::new(&instance, b"abc", b"cba");
    question.request.struct_size = 4096;
    question.reply_size = 4096;
    question.assert_valid();
}

#[test]
fn null_pointers_are_not_supported() {
    let instance = Instance::new();
    let verify = table().verify.unwrap();
    let request = Question::new(&instance, b"abc", b"cba").request;
    // SAFETY: what is not null lives for the call.
    let statuses = unsafe {
        [
            verify(instance.raw, ptr::null(), ptr::null_mut()),
            verify(instance.raw, &request, ptr::null_mut()),
        ]
    };
    assert_eq!(statuses, [status::UNSUPPORTED; 2]);
}

#[test]
fn lines_reach_the_log_during_a_call_from_its_thread_only() {
    let instance = Instance::new();
    Question::new(&instance, b"log", b"gol").assert_valid();
    let lines = [
        (level::ERROR, "one".to_owned()),
        (level::WARN, "two".to_owned()),
        (level::INFO, "three".to_owned()),
        (level::DEBUG, "four".to_owned()),
    ];
    assert_eq!(instance.host.logged(), lines);
    Question::new(&instance, b"log from a thread", b"x").ask();
    assert!(instance.host.logged().is_empty());
}

#[test]
fn threads_share_an_instance() {
    let instance = Instance::new();
    let address = instance.raw as usize;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(move || {
                let shared = Instance {
                    host: crate::host::TestHost::new(),
                    raw: address as *mut _,
                };
                for _ in 0..1000 {
                    Question::new(&shared, b"abc", b"cba").assert_valid();
                }
                std::mem::forget(shared);
            });
        }
    });
}
