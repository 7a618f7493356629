//! `parse_address`.

use std::ptr;

use countersign_plugin_abi::{
    AddressReply, AddressRequest, Bytes, MIN_ADDRESS_REPLY_SIZE, MIN_ADDRESS_REQUEST_SIZE, status,
};

use crate::{
    host::{Instance, Room, lend},
    specimen::table,
};

/// A question, sound unless a test says otherwise.
struct Question<'a> {
    text: Bytes,
    reference: Bytes,
    chain_index: u32,
    request_size: u32,
    reply_size: u32,
    cap: usize,
    error_cap: usize,
    instance: &'a Instance,
}

struct Answer {
    status: i32,
    canonical: Room,
    error: Room,
}

impl<'a> Question<'a> {
    fn new(instance: &'a Instance, text: &'a [u8]) -> Self {
        Self {
            text: lend(text),
            reference: lend(b""),
            chain_index: 0,
            request_size: MIN_ADDRESS_REQUEST_SIZE,
            reply_size: MIN_ADDRESS_REPLY_SIZE,
            cap: 128,
            error_cap: 256,
            instance,
        }
    }

    fn ask(&self) -> Answer {
        let request = AddressRequest {
            struct_size: self.request_size,
            chain_index: self.chain_index,
            text: self.text,
            reference: self.reference,
        };
        let (mut canonical, mut error) = (Room::new(self.cap), Room::new(self.error_cap));
        let mut reply = AddressReply {
            struct_size: self.reply_size,
            flags: 0,
            canonical: canonical.lend(),
            error: error.lend(),
        };
        let parse = table().parse_address.unwrap();
        // SAFETY: all of it lives for the call.
        let status = unsafe { parse(self.instance.raw, &request, &mut reply) };
        canonical.returned(&reply.canonical);
        error.returned(&reply.error);
        assert_eq!((reply.struct_size, reply.flags), (self.reply_size, 0));
        Answer {
            status,
            canonical,
            error,
        }
    }

    fn assert_refused(&self, status: i32, error: &str) {
        let answer = self.ask();
        assert_eq!(
            (answer.status, answer.error.text().as_str()),
            (status, error)
        );
        assert!(answer.canonical.is_untouched());
        assert_eq!(answer.canonical.len(), 0);
    }
}

const EXPECTED: &str = "1 to 16 letters, the last no z";

#[test]
fn an_address_is_written_in_its_canonical_form() {
    let answer = Question::new(&Instance::new(), b"Alice").ask();
    assert_eq!(answer.status, status::OK);
    assert_eq!(answer.canonical.text(), "alice");
    assert_eq!(answer.error.text(), "");
}

#[test]
fn malformed_and_failed_checks_differ() {
    let instance = Instance::new();
    Question::new(&instance, b"a1").assert_refused(status::INVALID_INPUT, EXPECTED);
    Question::new(&instance, b"").assert_refused(status::INVALID_INPUT, EXPECTED);
    Question::new(&instance, b"aliz").assert_refused(status::CHECK_FAILED, EXPECTED);
}

#[test]
fn a_text_that_is_no_utf8_or_too_long_never_reaches_the_plugin() {
    let instance = Instance::new();
    let expected = "UTF-8 of at most 1,024 bytes";
    Question::new(&instance, b"al\xffce").assert_refused(status::INVALID_INPUT, expected);
    Question::new(&instance, &[b'a'; 1025]).assert_refused(status::INVALID_INPUT, expected);
    Question::new(&instance, &[b'a'; 1024]).assert_refused(status::INVALID_INPUT, EXPECTED);
}

#[test]
fn a_null_text_is_read_as_empty_or_refused() {
    let instance = Instance::new();
    let mut question = Question::new(&instance, b"");
    question.text = Bytes::EMPTY;
    question.assert_refused(status::INVALID_INPUT, EXPECTED);
    question.text.len = 1;
    question.assert_refused(status::UNSUPPORTED, "UTF-8 of at most 1,024 bytes");
}

#[test]
fn an_answer_is_written_whole_or_not_at_all() {
    let instance = Instance::new();
    for cap in [0, 1, 4] {
        let mut question = Question::new(&instance, b"alice");
        question.cap = cap;
        let answer = question.ask();
        assert_eq!(answer.status, status::BUFFER_TOO_SMALL, "{cap}");
        assert_eq!(answer.canonical.len(), 5, "what it would take");
        assert!(answer.canonical.is_untouched());
    }
    let mut question = Question::new(&instance, b"alice");
    question.cap = 5;
    assert_eq!(question.ask().canonical.text(), "alice");
}

