//! The operation that is measured, in an application without anything of Countersign; and the same answer by a plain
//! route.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
};

use countersign_bench::{item, listening::Listening};
use poem::{Route, get};

/// The server's, so that it makes no difference.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> io::Result<()> {
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let listening = Listening::bind(any_port).await?;
    listening
        .serve(
            Route::new()
                .nest("/bare", item::service())
                .at("/plain", get(item::plain())),
        )
        .await
}
