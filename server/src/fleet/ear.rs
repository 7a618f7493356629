//! Listens to the other nodes, and to this one.

use std::{convert::Infallible, sync::Arc, time::Duration};

use countersign_core::service::Credentials;

use super::{Heard, Pulse};
use crate::store::postgres::{NodeError, PostgresStore};

/// How long after a break it is tried again.
const RETRY: Duration = Duration::from_millis(500);
/// How long nothing may be heard, not even this node's own beats, until the connection is given up: the other end may be
/// gone without a word.
const SILENCE: Duration = Duration::from_secs(5);

/// Evicts what other nodes revoke.
pub(super) async fn listen(
    store: Arc<PostgresStore>,
    pulse: Arc<Pulse>,
    credentials: Arc<Credentials>,
) {
    let mut is_down = false;
    loop {
        let Err(error) = hear(&store, &pulse, &credentials, &mut is_down).await;
        pulse.break_off();
        // Nor is a lookup joined that began while something was heard.
        credentials.distrust();
        if !is_down {
            tracing::warn!(
                %error,
                "revocations by other servers are not heard; every check of a credential asks the database until they are"
            );
            is_down = true;
        }
        tokio::time::sleep(RETRY).await;
    }
}

async fn hear(
    store: &PostgresStore,
    pulse: &Pulse,
    credentials: &Credentials,
    is_down: &mut bool,
) -> Result<Infallible, NodeError> {
    let mut stream = store.listen().await?;
    // From here on nothing is missed. What was read before may have been revoked since.
    credentials.distrust();
    loop {
        let heard = tokio::time::timeout(SILENCE, stream.next()).await;
        match heard.map_err(|_| NodeError::Silent)?? {
            Heard::Beat { node: of, number } if store.is_node(&of) => {
                pulse.hear(number);
                if std::mem::take(is_down) {
                    tracing::info!("revocations by other servers are heard again");
                }
            }
            Heard::Beat { .. } => {}
            Heard::Revoked(hash) => {
                credentials.evict(&hash);
                pulse.hear_of_revocation();
            }
            // Another version may have revoked in a way that this one does not know.
            Heard::Unknown => credentials.distrust(),
        }
    }
}
