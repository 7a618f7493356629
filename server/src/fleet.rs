//! Several servers on one database: a revocation that one of them makes is heard by all.
//!
//! Whoever revokes a credential notifies in the same transaction, and every node that listens evicts it. A stream that
//! says nothing may be quiet, late or dead, so a node proves that it hears: it sends a beat through the connections
//! that it reads by, and when it hears that beat it has heard everything that was committed before the beat was sent.
//! As long as that is not too long ago it believes what it remembers (its lease), and otherwise asks the database with
//! every check. After a break it reads everything once more.

mod ear;
mod heart;
mod lease;
mod message;
mod pulse;

use std::sync::Arc;

use countersign_core::service::Credentials;
use tokio::task::JoinSet;

use heart::Heart;
pub(crate) use message::{CHANNEL, Heard};
pub(crate) use pulse::Pulse;

use crate::{session_token::SessionTokens, store::PostgresStore};

/// This server among those that share a database.
#[derive(Clone)]
pub(crate) struct Fleet {
    store: Arc<PostgresStore>,
    /// What it has proved to itself.
    pub pulse: Arc<Pulse>,
}

impl Fleet {
    /// The servers on this database.
    pub(crate) fn on(store: Arc<PostgresStore>) -> Self {
        let pulse = Arc::new(Pulse::default());
        Self { store, pulse }
    }

    /// Beats for the first time, and goes on beating and listening among these tasks.
    pub(crate) async fn join(
        &self,
        tasks: &mut JoinSet<()>,
        credentials: &Arc<Credentials>,
        tokens: &Arc<SessionTokens>,
    ) {
        let Self { store, pulse } = self.clone();
        let mut heart = Heart::new(store.clone(), pulse.clone(), tokens.clone());
        heart.beat().await;
        tasks.spawn(heart.go_on());
        tasks.spawn(ear::listen(store, pulse, credentials.clone()));
    }
}
