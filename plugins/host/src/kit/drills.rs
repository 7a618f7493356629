//! Has a plugin drilled in a process of its own, and watches that process from outside.

use std::{fs, time::Duration};

use tokio::time::timeout;

use super::{
    Checked, Finding, Rule, Step,
    crashes::{find, start},
    finding::{Breach, text_of},
};
use crate::{
    descriptor::Descriptor,
    drill::{Case, Drill, Drilled},
    frame::Frame,
    process::{Child, Launch},
    refusal::Refusal,
};

/// Threads that ask at once.
pub(super) const THREADS: u32 = 8;
/// How long a call through the host may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// Cases that are asked for at once.
const BATCH: u32 = 200;
/// How long a batch may take.
const BATCH_PATIENCE: Duration = Duration::from_secs(10);
/// How long all threads together, or all instances, may take.
const LONG_PATIENCE: Duration = Duration::from_secs(300);
/// Ends of the process after which no more cases are asked.
const MOST_CRASHES: usize = 3;
/// Most cases that are asked on each thread.
const MOST_TOGETHER: u32 = 10_000;
/// Instances that are made.
const INSTANCES: u32 = 1_000;
/// Memory that may be kept after many calls: what an allocator holds back.
const KEPT: u64 = 4 * 1024 * 1024;
/// A call that takes longer, in microseconds, would come near the host's usual deadline of 200 ms.
const SLOW_US: u32 = 100_000;

pub(super) async fn run(
    launch: &Launch,
    descriptor: &Descriptor,
    cases: u32,
    progress: &(dyn Fn(Step) + Sync),
    checked: &mut Checked,
) -> Result<(), Refusal> {
    let mut drills = Drills {
        launch,
        descriptor,
        child: start(launch).await?,
        checked,
    };
    if drills.cases(cases, progress).await? {
        progress(Step::Threads);
        drills
            .together((cases / 10).clamp(16, MOST_TOGETHER))
            .await?;
        progress(Step::Instances);
        drills.instances().await?;
    }
    Ok(())
}

struct Drills<'a> {
    launch: &'a Launch,
    descriptor: &'a Descriptor,
    child: Child,
    checked: &'a mut Checked,
}

