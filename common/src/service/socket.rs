//! What the operating system is told about the connections of the public API.

use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::net::TcpStream;

/// A connection is broken when the client has acknowledged nothing for so long, or taken nothing, while there is something to send.
/// A client that vanished without a word is else kept for a quarter of an hour.
#[cfg(target_os = "linux")]
const GONE_AFTER_MS: u32 = 60_000;

/// Small answers leave at once instead of waiting for more to send, and a client that is gone does not keep its connection.
pub fn prepare(stream: &TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY not set");
    }
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::net::sockopt::set_tcp_user_timeout(stream, GONE_AFTER_MS) {
        tracing::debug!(%error, "TCP_USER_TIMEOUT not set");
    }
}

/// Lets this process have as many open files, and so connections, as it may: the limit that counts is often 1024, for the sake of
/// programs that use `select`.
pub fn allow_many() {
    let limit = getrlimit(Resource::Nofile);
    let most = rustix::process::Rlimit { current: limit.maximum, ..limit };
    match setrlimit(Resource::Nofile, most) {
        Ok(()) => tracing::debug!(files = most.current, "limit of open files raised"),
        Err(error) => tracing::debug!(%error, "limit of open files not raised"),
    }
}
