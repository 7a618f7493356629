//! An axum application, guarded by the rules of the configuration, with Countersign's own operations on a listener of
//! theirs in the same process.
//!
//! `cargo run -p guarded-axum` serves Countersign as `countersign serve` does, and the application at `APP_LISTEN`, by default
//! 127.0.0.1:3000. Sign in as README shows, then:
//!
//! ```sh
//! curl http://127.0.0.1:3000/wallet/balance -H "Authorization: Bearer $TOKEN"
//! ```

use std::{error::Error, net::SocketAddr};

use axum::{
    Extension, Json, Router,
    extract::{ConnectInfo, OriginalUri},
    http::request::Parts,
    routing::get,
};
use countersign_core::profile::Profile;
use countersign_server::{
    Countersign, Principal,
    config::{Config, Overrides},
    settings::Settings,
    tower::Received,
};
use poem::listener::{Acceptor, Listener, TcpListener};
use serde_json::{Value, json};

/// Whoever the rules of the configuration admit to this path.
async fn balance(Extension(caller): Extension<Principal>) -> Json<Value> {
    Json(json!({ "account": caller.account.to_string(), "balance": "0" }))
}

/// Rules may admit anybody.
async fn markets(caller: Option<Extension<Principal>>) -> Json<Value> {
    Json(json!({ "markets": [], "isKnown": caller.is_some() }))
}

/// The rules go by the peer of the connection and by the path from before the router takes a part of it away.
fn received(parts: &Parts) -> Option<Received> {
    let ConnectInfo(peer) = parts.extensions.get::<ConnectInfo<SocketAddr>>()?;
    let OriginalUri(uri) = parts.extensions.get::<OriginalUri>()?;
    Some(Received {
        peer: *peer,
        uri: uri.clone(),
    })
}

fn app(countersign: &Countersign) -> Router {
    let perps = Router::new().route("/markets", get(markets));
    let guard = countersign.guard_by_rules(Profile::Ocx);
    Router::new()
        .route("/wallet/balance", get(balance))
        .nest("/perps", perps)
        .layer(guard.layer(received))
}

#[tokio::main]
#[expect(
    clippy::print_stdout,
    reason = "the address is what this program prints"
)]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = Config::load(None, Overrides::default())?;
    let settings = Settings::parse(&config)?;
    let acceptor = TcpListener::bind(settings.listen()).into_acceptor().await?;
    let address = acceptor.local_addr()[0].as_socket_addr().copied();
    let address = address.ok_or("the listener has no address")?;
    let at = std::env::var("APP_LISTEN").unwrap_or("127.0.0.1:3000".into());
    let listener = tokio::net::TcpListener::bind(at).await?;

    let countersign = Countersign::open(settings, address).await?;
    let app = app(&countersign).into_make_service_with_connect_info::<SocketAddr>();
    let own = poem::Server::new_with_acceptor(acceptor).run(countersign.app().endpoint());

    println!("listening on http://{address}");
    tokio::select! {
        ended = own => ended?,
        ended = axum::serve(listener, app) => ended?,
        _ = tokio::signal::ctrl_c() => {}
    }
    countersign.close().await;
    Ok(())
}
