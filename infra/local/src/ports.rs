//! Ports on the loopback interface.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpStream as BlockingStream};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use rand::RngExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Below the range from which the kernel takes the near end of outgoing connections: a client that keeps connecting to a
/// server that does not run could otherwise be given the server's own port, and connect to itself.
const FIRST: u16 = 10_000;
const COUNT: u16 = 22_000;

/// A listener whose queue is full does not answer; on loopback everybody else does at once.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(500);

/// A port that nobody listens on now, and that nobody else in this process is given soon.
pub fn free() -> Result<u16> {
    free_block(1)
}

/// The first of as many such ports in a row.
pub fn free_block(size: u16) -> Result<u16> {
    // Processes that start at the same time begin at different places.
    static NEXT: LazyLock<AtomicU16> = LazyLock::new(|| AtomicU16::new(rand::rng().random_range(0..COUNT)));
    (0..COUNT)
        .map(|_| FIRST + NEXT.fetch_add(size, Ordering::Relaxed) % COUNT)
        .find(|first| (*first..first + size).all(is_free))
        .context("no free port was found between 10000 and 32000")
}

/// Whether nobody listens on this port.
///
/// It is not bound to find that out: a program that another thread starts at that moment holds a copy of every socket of this
/// process until it has become itself, and the port would look used a moment later.
pub fn is_free(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    BlockingStream::connect_timeout(&address, CONNECT_TIMEOUT)
        .is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
}

/// Whether the program on this port answers a question within a second, and its answer begins as expected.
pub(crate) async fn answers(port: u16, question: &[u8], expected: &[u8]) -> bool {
    let exchange = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.write_all(question).await?;
        let mut received = vec![0; expected.len()];
        stream.read_exact(&mut received).await.map(|_| received)
    };
    timeout(Duration::from_secs(1), exchange).await.is_ok_and(|answer| answer.is_ok_and(|bytes| bytes == expected))
}
