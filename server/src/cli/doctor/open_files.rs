//! The limit on open files, which bounds how many clients can be connected.

use super::finding::Finding;
use crate::connections::most_connections;

const SUBJECT: &str = "open files";
/// Fewer connections than this are soon used up by browsers that keep several open each.
const ENOUGH: u64 = 500;

pub(super) fn check() -> Finding {
    let most = most_connections();
    let found = format!("a server started like this holds up to {most} connections open");
    if most >= ENOUGH {
        return Finding::ok(SUBJECT, found);
    }
    Finding::warning(
        SUBJECT,
        format!("{found}; more clients have to wait"),
        "ulimit -n 65536 before serve is started, or LimitNOFILE=65536 in its systemd unit",
    )
}
