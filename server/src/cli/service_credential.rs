//! `countersign service-credential`: what services show when they ask about tokens.

use clap::Subcommand;
use countersign_core::{profile::Profile, secret::Secret, service_credential};

use super::{Outcome, manual, print};
use crate::{random::SystemRandom, settings::is_service_name};

#[derive(Debug, Subcommand)]
pub(super) enum ServiceCredentialCommand {
    /// Make a credential; prints it once, and the stanza that lets its service ask
    #[command(after_help = manual::SERVICE_CREDENTIAL_NEW)]
    New {
        /// The service's name, 1 to 32 of a-z, 0-9 and -
        #[arg(long)]
        name: String,
        /// The dialect whose tokens the service may ask about, ocx or aura; there is no default
        #[arg(long, value_parser = profile)]
        profile: Profile,
    },
}

pub(super) fn run(command: &ServiceCredentialCommand) -> Outcome {
    match command {
        ServiceCredentialCommand::New { name, profile } => new(name, *profile),
    }
}

fn new(name: &str, profile: Profile) -> Outcome {
    if !is_service_name(name) {
        return Err(format!("--name {name:?}: expected 1 to 32 of a-z, 0-9 and -").into());
    }
    let secret = service_credential::generate(&SystemRandom);
    eprint!("{}", stanza(name, profile, &secret));
    print(&format!("{}\n", secret.expose()))?;
    Ok(())
}

/// What goes into the configuration, and nothing else, so that it can be appended to the file.
fn stanza(name: &str, profile: Profile, secret: &Secret) -> String {
    let (profile, sha256) = (profile.as_str(), hex::encode(secret.hash().as_bytes()));
    format!(
        "\n# For countersign.toml; the server takes it up when it starts.\n[[introspection.clients]]\n\
         name = \"{name}\"\nprofile = \"{profile}\"\nsha256 = \"{sha256}\"\n"
    )
}

fn profile(text: &str) -> Result<Profile, &'static str> {
    Profile::parse(text).ok_or("expected ocx or aura")
}

#[cfg(test)]
mod tests {
    use countersign_core::memory::SeededRandom;

    use super::*;
    use crate::{
        config::{Config, Overrides},
        settings::Settings,
    };

    #[test]
    fn the_stanza_is_one_that_the_server_reads() {
        let secret = service_credential::generate(&SeededRandom::new(1));
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("countersign.toml");
        let listen = "[internal]\nlisten = \"127.0.0.1:9464\"\n";
        let text = listen.to_owned() + &stanza("orders", Profile::Aura, &secret);
        assert!(!text.contains(secret.expose()));
        std::fs::write(&file, text).unwrap();
        let config = Config::load(Some(&file), Overrides::default()).unwrap();
        let settings = Settings::parse(&config).unwrap();
        let [client] = settings.introspection_clients.as_slice() else {
            panic!("one client: {settings:?}");
        };
        assert_eq!(
            (client.name.as_str(), client.profile, client.secret_hash),
            ("orders", Profile::Aura, secret.hash())
        );
    }
}
