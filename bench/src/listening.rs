//! A listener that is told of as the server tells of its own.

use std::{
    io::{self, Write},
    net::SocketAddr,
    time::Duration,
};

use poem::{
    Endpoint, Server,
    listener::{Acceptor, Listener, TcpAcceptor, TcpListener},
};

/// As long as the server's own.
const IDLE: Duration = Duration::from_secs(60);

/// A bound listener.
pub struct Listening {
    acceptor: TcpAcceptor,
    address: SocketAddr,
}

impl Listening {
    /// Binds an address; port 0 picks a free one.
    ///
    /// # Errors
    /// What the operating system says.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        let acceptor = TcpListener::bind(address).into_acceptor().await?;
        let bound = acceptor.local_addr();
        let bound = bound.first().and_then(|local| local.as_socket_addr());
        let address = *bound.ok_or_else(|| io::Error::other("the listener has no address"))?;
        Ok(Self { acceptor, address })
    }

    /// The address; its port is real.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Prints the address and serves until the process ends.
    ///
    /// # Errors
    /// What the operating system says.
    pub async fn serve(self, app: impl Endpoint + 'static) -> io::Result<()> {
        writeln!(io::stdout(), "listening on http://{}", self.address)?;
        Server::new_with_acceptor(self.acceptor)
            .idle_timeout(IDLE)
            .run(app)
            .await
    }
}