impl Drills<'_> {
    /// Returns whether there is any use in going on.
    async fn cases(
        &mut self,
        cases: u32,
        progress: &(dyn Fn(Step) + Sync),
    ) -> Result<bool, Refusal> {
        let (mut at, mut crashes) = (0, 0);
        let mut before = None;
        while at < cases {
            progress(Step::Cases(at, cases));
            let count = BATCH.min(cases - at);
            let drill = Drill::Cases { first: at, count };
            match self.drill(drill, BATCH_PATIENCE).await {
                Some(drilled) => self.note(&drilled),
                None => {
                    let found = find(self.launch, self.descriptor, (at, count)).await?;
                    let is_endless = found.code == Rule::Hang.code();
                    self.tell(found);
                    crashes += 1;
                    if crashes == MOST_CRASHES || is_endless {
                        return Ok(false);
                    }
                    self.child = start(self.launch).await?;
                    before = None;
                }
            }
            at += count;
            self.checked.counts.cases = at;
            // The first batches fill what an allocator and its caches hold.
            if before.is_none() && at >= cases / 4 {
                before = resident(&self.child).map(|memory| (memory, at));
            }
        }
        progress(Step::Cases(at, cases));
        if let Some((memory, from)) = before {
            self.watch_memory(memory, at - from, "calls");
        }
        self.time_again().await;
        Ok(crashes == 0)
    }

    /// A slow call may have been another program's fault.
    async fn time_again(&mut self) {
        let (mut least, case) = (self.checked.counts.slowest_us, self.checked.slowest);
        for _ in 0..5 {
            let drill = Drill::Cases {
                first: case,
                count: 1,
            };
            if let Some(drilled) = self.drill(drill, BATCH_PATIENCE).await {
                least = least.min(drilled.slowest_us);
            }
        }
        if least > SLOW_US {
            let what = Case::new(case, self.descriptor);
            let text = format!(
                "case {case}, {}: it takes {} ms",
                what.describe(),
                least / 1000
            );
            self.tell(Finding::new(Rule::Slow, text));
        }
    }

    async fn together(&mut self, count: u32) -> Result<(), Refusal> {
        match self.drill(Drill::Together { count }, LONG_PATIENCE).await {
            Some(drilled) => self.note(&drilled),
            None => {
                let text =
                    format!("its process ends, or does not answer, while {THREADS} threads ask");
                self.tell(Finding::new(Rule::Crash, text));
                self.child = start(self.launch).await?;
            }
        }
        self.checked.counts.together = count * THREADS;
        Ok(())
    }

    async fn instances(&mut self) -> Result<(), Refusal> {
        let few = Drill::Instances { count: 10 };
        let _warm = self.drill(few, LONG_PATIENCE).await;
        let before = resident(&self.child);
        let many = Drill::Instances { count: INSTANCES };
        match self.drill(many, LONG_PATIENCE).await {
            Some(drilled) => self.note(&drilled),
            None => {
                let text = format!(
                    "its process ends, or does not answer, while {INSTANCES} instances are made"
                );
                self.tell(Finding::new(Rule::Crash, text));
                return Ok(());
            }
        }
        self.checked.counts.instances = INSTANCES;
        if let Some(before) = before {
            self.watch_memory(before, INSTANCES, "instances");
        }
        Ok(())
    }

    async fn drill(&mut self, drill: Drill, patience: Duration) -> Option<Drilled> {
        let frame = Frame::Drill(drill);
        let asked = timeout(patience, self.launch.exchange(&mut self.child, &frame)).await;
        match asked {
            Ok(Ok(Frame::Drilled(drilled))) => Some(drilled),
            _ => None,
        }
    }

    fn note(&mut self, drilled: &Drilled) {
        for fault in &drilled.faults {
            let case = Case::new(fault.case, self.descriptor);
            let text = format!(
                "case {}, {}: {}",
                fault.case,
                case.describe(),
                text_of(fault.what)
            );
            self.tell(Finding::new(Rule::Contract(Breach(fault.what)), text));
        }
        for number in &drilled.system_calls {
            let text = format!(
                "it makes a system call that the jail denies: {}",
                name_of(*number)
            );
            self.tell(Finding::new(Rule::SystemCall, text));
        }
        if drilled.slowest_us > self.checked.counts.slowest_us {
            self.checked.counts.slowest_us = drilled.slowest_us;
            self.checked.slowest = drilled.slowest;
        }
    }

    /// One finding of each rule is enough, and one for each system call.
    fn tell(&mut self, finding: Finding) {
        let mut before = self.checked.findings.iter();
        let is_system_call = finding.code == Rule::SystemCall.code();
        let is_told = before.any(|told| {
            told.code == finding.code && (!is_system_call || told.text == finding.text)
        });
        if !is_told {
            self.checked.findings.push(finding);
        }
    }

    fn watch_memory(&mut self, before: u64, over: u32, what: &str) {
        let kept = resident(&self.child).unwrap_or(0).saturating_sub(before);
        if kept > KEPT && kept / u64::from(over.max(1)) > 32 {
            let text = format!("{over} {what} leave {} KiB behind", kept / 1024);
            self.tell(Finding::new(Rule::Memory, text));
        }
    }
}

/// Memory that a process has resident, in bytes.
fn resident(child: &Child) -> Option<u64> {
    let sizes = fs::read_to_string(format!("/proc/{}/statm", child.id())).ok()?;
    let pages: u64 = sizes.split(' ').nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

fn name_of(number: u32) -> String {
    let names = [
        (libc::SYS_openat, "openat"),
        (libc::SYS_socket, "socket"),
        (libc::SYS_connect, "connect"),
        (libc::SYS_clone, "clone"),
        (libc::SYS_clone3, "clone3"),
        (libc::SYS_execve, "execve"),
        (libc::SYS_getrandom, "getrandom"),
        (libc::SYS_rt_sigaction, "rt_sigaction"),
        (libc::SYS_rt_sigprocmask, "rt_sigprocmask"),
        (libc::SYS_sigaltstack, "sigaltstack"),
        (libc::SYS_getpid, "getpid"),
        (libc::SYS_gettid, "gettid"),
        (libc::SYS_kill, "kill"),
        (libc::SYS_tgkill, "tgkill"),
        (libc::SYS_ioctl, "ioctl"),
        (libc::SYS_mprotect, "mprotect"),
        (libc::SYS_mmap, "mmap of memory that can be run"),
        (libc::SYS_sched_yield, "sched_yield"),
        (libc::SYS_nanosleep, "nanosleep"),
        (libc::SYS_clock_nanosleep, "clock_nanosleep"),
        (libc::SYS_ptrace, "ptrace"),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_open, "open"),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_fork, "fork"),
    ];
    let known = names.iter().find(|(known, _)| *known == i64::from(number));
    match known {
        Some((_, name)) => format!("{name} ({number})"),
        None => format!("number {number}"),
    }
}
