//! Asks whoever listens on an address whether it is countersign.

use std::{
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

use crate::metrics;

/// Who listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listener {
    /// A countersign server, and its database answers.
    Ready,
    /// A countersign server whose database does not answer.
    NotReady,
    /// Another program, or one that does not answer in time.
    Other,
}

/// How long to wait for each step.
const PATIENCE: Duration = Duration::from_secs(2);
/// More than the answer is long.
const LONGEST_ANSWER: u64 = 8192;

/// Asks for the health of the server at this address, on this machine.
pub(super) fn ask(listen: SocketAddr) -> Listener {
    let answer = exchange(reachable(listen), "/health/ready");
    answer.map_or(Listener::Other, |answer| judge(&answer))
}

/// Asks for the metrics of the server whose internal listener this is to be.
pub(super) fn ask_for_metrics(listen: SocketAddr) -> Listener {
    let answer = exchange(reachable(listen), metrics::PATH);
    let is_ours = answer
        .is_ok_and(|answer| answer.starts_with("HTTP/1.1 200") && answer.contains("countersign_"));
    if is_ours {
        Listener::Ready
    } else {
        Listener::Other
    }
}

/// Who listens on every address is asked on this machine's own.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

fn exchange(address: SocketAddr, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    let read = stream.take(LONGEST_ANSWER).read_to_end(&mut answer);
    // Whoever does not close the connection may have answered nevertheless.
    match read {
        Err(error) if answer.is_empty() => Err(error),
        _ => Ok(String::from_utf8_lossy(&answer).into_owned()),
    }
}

/// Told by the body of its answer, and by the error code of its 503.
fn judge(answer: &str) -> Listener {
    if answer.starts_with("HTTP/1.1 200") && answer.contains(r#"{"status":"ready"}"#) {
        return Listener::Ready;
    }
    if answer.starts_with("HTTP/1.1 503") && answer.contains(r#""error":"ServerError""#) {
        return Listener::NotReady;
    }
    Listener::Other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_who_listens() {
        for (answer, expected) in [
            (
                "HTTP/1.1 200 OK\r\n\r\n{\"status\":\"ready\"}",
                Listener::Ready,
            ),
            (
                "HTTP/1.1 503 Service Unavailable\r\n\r\n{\"error\":\"ServerError\",\"code\":\"X\"}",
                Listener::NotReady,
            ),
            ("HTTP/1.1 503 Service Unavailable\r\n\r\n", Listener::Other),
            ("HTTP/1.1 200 OK\r\n\r\nhello", Listener::Other),
            ("", Listener::Other),
        ] {
            assert_eq!(judge(answer), expected, "{answer}");
        }
    }

    #[test]
    fn who_listens_everywhere_is_asked_on_loopback() {
        for (listen, expected) in [
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:80", "[::1]:80"),
            ("192.0.2.1:80", "192.0.2.1:80"),
        ] {
            assert_eq!(
                reachable(listen.parse().unwrap()),
                expected.parse().unwrap()
            );
        }
    }
}
