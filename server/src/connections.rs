//! A bound on open connections, below what the operating system allows this process: past
//! that every new connection, and every file the database opens, would fail.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use poem::{
    http::uri::Scheme,
    listener::Acceptor,
    web::{LocalAddr, RemoteAddr},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::{OwnedSemaphorePermit, Semaphore},
};

/// Descriptors left to the database, the log and what else the process opens.
const RESERVED: u64 = 64;
/// The bound where the operating system has none.
const MOST: u64 = 65_536;
/// The pause after a failed accept, which would fail again at once.
const PAUSE: Duration = Duration::from_millis(100);

/// The connections that are open, and the room for more.
#[derive(Debug, Clone)]
pub(crate) struct Connections {
    room: Arc<Semaphore>,
    open: Arc<AtomicUsize>,
}

impl Connections {
    /// As many as the process's limit on open files allows beside `others`.
    pub(crate) fn as_files_allow(others: usize) -> Self {
        let most = usize::try_from(most_connections()).unwrap_or(usize::MAX >> 3);
        Self::at_most(most.saturating_sub(others).max(1))
    }

    /// So many.
    pub(crate) fn at_most(most: usize) -> Self {
        Self {
            room: Arc::new(Semaphore::new(most)),
            open: Arc::default(),
        }
    }

    /// How many are open.
    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    fn opened(&self, permit: OwnedSemaphorePermit) -> Open {
        self.open.fetch_add(1, Ordering::Relaxed);
        Open {
            count: self.open.clone(),
            _permit: permit,
        }
    }
}

/// The place of one connection; given back when it closes.
struct Open {
    count: Arc<AtomicUsize>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Accepts a connection only while there is room for one more.
pub(crate) struct BoundedAcceptor<A> {
    inner: A,
    connections: Connections,
}

impl<A> BoundedAcceptor<A> {
    /// Accepts by what is accepted there.
    pub(crate) fn new(inner: A, connections: Connections) -> Self {
        Self { inner, connections }
    }
}

/// How many connections this process may hold open at once.
pub(crate) fn most_connections() -> u64 {
    let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let files = files.unwrap_or(MOST).min(MOST);
    files.saturating_sub(RESERVED).max(1)
}

impl<A: Acceptor> Acceptor for BoundedAcceptor<A> {
    type Io = Counted<A::Io>;

    fn local_addr(&self) -> Vec<LocalAddr> {
        self.inner.local_addr()
    }

    async fn accept(&mut self) -> io::Result<(Self::Io, LocalAddr, RemoteAddr, Scheme)> {
        let permit = self
            .connections
            .room
            .clone()
            .acquire_owned()
            .await
            .map_err(io::Error::other)?;
        match self.inner.accept().await {
            Ok((io, local, remote, scheme)) => Ok((
                Counted {
                    io,
                    _open: self.connections.opened(permit),
                },
                local,
                remote,
                scheme,
            )),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(PAUSE).await;
                Err(error)
            }
        }
    }
}

/// A connection that makes room when it closes.
pub(crate) struct Counted<I> {
    io: I,
    _open: Open,
}

impl<I: AsyncRead + Unpin> AsyncRead for Counted<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buffer)
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Counted<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}
