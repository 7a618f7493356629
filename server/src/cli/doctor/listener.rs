//! The address to listen on: free, or the running server's.

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
};

use tokio::net::TcpSocket;

use super::{
    finding::Finding,
    in_use::InUse,
    probe::{self, Listener},
};

const SUBJECT: &str = "listener";

pub(super) fn check(listen: SocketAddr, in_use: &InUse) -> Finding {
    if listen.port() == 0 {
        let found = format!("{listen}: serve takes a free port at every start");
        return Finding::ok(SUBJECT, found);
    }
    match bind(listen) {
        Ok(()) if in_use.data_dir => elsewhere(listen),
        Ok(()) => Finding::ok(SUBJECT, format!("{listen}: free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => taken(listen, in_use),
        Err(error) => refused(listen, &error),
    }
}

/// Binds without listening: nobody can connect, and a server that starts meanwhile is not in the way.
fn bind(listen: SocketAddr) -> io::Result<()> {
    let socket = match listen {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    socket.bind(listen)
}

fn elsewhere(listen: SocketAddr) -> Finding {
    Finding::warning(
        SUBJECT,
        format!("{listen}: nobody listens there, but a running server uses the data directory"),
        "run doctor with the flags, the variables and in the directory of that server; if its configuration was changed, restart it",
    )
}

fn taken(listen: SocketAddr, in_use: &InUse) -> Finding {
    let another = |who: &str| {
        let port = listen.port();
        Finding::problem(
            SUBJECT,
            format!("{listen}: taken by {who}"),
            format!(
                "stop it (ss -ltnp sport = :{port} shows it), or set server.listen to another port"
            ),
        )
    };
    match (probe::ask(listen), in_use.data_dir) {
        (Listener::Ready, true) => Finding::ok(
            SUBJECT,
            format!("{listen}: the running server answers, ready"),
        ),
        (Listener::NotReady, true) => Finding::problem(
            SUBJECT,
            format!("{listen}: the running server answers that its database does not work"),
            "look for errors in its log, cure what is found here about database and disk, restart it",
        ),
        (Listener::Ready | Listener::NotReady, false) => {
            another("a countersign server with another data directory")
        }
        (Listener::Other, _) => another("another program"),
    }
}

fn refused(listen: SocketAddr, error: &io::Error) -> Finding {
    let cure = match error.kind() {
        ErrorKind::PermissionDenied => {
            "set server.listen to a port from 1024 on, with a proxy in front; or allow low ports: setcap cap_net_bind_service=+ep on the binary"
        }
        ErrorKind::AddrNotAvailable => {
            "set server.listen to an address of this machine (ip addr shows them), or to 0.0.0.0 for all of them"
        }
        _ => "set server.listen to an address and port of this machine, such as 127.0.0.1:8080",
    };
    let found = format!("{listen}: cannot be listened on: {error}");
    Finding::problem(SUBJECT, found, cure)
}
