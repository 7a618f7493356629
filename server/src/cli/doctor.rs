//! `countersign doctor`: finds what is wrong before users do. It looks, and changes nothing that is the server's.

mod clock;
mod configuration;
mod data_dir;
mod database;
mod disk;
mod finding;
mod in_use;
mod listener;
mod log;
mod open_files;
mod origins;
mod plugins;
mod postgres;
mod private_files;
mod proxies;
mod public_url;
mod shared_limits;
mod signing_key;
mod testing;

use std::{path::Path, process::ExitCode};

use countersign_core::{Clock, clock::SystemClock};

use super::{Common, print};
use crate::{settings::Settings, store::Location};
use finding::Report;
use in_use::InUse;

/// Makes every check and prints what each found. Fails if a problem was found.
pub(super) fn run(common: &Common) -> ExitCode {
    let report = examine(common);
    let printed = print(&report.to_string());
    if report.has_problem() || printed.is_err() {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn examine(common: &Common) -> Report {
    let mut report = Report::default();
    let (config, settings) = configuration::check(common, &mut report);
    let settings = located(settings);
    let in_use = InUse::of(&settings);
    let (database, newest) = database::check(&settings, &in_use);
    report.extend(clock::check(SystemClock.now(), newest));
    report.extend(data_dir::check(&settings.data_dir, &in_use));
    report.extend(private_files::check(&settings));
    report.extend(disk::check(&settings));
    report.extend([database]);
    report.extend([signing_key::check(&settings)]);
    report.extend(listener::check(&settings, &in_use));
    report.extend(public_url::check(&settings));
    report.extend(proxies::check(&settings));
    report.extend(plugins::check(&settings, &in_use));
    report.extend(origins::check(&settings));
    report.extend([shared_limits::check(&settings)]);
    report.extend(testing::check(&config));
    report.extend([log::check(&settings.log_filter)]);
    report.extend([open_files::check()]);
    report
}

/// With whole paths: which file a relative one means depends on where the server is started.
fn located(mut settings: Settings) -> Settings {
    let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    settings.data_dir = whole(&settings.data_dir);
    settings.signing_keys_dir = whole(&settings.signing_keys_dir);
    if let Some(file) = settings.database.file() {
        settings.database = Location::Sqlite(whole(file));
    }
    settings
}
