//! A TCP proxy between a server and its database, which can be told to fail as networks do.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{Instant, sleep_until},
};

/// A proxy on a free port of this machine. Dropping it ends its connections.
pub struct TcpProxy {
    address: SocketAddr,
    line: watch::Sender<Line>,
    accepting: JoinHandle<()>,
}

/// How a proxy carries what is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carriage {
    /// At once.
    Prompt,
    /// Both ways, so much later.
    Late(Duration),
    /// Not at all; connections stay open.
    Stalled,
    /// Connections are closed, and new ones are closed as soon as they are made.
    Cut,
}

/// Where to, and how. Connections of another generation are closed, those of an earlier route stay open and carry
/// nothing.
#[derive(Debug, Clone, Copy)]
struct Line {
    target: SocketAddr,
    carriage: Carriage,
    generation: u64,
    route: u64,
}

impl TcpProxy {
    /// Starts a proxy to this address. Must be called inside a tokio runtime.
    pub async fn start(target: impl Into<SocketAddr>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a free port");
        let (line, watched) = watch::channel(Line {
            target: target.into(),
            carriage: Carriage::Prompt,
            generation: 0,
            route: 0,
        });
        Self {
            address: listener.local_addr().expect("it is bound"),
            line,
            accepting: tokio::spawn(accept(listener, watched)),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of a database behind it, for one that is in front of it.
    pub fn in_front_of(&self, url: &str) -> String {
        let (start, rest) = url.split_once('@').expect("user and password");
        let (_, database) = rest.split_once('/').expect("a database");
        format!("{start}@{}/{database}", self.address)
    }

    /// Carries differently from now on.
    pub fn carry(&self, carriage: Carriage) {
        self.line.send_modify(|line| line.carriage = carriage);
    }

    /// Carries nothing on the connections that are open, for ever, as when the machine behind them is gone and another
    /// has its address. New ones are carried.
    pub fn lose_connections(&self) {
        self.line.send_modify(|line| line.route += 1);
    }

    /// Closes all connections; new ones lead to this address.
    pub fn lead_to(&self, target: impl Into<SocketAddr>) {
        let target = target.into();
        self.line.send_modify(|line| {
            line.target = target;
            line.generation += 1;
        });
    }
}

impl Drop for TcpProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, line: watch::Receiver<Line>) {
    while let Ok((client, _)) = listener.accept().await {
        let now = *line.borrow();
        if now.carriage != Carriage::Cut {
            tokio::spawn(connect(client, now, line.clone()));
        }
    }
}

async fn connect(client: TcpStream, now: Line, line: watch::Receiver<Line>) {
    let Ok(server) = TcpStream::connect(now.target).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // Whichever way ends, ends the other.
    tokio::select! {
        () = carry(from_client, to_server, now, line.clone()) => {}
        () = carry(from_server, to_client, now, line) => {}
    }
}

/// Carries one way until either end closes, or the line is cut or leads elsewhere.
async fn carry(
    from: OwnedReadHalf,
    to: OwnedWriteHalf,
    at_first: Line,
    line: watch::Receiver<Line>,
) {
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::select! {
        () = read(from, sender) => {}
        () = write(receiver, to, at_first.route, line.clone()) => {}
        () = ended(at_first.generation, line) => {}
    }
}

async fn read(mut from: OwnedReadHalf, sender: mpsc::UnboundedSender<(Instant, Vec<u8>)>) {
    let mut chunk = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut chunk).await {
        let read = (Instant::now(), chunk[..length].to_vec());
        if sender.send(read).is_err() {
            return;
        }
    }
}

async fn write(
    mut receiver: mpsc::UnboundedReceiver<(Instant, Vec<u8>)>,
    mut to: OwnedWriteHalf,
    route: u64,
    mut line: watch::Receiver<Line>,
) {
    while let Some((read_at, chunk)) = receiver.recv().await {
        loop {
            let now = *line.borrow_and_update();
            let due = match now.carriage {
                _ if now.route != route => None,
                Carriage::Prompt => break,
                Carriage::Late(delay) => Some(read_at + delay),
                Carriage::Stalled | Carriage::Cut => None,
            };
            let is_due = async {
                match due {
                    Some(due) => sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = is_due => break,
                changed = line.changed() => if changed.is_err() { return },
            }
        }
        if to.write_all(&chunk).await.is_err() {
            return;
        }
    }
}

async fn ended(generation: u64, mut line: watch::Receiver<Line>) {
    let is_over = |line: &Line| line.carriage == Carriage::Cut || line.generation != generation;
    let _over_or_dropped = line.wait_for(is_over).await;
}
