//! A descriptor in a library's memory.

#![no_main]

use countersign_plugin_host::fuzzing;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // That it is refused is as good as that it is read.
    let _read = fuzzing::descriptor(bytes);
});
