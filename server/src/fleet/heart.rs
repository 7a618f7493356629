//! Sends the beats of this node.

use std::{sync::Arc, time::Duration};

use countersign_core::{Clock, clock::SystemClock};
use tokio::time::MissedTickBehavior;

use super::Pulse;
use crate::{
    session_token::SessionTokens,
    store::postgres::{NodeError, PostgresStore},
};

/// How often.
const EVERY: Duration = Duration::from_millis(500);

/// What sends the beats, each with the key that this node signs by.
pub(super) struct Heart {
    store: Arc<PostgresStore>,
    pulse: Arc<Pulse>,
    tokens: Arc<SessionTokens>,
    number: i64,
    /// What was told of last.
    fault: Option<String>,
}

impl Heart {
    pub(super) fn new(
        store: Arc<PostgresStore>,
        pulse: Arc<Pulse>,
        tokens: Arc<SessionTokens>,
    ) -> Self {
        Self {
            store,
            pulse,
            tokens,
            number: 0,
            fault: None,
        }
    }

    /// Beats for ever.
    pub(super) async fn go_on(mut self) {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.beat().await;
        }
    }

    /// Beats once.
    pub(super) async fn beat(&mut self) {
        self.number += 1;
        let keys = self.tokens.keys();
        let signing = &keys.signing_at(SystemClock.now()).published().id;
        self.pulse.send(self.number);
        let beaten = self.store.beat(self.number, signing).await;
        if let Ok(of_fleet) = &beaten {
            let has_it = keys.ids().any(|id| id == of_fleet);
            self.pulse.note_keys(has_it, signing, of_fleet);
        }
        self.tell(beaten.err());
    }

    /// Tells what has changed.
    fn tell(&mut self, error: Option<NodeError>) {
        let fault = error.map(|error| error.to_string());
        if fault != self.fault {
            match &fault {
                Some(error) => tracing::error!(error, "this server's heart does not beat"),
                None => tracing::info!("this server's heart beats again"),
            }
            self.fault = fault;
        }
    }
}