#[test]
fn an_error_is_cut_to_its_room() {
    let instance = Instance::new();
    for cap in [0, 1, EXPECTED.len() - 1, EXPECTED.len()] {
        let mut question = Question::new(&instance, b"1");
        question.error_cap = cap;
        question.assert_refused(status::INVALID_INPUT, &EXPECTED[..cap]);
    }
}

#[test]
fn a_chain_that_is_not_there_is_not_supported() {
    let instance = Instance::new();
    for index in [2, 3, u32::MAX] {
        let mut question = Question::new(&instance, b"alice");
        question.chain_index = index;
        question.assert_refused(status::UNSUPPORTED, "no such chain");
    }
    let mut question = Question::new(&instance, b"alice");
    question.chain_index = 1;
    assert_eq!(question.ask().status, status::OK);
}

#[test]
fn an_address_is_read_as_one_of_the_chain_that_is_named() {
    let instance = Instance::new();
    let ask = |reference: &'static [u8], size| {
        let mut question = Question::new(&instance, b"native");
        question.reference = lend(reference);
        question.request_size = size;
        question
    };
    let whole = size_of::<AddressRequest>() as u32;
    assert_eq!(ask(b"main-net", whole).ask().status, status::OK);
    let refused = "an address of this chain";
    ask(b"testnet", whole).assert_refused(status::CHECK_FAILED, refused);
    let unlisted = "a chain that is not listed";
    ask(b"elsewhere", whole).assert_refused(status::UNSUPPORTED, unlisted);
    // Only the namespace is known, or the host is of version 1.0 and has no such field.
    assert_eq!(ask(b"", whole).ask().status, status::OK);
    assert_eq!(
        ask(b"testnet", MIN_ADDRESS_REQUEST_SIZE).ask().status,
        status::OK
    );
    assert_eq!(ask(b"testnet", whole - 1).ask().status, status::OK);
}

#[test]
fn structs_that_are_too_small_are_not_touched() {
    let instance = Instance::new();
    for size in [0, 1, MIN_ADDRESS_REQUEST_SIZE - 1] {
        let mut question = Question::new(&instance, b"alice");
        question.request_size = size;
        question.assert_refused(status::UNSUPPORTED, "");
    }
    for size in [0, 1, MIN_ADDRESS_REPLY_SIZE - 1] {
        let mut question = Question::new(&instance, b"1");
        question.reply_size = size;
        question.assert_refused(status::UNSUPPORTED, "");
    }
    let mut question = Question::new(&instance, b"alice");
    question.request_size = 4096;
    question.reply_size = 4096;
    assert_eq!(question.ask().status, status::OK);
}

#[test]
fn an_address_that_breaks_the_description_is_the_plugins_fault() {
    let instance = Instance::new();
    let fault = "the plugin wrote an address that is empty or longer than max_address_len";
    Question::new(&instance, b"empty").assert_refused(status::INTERNAL, fault);
    Question::new(&instance, b"long").assert_refused(status::INTERNAL, fault);
}

#[test]
fn null_pointers_are_not_supported() {
    let instance = Instance::new();
    let parse = table().parse_address.unwrap();
    let request = AddressRequest {
        struct_size: MIN_ADDRESS_REQUEST_SIZE,
        chain_index: 0,
        text: lend(b"alice"),
        reference: lend(b""),
    };
    let (mut canonical, mut error) = (Room::new(16), Room::new(16));
    let mut reply = AddressReply {
        struct_size: MIN_ADDRESS_REPLY_SIZE,
        flags: 0,
        canonical: canonical.lend(),
        error: error.lend(),
    };
    // SAFETY: what is not null lives for the call.
    let statuses = unsafe {
        [
            parse(ptr::null_mut(), &request, &mut reply),
            parse(instance.raw, ptr::null(), &mut reply),
            parse(instance.raw, &request, ptr::null_mut()),
        ]
    };
    assert_eq!(statuses, [status::UNSUPPORTED; 3]);
    assert_eq!((reply.canonical.len, reply.error.len), (0, 0));
}
