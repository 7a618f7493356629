//! How much memory a piece of work takes.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    hint::black_box,
};

/// The system's allocator, which counts for each thread. A program that fuzzes frames declares it as its own.
pub struct Meter;

thread_local! {
    static NOW: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

/// Runs `work`, and returns the most bytes that it had allocated at once.
pub(super) fn peak<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = NOW.get();
    PEAK.set(before);
    drop(black_box(Box::new(0_u8)));
    assert!(PEAK.get() > before, "the meter is not the allocator");
    PEAK.set(before);
    let done = work();
    let peak = PEAK.get() - before;
    (done, peak.try_into().expect("it began at none"))
}

fn count(bytes: usize) {
    add(bytes.cast_signed());
}

fn discount(bytes: usize) {
    add(-bytes.cast_signed());
}

fn add(bytes: isize) {
    // A thread that ends allocates when its counters are gone.
    let _counted = NOW.try_with(|now| {
        now.set(now.get().wrapping_add(bytes));
        PEAK.set(PEAK.get().max(now.get()));
    });
}

// SAFETY: all is done by the system's allocator; counting does not allocate.
unsafe impl GlobalAlloc for Meter {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        discount(layout.size());
        count(size);
        // SAFETY: the caller's promise.
        unsafe { System.realloc(at, layout, size) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        discount(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(at, layout) }
    }
}
