//! Bytes that a plugin's process sends.

#![no_main]

use countersign_plugin_host::fuzzing::{self, Meter};

#[global_allocator]
static METER: Meter = Meter;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fuzzing::frame(bytes);
});
