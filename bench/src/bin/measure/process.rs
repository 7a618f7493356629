//! What a process has used, and what the machine lost, by proc(5).

use std::{
    fs,
    time::{Duration, Instant},
};

/// User and system time of a process so far (fields 14 and 15 of stat, in ticks of 10 ms).
pub(crate) fn cpu_time(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("the process runs");
    let (_, fields) = stat.rsplit_once(')').expect("the name is in parentheses");
    let fields: Vec<_> = fields.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<u64>().ok();
    let ticks = ticks(11).zip(ticks(12)).map(|(user, system)| user + system);
    Duration::from_millis(ticks.expect("stat has both times") * 10)
}

/// User and system time so far of a process with one thread, to the nanosecond (first field of schedstat).
pub(crate) fn cpu_time_exactly(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/schedstat")).expect("the process runs");
    let spent = stat.split(' ').next().and_then(|field| field.parse().ok());
    Duration::from_nanos(spent.expect("schedstat begins with a number"))
}

/// Resident memory of a process in MiB.
pub(crate) fn resident_mib(pid: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the process runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kib.expect("a process has resident memory") / 1024.0
}

/// The machine's processor time that went to other machines on the same host ("steal"), in ticks.
pub(crate) struct Stolen(f64);

impl Stolen {
    pub(crate) fn now() -> Self {
        let stat = fs::read_to_string("/proc/stat").expect("Linux");
        let all = stat.lines().next().unwrap_or_default();
        let steal = all.split_whitespace().nth(8);
        let steal = steal.and_then(|field| field.parse().ok());
        Self(steal.expect("the first line sums up all processors"))
    }

    /// In percent of all processors.
    pub(crate) fn percent_since(&self, start: Instant) -> f64 {
        let processors = std::thread::available_parallelism().map_or(1, usize::from) as f64;
        (Self::now().0 - self.0) / (start.elapsed().as_secs_f64() * processors)
    }
}
