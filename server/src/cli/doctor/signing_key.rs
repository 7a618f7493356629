//! The key that signs session tokens.

use std::io::ErrorKind;

use zeroize::Zeroizing;

use super::finding::{Finding, quoted};
use crate::{session_token::SessionTokens, settings::Settings, storage::SIGNING_KEY};

const SUBJECT: &str = "signing key";

pub(super) fn check(settings: &Settings) -> Finding {
    let file = settings.data_dir.join(SIGNING_KEY);
    let (shown, path) = (file.display(), quoted(&file));
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Finding::ok(SUBJECT, format!("{shown}: not there yet; serve makes it"));
        }
        // What is no text is no key.
        Err(error) if error.kind() == ErrorKind::InvalidData => Zeroizing::default(),
        Err(error) => {
            let cure =
                format!("run this as the owner of the file, which is shown by: ls -l {path}");
            return Finding::problem(SUBJECT, format!("{shown}: {error}"), cure);
        }
    };
    match SessionTokens::new(settings.issuer.clone(), &text) {
        Ok(_) => Finding::ok(SUBJECT, format!("{shown}: an Ed25519 key")),
        Err(error) => Finding::problem(
            SUBJECT,
            format!("{shown}: {error}"),
            format!(
                "restore a backup, or mv {path} {path}.old: serve then makes a new one, and sessions go on"
            ),
        ),
    }
}
