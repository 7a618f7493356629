//! Notes the system calls that a plugin tries and the jail denies.

use std::{
    ffi::{c_int, c_void},
    mem::zeroed,
    ptr::null_mut,
    sync::atomic::{AtomicU32, AtomicU64, Ordering},
};

/// How many threads are in the plugin now.
static INSIDE: AtomicU32 = AtomicU32::new(0);
/// Numbers of the calls that were tried there, as bits.
static TRIED: [AtomicU64; 8] = [const { AtomicU64::new(0) }; 8];

/// From here on a call that seccomp traps is noted and fails with EPERM.
pub(super) fn set() {
    // SAFETY: the handler does what handlers may do, and the struct is one of integers and pointers.
    unsafe {
        let mut action: libc::sigaction = zeroed();
        action.sa_sigaction = note as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART;
        let _set = libc::sigaction(libc::SIGSYS, &action, null_mut());
    }
}

/// Runs the plugin: what is tried meanwhile is its own.
pub(super) fn inside<T>(call: impl FnOnce() -> T) -> T {
    INSIDE.fetch_add(1, Ordering::SeqCst);
    let answer = call();
    INSIDE.fetch_sub(1, Ordering::SeqCst);
    answer
}

/// What was tried since the last time.
pub(super) fn taken() -> Vec<u32> {
    let words = TRIED.iter().zip(0..);
    let tried = words.flat_map(|(word, at): (_, u32)| {
        let bits = word.swap(0, Ordering::SeqCst);
        (0..64)
            .filter(move |bit| bits >> bit & 1 == 1)
            .map(move |bit| at * 64 + bit)
    });
    tried.collect()
}

extern "C" fn note(_signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    /// `si_syscall` of siginfo_t (sigaction(2)): behind three integers, padding and an address.
    const SYSTEM_CALL: usize = 24;
    // SAFETY: the kernel hands both over, and they are of these types for a handler with SA_SIGINFO.
    unsafe {
        let number = info.cast::<u8>().add(SYSTEM_CALL).cast::<u32>().read();
        let word = TRIED.get(number as usize / 64);
        if let Some(word) = word.filter(|_| INSIDE.load(Ordering::SeqCst) > 0) {
            word.fetch_or(1 << (number % 64), Ordering::SeqCst);
        }
        let machine = &mut (*context.cast::<libc::ucontext_t>()).uc_mcontext;
        #[cfg(target_arch = "x86_64")]
        {
            machine.gregs[libc::REG_RAX as usize] = (-libc::EPERM).into();
        }
        #[cfg(target_arch = "aarch64")]
        {
            machine.regs[0] = i64::from(-libc::EPERM).cast_unsigned();
        }
    }
}
