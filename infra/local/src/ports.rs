//! Ports on the loopback interface.

use std::net::TcpListener;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU16, Ordering};

use anyhow::{Context, Result};
use rand::RngExt;

/// Below the range from which the kernel takes the near end of outgoing connections: a client that keeps connecting to a
/// server that does not run could otherwise be given the server's own port, and connect to itself.
const FIRST: u16 = 10_000;
const COUNT: u16 = 22_000;

/// A port that nobody listens on now, and that nobody else in this process is given soon.
pub fn free() -> Result<u16> {
    // Processes that start at the same time begin at different places.
    static NEXT: LazyLock<AtomicU16> = LazyLock::new(|| AtomicU16::new(rand::rng().random_range(0..COUNT)));
    (0..COUNT)
        .map(|_| FIRST + NEXT.fetch_add(1, Ordering::Relaxed) % COUNT)
        .find(|port| is_free(*port))
        .context("no free port was found between 10000 and 32000")
}

/// Whether a listener can be bound to this port.
pub fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}
