//! Requests as bytes: no client puts them right.

use std::{fmt, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpSocket,
    time::timeout,
};

/// Where these clients come from: another address than the proxies'.
pub(super) const CLIENT: &str = "127.0.0.7";
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// A request, as it is sent.
#[derive(Clone)]
pub(super) struct Request {
    line: Vec<u8>,
    headers: Vec<(String, String)>,
    body: String,
}

impl Request {
    /// A method and a target, of which every byte is sent; with the `Host` of a page that is listed.
    pub(super) fn new(method: &str, target: impl AsRef<[u8]>) -> Self {
        let line = [
            method.as_bytes(),
            b" ".as_slice(),
            target.as_ref(),
            b" HTTP/1.1",
        ];
        Self {
            line: line.concat(),
            headers: vec![],
            body: String::new(),
        }
        .with("Host", "app.example.com")
        .with("Connection", "close")
    }

    /// One more header.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without the headers of this name, those that are always there included.
    pub(super) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    /// With a body.
    pub(super) fn with_body(self, body: &str) -> Self {
        let mut request = self.with("Content-Length", &body.len().to_string());
        body.clone_into(&mut request.body);
        request
    }

    /// Sends it to a port of this machine; the answer, read until the connection ends or is taken over.
    pub(super) async fn send(&self, port: u16) -> Reply {
        let exchanged = timeout(PATIENCE, self.exchange(port)).await;
        let bytes = exchanged.unwrap_or_else(|_| panic!("no answer in time: {self:?}"));
        Reply::read(&bytes.unwrap_or_else(|error| panic!("{error}: {self:?}")))
    }

    async fn exchange(&self, port: u16) -> std::io::Result<Vec<u8>> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((CLIENT.parse::<std::net::Ipv4Addr>().expect("an address"), 0).into())?;
        let mut stream = socket.connect(([127, 0, 0, 1], port).into()).await?;
        let mut bytes = self.line.clone();
        for (name, value) in &self.headers {
            bytes.extend_from_slice(format!("\r\n{name}: {value}").as_bytes());
        }
        bytes.extend_from_slice(format!("\r\n\r\n{}", self.body).as_bytes());
        // A proxy may refuse before it has read all, and close.
        let _ = stream.write_all(&bytes).await;
        let mut answer = Vec::new();
        let mut part = [0; 4096];
        loop {
            match stream.read(&mut part).await {
                Ok(0) => break,
                Ok(read) => answer.extend_from_slice(&part[..read]),
                Err(error) if answer.is_empty() => return Err(error),
                Err(_) => break,
            }
            let is_taken_over =
                answer.starts_with(b"HTTP/1.1 101 ") && answer.ends_with(b"\r\n\r\n");
            if is_taken_over {
                break;
            }
        }
        Ok(answer)
    }
}

/// Without values, which may be secrets.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line.escape_ascii().to_string();
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        let end = line.len().min(200);
        write!(f, "{} {names:?}", &line[..end])
    }
}

/// An answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Reply {
    fn read(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let mut lines = head.lines();
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1)?.parse().ok())
            .unwrap_or_else(|| panic!("no HTTP: {text:?}"));
        Self {
            status,
            headers: lines.map(super::upstream::header).collect(),
            body: body.to_owned(),
        }
    }

    /// The value of a header that is there once; empty when it is absent.
    pub(super) fn header(&self, name: &str) -> &str {
        super::upstream::value(&self.headers, name)
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}
