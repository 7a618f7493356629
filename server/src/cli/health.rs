//! `countersign health`

use super::{
    Common, Outcome, print,
    probe::{self, Listener},
};

pub(super) fn run(common: &Common) -> Outcome {
    let listen = common.settings()?.listen;
    match probe::ask(listen) {
        Listener::Ready => Ok(print("ready\n")?),
        Listener::NotReady => Err(format!(
            "the server at {listen} is not ready: look in its log for its database and its signing keys"
        )
        .into()),
        Listener::Other => Err(format!("no countersign server answers at {listen}").into()),
    }
}
