//! A plugin in jailed processes of its own, from the server's side: one call at a time to each, a deadline for each
//! call, and a new process for one that died.

mod supervisor;

use std::{
    io,
    os::unix::net::UnixStream as StdStream,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    sync::Semaphore,
    time::{Instant, sleep_until, timeout},
};

use crate::{
    call::{Backend, Breach, CallFault, Reply, Request},
    descriptor::Descriptor,
    file::Sealed,
    frame::{Frame, MAX_FRAME_LEN},
    loaded::LogSink,
    policy::Grant,
    refusal::Refusal,
};
use supervisor::Process;

/// How long a process may take until its plugin is created.
const START: Duration = Duration::from_secs(5);
/// How long a call waits for a process that is free.
const QUEUE: Duration = Duration::from_secs(2);
/// Pause before the next process after the first death; it doubles with each.
const BACK_OFF: Duration = Duration::from_millis(50);
/// Lines that a plugin may write before it answers.
const MAX_LINES: usize = 64;

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
    program: ChildProgram,
    sealed: Sealed,
    grant: Grant,
    descriptor: Mutex<Option<Descriptor>>,
    missing: Mutex<Vec<String>>,
    log: LogSink,
    free: Semaphore,
    idle: Mutex<Vec<Child>>,
    deaths: AtomicU32,
}

/// A process whose plugin is created, between two calls.
struct Child {
    process: Process,
    socket: UnixStream,
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
            program: program.clone(),
            sealed,
            grant: grant.clone(),
            descriptor: Mutex::default(),
            missing: Mutex::default(),
            log,
            free: Semaphore::new(grant.processes.max(1)),
            idle: Mutex::default(),
            deaths: AtomicU32::new(0),
        });
        let (mut child, descriptor, missing) = pool.open().await?;
        descriptor.check()?;
        accept(&descriptor)?;
        pool.create(&mut child).await?;
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
        lock(&self.0.idle)
            .iter()
            .map(|child| child.process.id())
            .collect()
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
        let answer = timeout(self.grant.deadline, self.exchange(&mut child, request)).await;
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
        let (mut child, descriptor, _) = self.open().await?;
        if lock(&self.descriptor).as_ref() != Some(&descriptor) {
            return Err(Refusal::Process(
                "it says something else than before".into(),
            ));
        }
        self.create(&mut child).await?;
        Ok(child)
    }

    async fn open(&self) -> Result<(Child, Descriptor, Vec<String>), Refusal> {
        let failed = |error: io::Error| Refusal::Process(error.to_string());
        let (ours, theirs) = StdStream::pair().map_err(failed)?;
        let library = self.sealed.fd.try_clone().map_err(failed)?;
        let process = supervisor::spawn(self.program.clone(), theirs.into(), library).await;
        let process = process.map_err(failed)?;
        ours.set_nonblocking(true).map_err(failed)?;
        let socket = UnixStream::from_std(ours).map_err(failed)?;
        let mut child = Child { process, socket };
        let without = self.grant.without.clone();
        match self.ask(&mut child, &Frame::Open { without }).await? {
            Frame::Opened {
                descriptor,
                missing,
            } => Ok((child, descriptor, missing)),
            other => Err(refusal(other)),
        }
    }

    async fn create(&self, child: &mut Child) -> Result<(), Refusal> {
        let config = self.grant.config.clone();
        match self.ask(child, &Frame::Create { config }).await? {
            Frame::Created => Ok(()),
            other => Err(refusal(other)),
        }
    }

    async fn ask(&self, child: &mut Child, frame: &Frame) -> Result<Frame, Refusal> {
        let answered = timeout(START, self.exchange(child, frame)).await;
        let answered = answered.map_err(|_| Refusal::Process("it does not answer".into()))?;
        answered.map_err(|_| Refusal::Process("it ended".into()))
    }

    /// Sends a frame, and reads the next one that is no log line.
    async fn exchange(&self, child: &mut Child, frame: &Frame) -> io::Result<Frame> {
        let bytes = frame.encode().ok_or(io::ErrorKind::InvalidInput)?;
        child.socket.write_all(&bytes).await?;
        for _ in 0..MAX_LINES {
            let Some(frame) = read(&mut child.socket).await? else {
                return Ok(Frame::Breach(Breach::Frame));
            };
            let Frame::Log { level, line } = frame else {
                return Ok(frame);
            };
            (self.log)(level, &line);
        }
        Ok(Frame::Breach(Breach::Frame))
    }
}

/// The next frame; `None` for bytes that are none.
async fn read(socket: &mut UnixStream) -> io::Result<Option<Frame>> {
    let length = socket.read_u32_le().await? as usize;
    if length > MAX_FRAME_LEN {
        return Ok(None);
    }
    let mut bytes = vec![0; length];
    socket.read_exact(&mut bytes).await?;
    Ok(Frame::decode(&bytes).ok())
}

fn refusal(frame: Frame) -> Refusal {
    match frame {
        Frame::Refused(refusal) => refusal,
        _ => Refusal::Process("it sends what is no answer".into()),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
