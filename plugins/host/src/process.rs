//! A plugin in jailed processes of its own, from the server's side: one call at a time to each, a deadline for each
//! call, and a new process for one that died.

mod errand;
mod launch;
mod supervisor;

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use tokio::{
    sync::{Semaphore, oneshot},
    time::{Instant, sleep_until, timeout},
};

use crate::{
    call::{Backend, Breach, CallFault, Reply, Request},
    descriptor::Descriptor,
    file::Sealed,
    frame::Frame,
    loaded::LogSink,
    policy::Grant,
    refusal::Refusal,
};
use errand::Errand;
pub(crate) use launch::{Child, Launch};

/// How long a call waits for a process that is free.
const QUEUE: Duration = Duration::from_secs(2);
/// Pause before the next process after the first death; it doubles with each.
const BACK_OFF: Duration = Duration::from_millis(50);

/// The program that runs plugins: it is to call [`child_main`](crate::child_main) first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChildProgram {
    /// Its path.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
}

/// The processes of a plugin.
pub(crate) struct Children(Arc<Pool>);

struct Pool {
    launch: Launch,
    deadline: Duration,
    descriptor: Mutex<Option<Descriptor>>,
    missing: Mutex<Vec<String>>,
    free: Arc<Semaphore>,
    most: usize,
    idle: Mutex<Vec<Child>>,
    deaths: AtomicU32,
}

impl Children {
    /// Starts a first process. `accept` judges the descriptor before the plugin is created.
    ///
    /// # Errors
    /// [`Refusal`]: the library's, `accept`'s, or CS-P060 and CS-P061.
    pub(crate) async fn start(
        program: &ChildProgram,
        sealed: Sealed,
        grant: &Grant,
        log: LogSink,
        accept: impl FnOnce(&Descriptor) -> Result<(), Refusal>,
    ) -> Result<(Self, Descriptor), Refusal> {
        let pool = Arc::new(Pool {
            launch: Launch {
                program: program.clone(),
                sealed,
                without: grant.without.clone(),
                config: grant.config.clone(),
                threads: 0,
                log,
            },
            deadline: grant.deadline,
            descriptor: Mutex::default(),
            missing: Mutex::default(),
            free: Arc::new(Semaphore::new(grant.processes.max(1))),
            most: grant.processes.max(1),
            idle: Mutex::default(),
            deaths: AtomicU32::new(0),
        });
        let (mut child, descriptor, missing) = pool.launch.open().await?;
        descriptor.check()?;
        accept(&descriptor)?;
        pool.launch.create(&mut child).await?;
        *lock(&pool.descriptor) = Some(descriptor.clone());
        *lock(&pool.missing) = missing;
        lock(&pool.idle).push(child);
        Ok((Self(pool), descriptor))
    }
}

#[async_trait]
impl Backend for Children {
    async fn call(&self, request: &Request<'_>) -> Result<Reply, CallFault> {
        // The adapter has bounded all parts, so that every request fits into a frame.
        let request = Frame::encode_call(request).ok_or(CallFault::Breach(Breach::Frame))?;
        self.0.call(&request).await
    }

    fn processes(&self) -> Vec<u32> {
        lock(&self.0.idle).iter().map(Child::id).collect()
    }

    fn missing_layers(&self) -> Vec<String> {
        lock(&self.0.missing).clone()
    }
}

impl Pool {
    async fn call(self: &Arc<Self>, request: &[u8]) -> Result<Reply, CallFault> {
        let place = match self.free.clone().try_acquire_owned() {
            Ok(place) => place,
            Err(_) => {
                let free = timeout(QUEUE, self.free.clone().acquire_owned()).await;
                free.map_err(|_| CallFault::Busy)?
                    .map_err(|_| CallFault::Died)?
            }
        };
        let child = self.idle().await.ok_or(CallFault::Died)?;
        Errand::new(self.clone(), child, place).run(request).await
    }

    /// A process that waits, if need be a new one.
    async fn idle(self: &Arc<Self>) -> Option<Child> {
        let idle = lock(&self.idle).pop();
        if idle.is_some() {
            return idle;
        }
        let (pool, (sent, started)) = (self.clone(), oneshot::channel());
        // Its start goes on if whoever asked goes away, or nobody who hangs up early would ever see one.
        tokio::spawn(async move {
            if let Ok(child) = pool.replace().await
                && let Err(child) = sent.send(child)
            {
                pool.keep(child);
            }
        });
        started.await.ok()
    }

    /// Takes a process back after a call. One that did wrong is ended.
    fn settle(&self, child: Child, is_good: bool) {
        if is_good {
            self.deaths.store(0, Ordering::Relaxed);
            self.keep(child);
        } else {
            self.deaths.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Keeps a process for the next call, unless there are enough.
    fn keep(&self, child: Child) {
        let mut idle = lock(&self.idle);
        if idle.len() < self.most {
            idle.push(child);
        }
    }

    /// A further process, or one in place of a dead one, which has to wait.
    async fn replace(&self) -> Result<Child, Refusal> {
        let deaths = self.deaths.load(Ordering::Relaxed).min(8);
        if deaths > 0 {
            sleep_until(Instant::now() + BACK_OFF * 2_u32.pow(deaths - 1)).await;
        }
        let (mut child, descriptor, _) = self.launch.open().await?;
        if lock(&self.descriptor).as_ref() != Some(&descriptor) {
            return Err(Refusal::Process(
                "it says something else than before".into(),
            ));
        }
        self.launch.create(&mut child).await?;
        Ok(child)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
