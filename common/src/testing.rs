//! What the tests of several crates share: real servers, a running service, signed sessions, events.
//!
//! Everything here panics when it fails: it is for tests.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod access;
mod app;
mod client;
mod event_source;
mod queries;
mod stream;
mod traces;

use std::time::Duration;

use clap::Parser;
use infra_local::{Home, Mongod, Nats, Redis};
use mongodb::{Client, Database};
use tokio::sync::OnceCell;
use tokio::time::{Instant, sleep};

pub use access::{FEW_CHANGES, limits_changes, refuses_other_sites};
pub use app::{App, User};
pub use client::{Answer, HttpClient};
pub use event_source::{EventSource, Told};
pub use stream::{Stream, has_handled, read_after};
pub use traces::{Recorded, TraceCollector};

use crate::config::{NatsConfig, Secret};
use crate::id::Id;
use crate::nats::{self, Broker};

/// The key that signs the sessions of tests.
pub const JWT_KEY: &str = "key-of-the-tests-with-at-least-32-bytes";

/// How long a test waits for what should happen at once. Long, because only a failing test waits so long.
const DEADLINE: Duration = Duration::from_secs(30);

/// The MongoDB of this process.
static MONGOD: OnceCell<Mongod> = OnceCell::const_new();

/// The URI of a new, empty database on this process's MongoDB. An [`App`] over it fails when a query of it has no index.
pub async fn new_database() -> String {
    let start = || async { Mongod::start(Home::Temporary, None).await.expect("MongoDB starts") };
    let uri = MONGOD.get_or_init(start).await.url_for(&format!("test-{}", Id::generate()));
    queries::watch(&open_database(&uri).await).await;
    uri
}

/// The database behind the URI, for looking into it past the API.
pub async fn open_database(uri: &str) -> Database {
    let client = Client::with_uri_str(uri).await.expect("a URI of ours");
    client.default_database().expect("it names a database")
}

/// A MongoDB of the test's own, to be killed.
pub async fn new_mongod() -> Mongod {
    Mongod::start(Home::Temporary, None).await.expect("MongoDB starts")
}

/// A JetStream of the test's own.
pub async fn new_nats() -> Nats {
    Nats::start(Home::Temporary, None).await.expect("NATS starts")
}

/// A Redis of the test's own.
pub async fn new_redis() -> Redis {
    Redis::start(Home::Temporary, None).await.expect("Redis starts")
}

/// A connection to the test's JetStream, as a service has it.
pub async fn broker(nats: &Nats) -> Broker {
    let nats_url: Secret = nats.url().parse().expect("a URL");
    nats::connect(&NatsConfig::at(nats_url), "test").await.expect("a URL of ours")
}

/// A service's configuration from flags, as on its command line.
pub fn config<C: Parser>(flags: &[(&str, &str)]) -> C {
    let flags = flags.iter().flat_map(|(flag, value)| [format!("--{flag}"), (*value).to_owned()]);
    C::try_parse_from(std::iter::once("test".to_owned()).chain(flags)).expect("flags of ours")
}

/// Looks again and again until something is there.
///
/// # Panics
/// After half a minute, with what was awaited.
pub async fn eventually<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    eventually_within(DEADLINE, what, look).await
}

/// The same with a limit that is itself a promise.
pub async fn eventually_within<T>(limit: Duration, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "never happened within {limit:?}: {what}");
        sleep(Duration::from_millis(10)).await;
    }
}

/// Asks until the answer is not 503: on a loaded machine a service may be behind the stream, and says so.
pub async fn caught_up(ask: impl AsyncFn() -> Answer) -> Answer {
    eventually("the service is not behind", async || Some(ask().await).filter(|answer| answer.status != 503)).await
}

/// Every order in which the elements can stand.
pub fn permutations<T: Clone>(elements: &[T]) -> Vec<Vec<T>> {
    if elements.is_empty() {
        return vec![Vec::new()];
    }
    (0..elements.len())
        .flat_map(|first| {
            let mut rest = elements.to_vec();
            let element = rest.remove(first);
            permutations(&rest).into_iter().map(move |mut tail| {
                tail.insert(0, element.clone());
                tail
            })
        })
        .collect()
}
