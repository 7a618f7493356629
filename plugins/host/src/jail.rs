//! The jail that a plugin's process puts itself into, layer by layer, before it opens the library.
//!
//! Each layer has a name. One that this kernel cannot apply is reported, and whoever asked for the plugin decides.

use std::collections::BTreeMap;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetStatus,
    Scope,
};
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, Signal, set_dumpable_behavior,
    set_parent_process_death_signal, setrlimit,
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

/// Names of the layers.
pub const LAYERS: [&str; 5] = [
    "parent-death",
    "limits",
    "undumpable",
    "landlock",
    "seccomp",
];

/// Address space of a plugin's process, the server's own program included, in bytes.
const MAX_MEMORY: u64 = 512 * 1024 * 1024;
/// Open files: its socket, its library, and what the loader opens meanwhile.
const MAX_FILES: u64 = 32;

/// What comes of a system call that the jail denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denied {
    /// It fails with EPERM.
    Fails,
    /// The thread gets SIGSYS.
    Traps,
}

type Apply = fn() -> Option<()>;

/// Applies everything but the last word of seccomp, and returns the layers that could not be applied. From here on the
/// process opens nothing that has a path; the loader may still open what is open already.
pub(crate) fn enter() -> Vec<&'static str> {
    let layers: [(&str, Apply); 5] = [
        ("parent-death", die_with_parent),
        ("limits", limit),
        ("undumpable", hide),
        ("landlock", deny_paths_and_ports),
        ("seccomp", || {
            filter(&[ANSWERING, LOADING].concat(), vec![], Denied::Fails)
        }),
    ];
    let failed = layers.into_iter().filter(|(_, apply)| apply().is_none());
    failed.map(|(name, _)| name).collect()
}

/// Takes away what only the loader needed: files, and memory that can be run. Filters add up, so this can only take away.
pub(crate) fn close(denied: Denied) -> bool {
    let protection = SeccompCmpOp::MaskedEq(libc::PROT_EXEC.cast_unsigned().into());
    let no_code = SeccompCondition::new(2, SeccompCmpArgLen::Dword, protection, 0);
    let no_code = no_code.and_then(|condition| SeccompRule::new(vec![condition]));
    no_code.is_ok_and(|rule| filter(ANSWERING, vec![rule], denied).is_some())
}

fn die_with_parent() -> Option<()> {
    set_parent_process_death_signal(Some(Signal::KILL)).ok()
}

fn limit() -> Option<()> {
    let limits = [
        (Resource::As, MAX_MEMORY),
        (Resource::Nofile, MAX_FILES),
        (Resource::Core, 0),
        (Resource::Nproc, 0),
        (Resource::Fsize, 0),
        (Resource::Memlock, 0),
        (Resource::Msgqueue, 0),
    ];
    for (resource, most) in limits {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit).ok()?;
    }
    Some(())
}

/// Nobody reads its memory or takes its descriptors.
fn hide() -> Option<()> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable).ok()
}

/// No file, no port, and no signal to anybody outside. Sets no_new_privs.
fn deny_paths_and_ports() -> Option<()> {
    // The newest rules that a kernel must have; what is newer still is denied where it can be.
    let oldest = ABI::V6;
    let ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(oldest))
        .and_then(|ruleset| ruleset.handle_access(AccessNet::from_all(oldest)))
        .and_then(|ruleset| ruleset.scope(Scope::from_all(oldest)))
        .and_then(Ruleset::create)
        .and_then(landlock::RulesetCreated::restrict_self)
        .ok()?;
    (ruleset.ruleset == RulesetStatus::FullyEnforced && ruleset.no_new_privs).then_some(())
}

/// What an answer takes: memory, its socket, and an end. Everything else fails with EPERM.
const ANSWERING: &[i64] = &[
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_recvfrom,
    libc::SYS_sendto,
    libc::SYS_close,
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_futex,
    libc::SYS_rt_sigreturn,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_clock_gettime,
    // The filter that closes the jail comes after the one that it adds to.
    libc::SYS_seccomp,
];

/// What the loader takes besides.
const LOADING: &[i64] = &[
    libc::SYS_openat,
    libc::SYS_newfstatat,
    libc::SYS_fstat,
    libc::SYS_pread64,
    libc::SYS_lseek,
    libc::SYS_mprotect,
    libc::SYS_readlinkat,
    libc::SYS_getcwd,
    libc::SYS_getrandom,
    libc::SYS_prctl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_open,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_readlink,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_arch_prctl,
];

/// Allows these calls, and to map memory as `mapping` says; no rule: in any way. Sets no_new_privs, too.
fn filter(allowed: &[i64], mapping: Vec<SeccompRule>, denied: Denied) -> Option<()> {
    let mut rules: BTreeMap<_, _> = allowed.iter().map(|call| (*call, vec![])).collect();
    rules.insert(libc::SYS_mmap, mapping);
    let denied = match denied {
        Denied::Fails => SeccompAction::Errno(libc::EPERM.cast_unsigned()),
        Denied::Traps => SeccompAction::Trap,
    };
    let machine = std::env::consts::ARCH.try_into().ok()?;
    let filter = SeccompFilter::new(rules, denied, SeccompAction::Allow, machine).ok()?;
    let program: BpfProgram = filter.try_into().ok()?;
    seccompiler::apply_filter(&program).ok()
}
