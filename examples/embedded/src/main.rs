//! A poem application with Countersign inside: both dialects, and routes of its own that are guarded, one by what it
//! says itself and one by the rules of the configuration.
//!
//! `cargo run -p embedded` serves it by the same configuration as `countersign serve`. Sign in as
//! README shows, make a key with the scope `trade`, then:
//!
//! ```sh
//! curl -X POST http://127.0.0.1:8080/orders -H "x-api-key: $KEY" -d '{"size": 3}'
//! ```

use std::error::Error;

use countersign_core::{profile::Profile, scope::Scope, service::Admits};
use countersign_server::{
    Countersign, Principal,
    config::{Config, Overrides},
    settings::Settings,
};
use poem::{
    EndpointExt, Server, get, handler,
    listener::{Acceptor, Listener, TcpListener},
    post,
    web::Json,
};
use serde_json::{Value, json};

/// Only sessions, and keys with the scope `trade`, come this far.
#[handler]
fn place_order(caller: Principal, order: Json<Value>) -> Json<Value> {
    Json(json!({ "placedBy": caller.wallet.to_string(), "order": order.0 }))
}

/// Whoever the rules of the configuration admit to this path.
#[handler]
fn balance(caller: Principal) -> Json<Value> {
    Json(json!({ "account": caller.account.to_string(), "balance": "0" }))
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

    let countersign = Countersign::open(settings, address).await?;
    let trade = countersign.guard(Profile::Ocx, Admits::with(Scope::Trade));
    let rules = countersign.guard_by_rules(Profile::Ocx);
    let app = countersign
        .app()
        .with_routes(Profile::Ocx, |routes| {
            routes
                .at("/orders", post(place_order).with(trade))
                .at("/wallet/balance", get(balance).with(rules))
        })
        .endpoint();

    println!("listening on http://{address}");
    let stop = async { drop(tokio::signal::ctrl_c().await) };
    Server::new_with_acceptor(acceptor)
        .run_with_graceful_shutdown(app, stop, None)
        .await?;
    countersign.close().await;
    Ok(())
}
