//! The control socket: how commands on the same machine ask a running server. A socket in the data directory takes one
//! order a connection, as a line, and answers with one line of JSON. Only the server's own user and root get an answer.

use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    os::unix::{fs::PermissionsExt, net::UnixStream as StdStream},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use countersign_plugin_host::{Report, State};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader as AsyncReader},
    net::{UnixListener, UnixStream},
    time::timeout,
};

/// Name of the socket in the data directory.
const SOCKET: &str = "control.sock";
/// How long a line may take to come.
const LINE: Duration = Duration::from_secs(5);
/// How long an order may take: many plugins may be loaded.
const ANSWER: Duration = Duration::from_secs(120);
/// Longest order, in bytes.
const MAX_ORDER_LEN: u64 = 64;
/// Longest answer, in bytes.
const MAX_ANSWER_LEN: u64 = 1024 * 1024;

/// What a running server can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Which plugins it has.
    Plugins,
    /// To load its plugins again, and then which it has.
    Reload,
    /// To read the keys of session tokens again, and then which it publishes.
    Keys,
}

/// What a server answers an order with.
pub(crate) enum Reply {
    /// Its plugins.
    Plugins(Vec<Report>),
    /// The names of the keys that it publishes.
    Keys(Vec<String>),
}

impl Order {
    const ALL: [Self; 3] = [Self::Plugins, Self::Reload, Self::Keys];

    fn as_str(self) -> &'static str {
        match self {
            Self::Plugins => "plugins",
            Self::Reload => "reload",
            Self::Keys => "keys",
        }
    }

    /// The member of the answer that holds what was asked for.
    fn member(self) -> &'static str {
        match self {
            Self::Plugins | Self::Reload => "plugins",
            Self::Keys => "keys",
        }
    }
}

/// Who carries out orders.
pub(crate) trait Orders: Send + Sync + 'static {
    /// What was asked for, after it was done; or why that failed.
    fn carry_out(&self, order: Order) -> impl Future<Output = Result<Reply, String>> + Send;
}

/// The socket, bound. It is removed with this.
pub(crate) struct Control {
    listener: UnixListener,
    path: PathBuf,
}

impl Control {
    /// Binds the socket. The data directory is locked, so that one which is there is a dead server's.
    ///
    /// # Errors
    /// What the operating system says; for one, that the path is too long for a socket.
    pub(crate) fn bind(data_dir: &Path) -> io::Result<Self> {
        let path = data_dir.join(SOCKET);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        Ok(Self { listener, path })
    }

    /// Takes orders, one after the other, for ever.
    pub(crate) async fn run(self, orders: Arc<impl Orders>) {
        loop {
            let Ok((stream, _)) = self.listener.accept().await else {
                // Out of descriptors, for example; that passes.
                tokio::time::sleep(LINE).await;
                continue;
            };
            if let Err(error) = serve(stream, &*orders).await {
                tracing::debug!(%error, "control socket");
            }
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        // A socket that stays is removed by the next server.
        let _removed = fs::remove_file(&self.path);
    }
}

async fn serve(mut stream: UnixStream, orders: &impl Orders) -> io::Result<()> {
    let user = stream.peer_cred()?.uid();
    if user != 0 && user != rustix::process::geteuid().as_raw() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let (taken, mut given) = stream.split();
    let mut line = String::new();
    let mut taken = AsyncReader::new(taken.take(MAX_ORDER_LEN));
    timeout(LINE, taken.read_line(&mut line)).await??;
    let known = Order::ALL
        .iter()
        .find(|order| order.as_str() == line.trim_end());
    let answer = match known {
        Some(order) => match orders.carry_out(*order).await {
            Ok(reply) => json!({ (order.member()): answered(&reply) }),
            Err(error) => json!({ "error": error }),
        },
        None => {
            json!({ "error": "this server does not know the order; is it of another version?" })
        }
    };
    let answer = format!("{answer}\n");
    timeout(LINE, given.write_all(answer.as_bytes())).await?
}

fn answered(reply: &Reply) -> Value {
    match reply {
        Reply::Plugins(reports) => reports.iter().map(written).collect(),
        Reply::Keys(ids) => json!(ids),
    }
}

fn written(report: &Report) -> Value {
    let (state, reason) = match &report.state {
        State::Serving => ("serving", None),
        State::Quarantined(reason) => ("quarantined", Some(reason.clone())),
        State::Missing(refusal) => ("missing", Some(format!("{refusal}; {}", refusal.fix()))),
    };
    json!({
        "name": report.name,
        "version": report.version,
        "state": state,
        "reason": reason,
        "isolation": report.isolation.as_str(),
        "namespaces": report.namespaces,
        "sha256": report.sha256,
        "processes": report.processes,
        "missingLayers": report.missing_layers,
    })
}

/// Whether the server that runs on a data directory can be asked; an application that mounts it cannot.
pub(crate) fn is_open(data_dir: &Path) -> bool {
    data_dir.join(SOCKET).exists()
}

/// Asks the server that runs on a data directory. Returns what was asked for.
///
/// # Errors
/// One sentence: there is no server, or what it says.
pub(crate) fn ask(data_dir: &Path, order: Order) -> Result<Value, String> {
    let path = data_dir.join(SOCKET);
    let none = |error: io::Error| {
        format!(
            "no server runs on {}: {}: {error}; start it with `countersign serve`, or give the flags that it was started with",
            data_dir.display(),
            path.display()
        )
    };
    let stream = StdStream::connect(&path).map_err(none)?;
    let answer = exchange(stream, order);
    let answer = answer.map_err(|error| format!("the server does not answer: {error}"))?;
    let answer: Value =
        serde_json::from_str(&answer).map_err(|_| "the server's answer is cut short".to_owned())?;
    match answer["error"].as_str() {
        Some(error) => Err(error.to_owned()),
        None => Ok(answer[order.member()].clone()),
    }
}

fn exchange(mut stream: StdStream, order: Order) -> io::Result<String> {
    stream.set_read_timeout(Some(ANSWER))?;
    stream.set_write_timeout(Some(LINE))?;
    writeln!(stream, "{}", order.as_str())?;
    let mut answer = String::new();
    BufReader::new(stream.take(MAX_ANSWER_LEN)).read_line(&mut answer)?;
    Ok(answer)
}
