//! Countersign with one operation mounted several times: bare, which is the yardstick, and guarded.
//!
//! Everything that surrounds the server's own routes surrounds all of them.

use std::error::Error;

use countersign_bench::{REMEMBERED, item, listening::Listening};
use countersign_core::{profile::Profile, scope::Scope, service::Admits};
use countersign_server::{
    Countersign,
    config::{Config, Overrides},
    settings::Settings,
};
use poem::EndpointExt;

/// As in the server's binary.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut settings = Settings::parse(&Config::load(None, Overrides::default())?)?;
    if let Ok(at_most) = std::env::var(REMEMBERED) {
        settings = settings.with_remembered_credentials(at_most.parse()?);
    }
    let listening = Listening::bind(settings.listen()).await?;
    let countersign = Countersign::open(settings, listening.address()).await?;
    let readers = countersign.guard(Profile::Ocx, Admits::with(Scope::Read));
    let everybody = countersign.guard(Profile::Aura, Admits::EVERYBODY);
    let app = countersign
        .app()
        .with_routes(Profile::Ocx, |routes| {
            routes
                .nest("/yardstick", item::service())
                .nest("/guarded", item::service().with(readers))
        })
        .with_routes(Profile::Aura, |routes| {
            routes.nest("/v1/limited", item::service().with(everybody))
        });
    Ok(listening.serve(app.endpoint()).await?)
}
