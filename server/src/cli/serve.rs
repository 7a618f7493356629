//! `countersign serve`

use std::{path::Path, sync::Arc};

use countersign_core::{Clock, clock::SystemClock};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Common, Outcome, block_on, print};
use crate::{
    chains::Chains,
    control::{Control, Order, Orders, Reply},
    openapi::{Document, Version},
    server::Server,
    session_token::SessionTokens,
    telemetry,
};

/// Whoever sees it fail is told who knows more.
pub(super) fn run(common: &Common) -> Outcome {
    start(common).map_err(|error| {
        format!("{error}\ncountersign: `countersign doctor`, with the same flags, looks for all that is wrong").into()
    })
}

fn start(common: &Common) -> Outcome {
    let settings = common.settings()?;
    telemetry::start(&settings);
    block_on(serve(common.clone(), settings))?
}

async fn serve(common: Common, settings: crate::settings::Settings) -> Outcome {
    let data_dir = settings.data_dir.display().to_string();
    let (demo, scale) = (settings.demo, settings.limit_scale);
    let server = Server::bind(settings).await?;
    // Handlers are in place before the line that says we are ready.
    let stop = stop_signal()?;
    let asked = signal(SignalKind::hangup())?;
    let live = Arc::new(Live {
        common,
        chains: server.chains().clone(),
        tokens: server.tokens().clone(),
    });
    tokio::spawn(reload_when_asked(live.clone(), asked));
    listen_to_commands(Path::new(&data_dir), live);
    let url = format!("http://{}", server.local_addr()?);
    print(&format!("listening on {url}\n"))?;
    let documents = Document::ALL.map(|it| format!("{url}/openapi/{}", it.file(Version::V30)));
    tracing::info!(
        api_documents = documents.join(" "),
        health = %format_args!("{url}/health/ready"),
        data_dir,
        "countersign is ready"
    );
    if demo {
        tracing::warn!(
            "demo = true: stand-in routes of a platform are served, for trying and testing"
        );
    }
    if scale != 1 {
        tracing::warn!(
            scale,
            "limits.scale multiplies every rate limit, for trying and testing"
        );
    }
    server.run(stop).await?;
    tracing::info!("countersign has stopped");
    Ok(())
}

/// Done at SIGTERM or SIGINT.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: finishing the requests under way");
    })
}

/// Replaces the plugins at SIGHUP. What is wrong is logged, and what was there stays.
async fn reload_when_asked(live: Arc<Live>, mut asked: Signal) {
    while asked.recv().await.is_some() {
        // It is in the log, whoever asked.
        let _reloaded = live.reload().await;
    }
}

/// The control socket. Without it the server runs all the same.
fn listen_to_commands(data_dir: &Path, live: Arc<Live>) {
    match Control::bind(data_dir) {
        Ok(control) => drop(tokio::spawn(control.run(live))),
        Err(error) => tracing::warn!(
            %error,
            "no control socket in the data directory: `countersign plugin list` and `reload` do not work, SIGHUP does; new signing keys are found within seconds"
        ),
    }
}

/// What commands and signals reach of a running server.
struct Live {
    common: Common,
    chains: Arc<Chains>,
    tokens: Arc<SessionTokens>,
}

impl Live {
    async fn reload(&self) -> Result<(), String> {
        // The settings' error is no `Send`, so it must not live across an await.
        let settings = self.common.settings().map_err(|error| error.to_string());
        let reloaded = match settings {
            Ok(settings) => self.chains.reload(&settings.plugins).await,
            Err(error) => {
                tracing::error!(error, "plugins are not reloaded: all stays as it was");
                return Err(error);
            }
        };
        reloaded
            .inspect(|()| tracing::info!("plugins are reloaded"))
            .inspect_err(|error| {
                tracing::error!(%error, "plugins are not reloaded: all stays as it was");
            })
            .map_err(|error| error.to_string())
    }
}

impl Live {
    /// Reads the keys of session tokens again. Returns the names of those that are published now.
    async fn read_keys(&self) -> Result<Vec<String>, String> {
        let tokens = self.tokens.clone();
        let read = tokio::task::spawn_blocking(move || tokens.read_again()).await;
        let keys = read.map_err(|error| error.to_string())?;
        let keys = keys.map_err(|error| error.to_string())?;
        let published = keys.published(SystemClock.now());
        Ok(published.into_iter().map(|key| key.id.clone()).collect())
    }
}

impl Orders for Live {
    async fn carry_out(&self, order: Order) -> Result<Reply, String> {
        match order {
            Order::Plugins => {}
            Order::Reload => self.reload().await?,
            Order::Keys => return self.read_keys().await.map(Reply::Keys),
        }
        Ok(Reply::Plugins(self.chains.plugins().await))
    }
}
