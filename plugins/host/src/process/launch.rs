//! One process of a plugin: how it is started, and how it is spoken to.

use std::{io, os::unix::net::UnixStream as StdStream, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader},
    net::UnixStream,
    time::timeout,
};

use super::{ChildProgram, supervisor};
use crate::{
    call::Breach,
    descriptor::Descriptor,
    file::Sealed,
    frame::{Frame, MAX_FRAME_LEN},
    loaded::LogSink,
    refusal::Refusal,
};

/// How long a process may take until its plugin is created.
const START: Duration = Duration::from_secs(5);
/// Lines that a plugin may write before it answers.
const MAX_LINES: usize = 64;

/// What processes of a plugin are started with.
pub(crate) struct Launch {
    /// What runs.
    pub program: ChildProgram,
    /// The library.
    pub sealed: Sealed,
    /// Layers of the jail that may be missing.
    pub without: Vec<String>,
    /// The plugin's own settings, a JSON object.
    pub config: String,
    /// Threads to be drilled on; none to serve.
    pub threads: u32,
    /// Where its log lines go.
    pub log: LogSink,
}

/// A process, between two frames.
pub(crate) struct Child {
    process: supervisor::Process,
    socket: BufReader<UnixStream>,
}

impl Child {
    /// The process's number.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Sends a frame's bytes.
    ///
    /// # Errors
    /// That of the socket, when the process has ended.
    pub(crate) async fn send(&mut self, frame: &[u8]) -> io::Result<()> {
        self.socket.get_mut().write_all(frame).await
    }
}

impl Launch {
    /// Starts a process and has the library opened. Returns what the library says of itself, not checked yet, and the
    /// layers of the jail that are missing.
    ///
    /// # Errors
    /// [`Refusal`]: the library's, or CS-P060 and CS-P061.
    pub(crate) async fn open(&self) -> Result<(Child, Descriptor, Vec<String>), Refusal> {
        let failed = |error: io::Error| Refusal::Process(error.to_string());
        let (ours, theirs) = StdStream::pair().map_err(failed)?;
        let library = self.sealed.fd.try_clone().map_err(failed)?;
        let process = supervisor::spawn(self.program.clone(), theirs.into(), library).await;
        let process = process.map_err(failed)?;
        ours.set_nonblocking(true).map_err(failed)?;
        let socket = UnixStream::from_std(ours).map_err(failed)?;
        let socket = BufReader::new(socket);
        let mut child = Child { process, socket };
        let open = Frame::Open {
            without: self.without.clone(),
            threads: self.threads,
        };
        match self.ask(&mut child, &open).await? {
            Frame::Opened {
                descriptor,
                missing,
            } => Ok((child, descriptor, missing)),
            other => Err(refusal(other)),
        }
    }

    /// Has the plugin created.
    ///
    /// # Errors
    /// CS-P050 or CS-P061.
    pub(crate) async fn create(&self, child: &mut Child) -> Result<(), Refusal> {
        let config = self.config.clone();
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
    ///
    /// # Errors
    /// That of the socket, when the process has ended.
    pub(crate) async fn exchange(&self, child: &mut Child, frame: &Frame) -> io::Result<Frame> {
        let bytes = frame.encode().ok_or(io::ErrorKind::InvalidInput)?;
        child.send(&bytes).await?;
        self.receive(child).await
    }

    /// The next frame that is no log line.
    ///
    /// # Errors
    /// That of the socket, when the process has ended.
    pub(crate) async fn receive(&self, child: &mut Child) -> io::Result<Frame> {
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
async fn read(socket: &mut BufReader<UnixStream>) -> io::Result<Option<Frame>> {
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
