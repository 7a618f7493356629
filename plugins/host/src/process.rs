//! A plugin in jailed processes of its own, from the server's side: one call at a time to each, a deadline for each
//! call, and a new process for one that died.

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
    sync::Semaphore,
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
    free: Semaphore,
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
            free: Semaphore::new(grant.processes.max(1)),
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
    async fn call(&self, request: &Request) -> Result<Reply, CallFault> {
        let (pool, request) = (self.0.clone(), Frame::Call(request.clone()));
        // A client that goes away must not leave a process in the middle of an answer.
        let call = tokio::spawn(async move { pool.call(&request).await });
        call.await.map_err(|_| CallFault::Died)?
    }

    fn processes(&self) -> Vec<u32> {
        lock(&self.0.idle).iter().map(Child::id).collect()
    }

    fn missing_layers(&self) -> Vec<String> {
        lock(&self.0.missing).clone()
    }
}

impl Pool {
    async fn call(&self, request: &Frame) -> Result<Reply, CallFault> {
        let free = timeout(QUEUE, self.free.acquire()).await;
        let _place = free
            .map_err(|_| CallFault::Busy)?
            .map_err(|_| CallFault::Died)?;
        let idle = lock(&self.idle).pop();
        let mut child = match idle {
            Some(child) => child,
            None => self.replace().await.map_err(|_| CallFault::Died)?,
        };
        let answer = timeout(self.deadline, self.launch.exchange(&mut child, request)).await;
        let reply = match answer {
            Err(_) => Err(CallFault::TimedOut),
            Ok(Err(_)) => Err(CallFault::Died),
            Ok(Ok(Frame::Reply(reply))) => Ok(reply),
            Ok(Ok(Frame::Breach(breach))) => Err(CallFault::Breach(breach)),
            Ok(Ok(_)) => Err(CallFault::Breach(Breach::Frame)),
        };
        match reply {
            Ok(reply) => {
                self.deaths.store(0, Ordering::Relaxed);
                lock(&self.idle).push(child);
                Ok(reply)
            }
            Err(fault) => {
                self.deaths.fetch_add(1, Ordering::Relaxed);
                Err(fault)
            }
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
