//! Server-sent events: what changes is told to the connections that are open on this replica.
//!
//! Every replica listens to the broker by a subscription of its own, not by a consumer of the stream: there is nothing to clean up
//! when it ends. A message only says that something has changed. What connections are told is read from the store, as it is now. What
//! a message should have said and did not, because the broker was unavailable, is found in the store as well: every few seconds the
//! [`Feed`] reads what has changed since it looked last.
//!
//! An event is rendered once and shared by all connections. A connection belongs to a topic, or to all of them, and is woken only
//! for what concerns it. It has a short queue. When the queue overflows, because the client does not read, or when a client comes
//! back after more has changed than is remembered, it is told `reload`: what it shows may be outdated.

mod changed;
mod connection;
mod feed;
mod frame;
mod hub;
mod recent;
mod resume;

pub use connection::Connection;
pub use feed::{Feed, Source};
pub use frame::{Change, Frame};
pub use hub::Live;
pub use resume::Resume;

use std::time::Duration;

/// After so long without an event a connection is told that it is still there. Proxies close one that is silent for a minute.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How much earlier than it was told last a client may have missed something: changes are dated by the clock of the process that
/// makes them, and known by other replicas a moment later.
const MARGIN: Duration = Duration::from_secs(10);

/// So many changes a client that comes back is told one by one. After more it loads the page again.
const MOST_RESUMED: usize = 1000;
