//! The drills, in the plugin's own process.

use std::{
    io,
    process::exit,
    sync::{
        Arc, Barrier,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::Instant,
};

use super::{
    case::Case,
    perform::Stage,
    report::{Drill, Drilled, Misdeed},
    traps,
};
use crate::{
    descriptor::Descriptor,
    jail::{self, Denied},
    loaded::{Instance, Loaded, LogSink},
};

/// Cases that two instances are compared on.
const BESIDE: u32 = 256;

/// Threads that wait to ask a plugin, each in the jail already.
pub(crate) struct Drills {
    workers: Vec<Worker>,
    stage: Stage,
}

struct Worker {
    orders: Sender<Arc<Order>>,
    answers: Receiver<Option<u32>>,
}

/// The first cases, and what came of each on one thread.
struct Order {
    instance: Arc<Instance>,
    descriptor: Descriptor,
    digests: Vec<u64>,
}

impl Drills {
    /// Starts the threads. Each puts itself into the jail, which must come before the library is opened.
    ///
    /// # Errors
    /// What the operating system says.
    pub(crate) fn start(threads: u32) -> io::Result<Self> {
        traps::set();
        // SAFETY: no other thread runs. One heap is enough, and a second takes calls that the jail denies.
        let _one_heap = unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) };
        let stage = Stage::new()?;
        // Where there may be no more threads, none can be started.
        let all_run = Arc::new(Barrier::new(threads as usize + 1));
        let start = |number| Worker::start(number, threads, all_run.clone());
        let workers = (0..threads).map(start).collect::<io::Result<Vec<_>>>()?;
        all_run.wait();
        for worker in &workers {
            let _ready = worker.answers.recv();
        }
        Ok(Self { workers, stage })
    }

    /// Drills a plugin.
    pub(crate) fn perform(
        &mut self,
        drill: Drill,
        loaded: &Loaded,
        instance: &Arc<Instance>,
        config: &str,
    ) -> Drilled {
        let mut report = Drilled::default();
        let descriptor = loaded.descriptor();
        match drill {
            Drill::Cases { first, count } => {
                for number in first..first.saturating_add(count) {
                    self.case(number, descriptor, instance, &mut report);
                }
            }
            Drill::Together { count } => self.together(count, descriptor, instance, &mut report),
            Drill::Instances { count } => {
                self.instances(count, loaded, instance, config, &mut report);
            }
        }
        report.system_calls = traps::taken();
        report
    }

    fn case(&mut self, number: u32, of: &Descriptor, on: &Instance, report: &mut Drilled) -> u64 {
        let case = Case::new(number, of);
        let began = Instant::now();
        let answer = self.stage.perform(&case, of, on);
        let took = u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX);
        if took > report.slowest_us {
            (report.slowest, report.slowest_us) = (number, took);
        }
        report.note(number, answer.misdeed);
        answer.digest()
    }

    fn together(&mut self, count: u32, of: &Descriptor, on: &Arc<Instance>, report: &mut Drilled) {
        let digests = (0..count).map(|number| self.case(number, of, on, report));
        let order = Arc::new(Order {
            digests: digests.collect(),
            instance: on.clone(),
            descriptor: of.clone(),
        });
        for worker in &self.workers {
            let _sent = worker.orders.send(order.clone());
        }
        for worker in &self.workers {
            if let Ok(Some(case)) = worker.answers.recv() {
                report.note(case, Some(Misdeed::Differs));
            }
        }
    }

    fn instances(
        &mut self,
        count: u32,
        loaded: &Loaded,
        first: &Arc<Instance>,
        config: &str,
        report: &mut Drilled,
    ) {
        for number in 0..count {
            let created = traps::inside(|| loaded.create(config, silence()).map(drop));
            if created.is_err() {
                report.note(number, Some(Misdeed::Create));
                return;
            }
        }
        let Ok(second) = loaded.create(config, silence()) else {
            report.note(count, Some(Misdeed::Create));
            return;
        };
        let of = loaded.descriptor();
        let mut before = vec![];
        for number in 0..BESIDE {
            let digest = self.case(number, of, first, report);
            if self.case(number, of, &second, report) != digest {
                report.note(number, Some(Misdeed::Differs));
            }
            before.push(digest);
        }
        traps::inside(|| drop(second));
        for (number, digest) in (0..).zip(before) {
            if self.case(number, of, first, report) != digest {
                report.note(number, Some(Misdeed::Differs));
            }
        }
    }
}

impl Worker {
    fn start(number: u32, of: u32, all_run: Arc<Barrier>) -> io::Result<Self> {
        let (orders, taken) = channel::<Arc<Order>>();
        let (answer, answers) = channel();
        let work = move || {
            let Ok(mut stage) = Stage::new() else { exit(1) };
            all_run.wait();
            let missing = jail::enter();
            if !missing.contains(&"seccomp") && !jail::close(Denied::Traps) {
                exit(1);
            }
            let _ready = answer.send(None);
            for order in taken {
                let _sent = answer.send(order.differs(number, of, &mut stage));
            }
        };
        thread::Builder::new().spawn(work)?;
        Ok(Self { orders, answers })
    }
}

impl Order {
    /// The first case that comes out otherwise, beginning somewhere else than the other threads.
    fn differs(&self, number: u32, of: u32, stage: &mut Stage) -> Option<u32> {
        let count = self.digests.len();
        let start = count * number as usize / of as usize;
        let cases = (start..count).chain(0..start);
        let mut differing = cases.filter(|at| {
            let case = Case::new(*at as u32, &self.descriptor);
            let answer = stage.perform(&case, &self.descriptor, &self.instance);
            answer.digest() != self.digests[*at]
        });
        differing.next().map(|at| at as u32)
    }
}

/// What a plugin says in a drill is not heard.
pub(crate) fn silence() -> LogSink {
    Arc::new(|_, _| {})
}
