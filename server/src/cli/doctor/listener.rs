//! The addresses to listen on: free, or the running server's.

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
};

use tokio::net::TcpSocket;

use super::{finding::Finding, in_use::InUse};
use crate::{
    cli::probe::{self, Listener},
    settings::Settings,
};

/// A listener of the server.
struct Place {
    subject: &'static str,
    setting: &'static str,
    ask: fn(SocketAddr) -> Listener,
}

const MAIN: Place = Place {
    subject: "listener",
    setting: "server.listen",
    ask: probe::ask,
};
const INTERNAL: Place = Place {
    subject: "internal",
    setting: "internal.listen",
    ask: probe::ask_for_metrics,
};

pub(super) fn check(settings: &Settings, in_use: &InUse) -> Vec<Finding> {
    let internal = settings.internal_listen;
    let internal = internal.map(|listen| INTERNAL.check(listen, in_use));
    [MAIN.check(settings.listen, in_use)]
        .into_iter()
        .chain(internal)
        .collect()
}

impl Place {
    fn check(&self, listen: SocketAddr, in_use: &InUse) -> Finding {
        if listen.port() == 0 {
            let found = format!("{listen}: serve takes a free port at every start");
            return Finding::ok(self.subject, found);
        }
        match bind(listen) {
            Ok(()) if in_use.data_dir => self.elsewhere(listen),
            Ok(()) => Finding::ok(self.subject, format!("{listen}: free")),
            Err(error) if error.kind() == ErrorKind::AddrInUse => self.taken(listen, in_use),
            Err(error) => self.refused(listen, &error),
        }
    }

    fn elsewhere(&self, listen: SocketAddr) -> Finding {
        Finding::warning(
            self.subject,
            format!("{listen}: nobody listens there, but a running server uses the data directory"),
            "run doctor with the flags, the variables and in the directory of that server; if its configuration was changed, restart it",
        )
    }

    fn taken(&self, listen: SocketAddr, in_use: &InUse) -> Finding {
        let another = |who: &str| {
            let port = listen.port();
            Finding::problem(
                self.subject,
                format!("{listen}: taken by {who}"),
                format!(
                    "stop it (ss -ltnp sport = :{port} shows it), or set {} to another port",
                    self.setting
                ),
            )
        };
        match ((self.ask)(listen), in_use.data_dir) {
            (Listener::Ready, true) => Finding::ok(
                self.subject,
                format!("{listen}: the running server answers, ready"),
            ),
            (Listener::NotReady, true) => Finding::problem(
                self.subject,
                format!("{listen}: the running server answers that its database does not work"),
                "look for errors in its log, cure what is found here about database and disk, restart it",
            ),
            (Listener::Ready | Listener::NotReady, false) => {
                another("a countersign server with another data directory")
            }
            (Listener::Other, _) => another("another program"),
        }
    }

    fn refused(&self, listen: SocketAddr, error: &io::Error) -> Finding {
        let cure = match error.kind() {
            ErrorKind::PermissionDenied => {
                "a port from 1024 on, with a proxy in front; or allow low ports: setcap cap_net_bind_service=+ep on the binary"
            }
            ErrorKind::AddrNotAvailable => {
                "an address of this machine (ip addr shows them), or to 0.0.0.0 for all of them"
            }
            _ => "an address and port of this machine, such as 127.0.0.1:8080",
        };
        let found = format!("{listen}: cannot be listened on: {error}");
        Finding::problem(
            self.subject,
            found,
            format!("set {} to {cure}", self.setting),
        )
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
