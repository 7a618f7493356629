//! What is protected: it tells what it received, byte for byte.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

/// An upstream on a port of its own, for as long as the test runs.
pub(super) struct Upstream {
    authority: String,
    received: Arc<Mutex<Vec<Received>>>,
}

/// A request as it came in.
#[derive(Debug, Clone)]
pub(super) struct Received {
    pub(super) method: String,
    /// The target as it was sent, with bytes that are no printable ASCII as `\x..`.
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Upstream {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let authority = listener.local_addr().expect("an address").to_string();
        let received: Arc<Mutex<Vec<Received>>> = Arc::default();
        let kept = received.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, kept) = (stream.expect("a connection"), kept.clone());
                // Who connects and says nothing does not keep others waiting.
                std::thread::spawn(move || serve(stream, &kept));
            }
        });
        Self {
            authority,
            received,
        }
    }

    /// Host and port.
    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    /// What was received since the last call.
    pub(super) fn take(&self) -> Vec<Received> {
        std::mem::take(
            &mut *self
                .received
                .lock()
                .expect("nobody panics while holding it"),
        )
    }
}

fn serve(mut stream: TcpStream, kept: &Mutex<Vec<Received>>) {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    let received = loop {
        match stream.read(&mut part) {
            Ok(0) | Err(_) => return,
            Ok(read) => bytes.extend_from_slice(&part[..read]),
        }
        if let Some(received) = Received::read(&bytes) {
            break received;
        }
    };
    let answer: &[u8] = if received.header("upgrade").is_empty() {
        b"HTTP/1.1 200 OK\r\nX-Upstream: reached\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    } else {
        b"HTTP/1.1 101 Switching Protocols\r\nX-Upstream: reached\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    };
    // Before the answer, so that whoever has it finds this.
    kept.lock()
        .expect("nobody panics while holding it")
        .push(received);
    let _gone_meanwhile = stream.write_all(answer);
}

impl Received {
    /// A request that has come in to its end.
    fn read(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = bytes[..end].escape_ascii().to_string().replace("\\'", "'");
        let mut lines = head.split("\\r\\n");
        let mut line = lines.next()?.split(' ');
        let received = Self {
            method: line.next()?.to_owned(),
            target: line.next()?.to_owned(),
            headers: lines.map(header).collect(),
            body: String::from_utf8_lossy(&bytes[end + 4..]).into_owned(),
        };
        let length = received.header("content-length").parse().unwrap_or(0);
        (received.body.len() >= length).then_some(received)
    }

    /// The value of a header that is there once; empty when it is absent.
    pub(super) fn header(&self, name: &str) -> &str {
        value(&self.headers, name)
    }
}

/// Name, in lower case, and value of a header's line.
pub(super) fn header(line: &str) -> (String, String) {
    let (name, value) = line.split_once(':').expect("a header has a colon");
    (name.to_ascii_lowercase(), value.trim().to_owned())
}

/// The value of a header that is there once; empty when it is absent.
#[track_caller]
pub(super) fn value<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
    let mut values = headers.iter().filter(|(known, _)| known == name);
    let first = values.next().map_or("", |(_, value)| value);
    assert!(values.next().is_none(), "{name} more than once");
    first
}
