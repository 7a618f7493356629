//! `create` and `destroy`.

use std::ptr;

use countersign_plugin_abi::{Bytes, MIN_HOST_SIZE, level, status};

use crate::{
    host::{Room, TestHost, lend},
    specimen::table,
};

#[test]
fn an_instance_is_created_and_destroyed_and_both_may_log() {
    let host = TestHost::new();
    let (status, instance, error) = host.create(b"{}");
    assert_eq!((status, error.as_str()), (status::OK, ""));
    assert!(!instance.is_null());
    assert_eq!(host.logged(), [(level::INFO, "created".to_owned())]);
    // SAFETY: it was just created.
    unsafe { table().destroy.unwrap()(instance) };
    assert_eq!(host.logged(), [(level::DEBUG, "destroyed".to_owned())]);
}

#[test]
fn settings_that_are_not_known_are_refused_in_the_plugins_words() {
    let (status, instance, error) = TestHost::new().create(b"{\"colour\":\"red\"}");
    assert_eq!(status, status::INVALID_INPUT);
    assert_eq!(error, "there are no such settings");
    assert!(instance.is_null());
}

#[test]
fn a_configuration_that_is_no_text_or_too_long_is_refused() {
    let (status, instance, error) = TestHost::new().create(b"{\xff}");
    assert_eq!(status, status::INVALID_INPUT);
    assert_eq!(error, "the configuration: no UTF-8");
    assert!(instance.is_null());

    let (status, _, error) = TestHost::new().create(&[b' '; 65_537]);
    assert_eq!(status, status::INVALID_INPUT);
    assert_eq!(error, "the configuration: more than 65536 bytes");
    let (status, _, error) = TestHost::new().create(&[b' '; 65_536]);
    assert_eq!(status, status::INVALID_INPUT);
    assert_eq!(error, "there are no such settings");
}

#[test]
fn a_host_that_is_null_or_too_small_is_not_supported() {
    let create = table().create.unwrap();
    let mut instance = ptr::null_mut();
    let mut error = Room::new(64);
    // SAFETY: the host is null, the rest lives for the call.
    let status = unsafe { create(ptr::null(), lend(b"{}"), &mut instance, error.out()) };
    assert_eq!((status, error.len()), (status::UNSUPPORTED, 0));

    let mut host = TestHost::new();
    host.raw.struct_size = MIN_HOST_SIZE - 1;
    assert_eq!(host.create(b"{}").0, status::UNSUPPORTED);
    assert!(host.logged().is_empty());
    host.raw.struct_size = u32::MAX;
    assert_eq!(host.create(b"{}").0, status::OK);
}

#[test]
fn a_host_without_a_log_is_not_called() {
    let mut host = TestHost::new();
    host.raw.log = None;
    assert_eq!(host.create(b"{}").0, status::OK);
    let (status, _, error) = host.create(br#"{"create":"panics"}"#);
    assert_eq!(
        (status, error.as_str()),
        (status::PANIC, "panicked: no instance")
    );
    assert!(host.logged().is_empty());
}

#[test]
fn null_pointers_are_refused() {
    let create = table().create.unwrap();
    let host = TestHost::new();
    let mut error = Room::new(64);
    // SAFETY: there is no place for the instance, the rest lives for the call.
    let status = unsafe { create(&*host.raw, lend(b"{}"), ptr::null_mut(), error.out()) };
    assert_eq!(status, status::UNSUPPORTED);

    let null = Bytes {
        ptr: ptr::null(),
        len: 2,
    };
    let mut instance = ptr::null_mut();
    // SAFETY: the configuration is null, the rest lives for the call.
    let status = unsafe { create(&*host.raw, null, &mut instance, error.out()) };
    assert_eq!(
        (status, error.text().as_str()),
        (status::UNSUPPORTED, "the configuration: null")
    );

    // SAFETY: there is no place for an error, the rest lives for the call.
    let status = unsafe { create(&*host.raw, lend(b"?"), &mut instance, ptr::null_mut()) };
    assert_eq!(status, status::INVALID_INPUT);
    // SAFETY: null is no instance.
    unsafe { table().destroy.unwrap()(ptr::null_mut()) };
}
