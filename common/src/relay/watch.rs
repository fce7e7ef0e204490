//! Looks after the last event that the stream has acked: a broker can lose what it acked.
//!
//! What was published since the stream was last known to be good is published again when the stream does not hold that event any
//! more, and when another server process answers, because a broker that comes back may have lost its last seconds.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mongodb::bson::{DateTime, doc, serialize_to_document};
use mongodb::{Collection, Database};
use serde::{Deserialize, Serialize};

use crate::mongo::{StoreError, Walk};
use crate::nats::Broker;
use crate::timestamp::Timestamp;

/// By how much more is republished: clocks of replicas differ, and a change is acked some time after it was stored.
const MARGIN: Duration = Duration::from_secs(30);

/// The collection of what was seen last, so that it outlives the process.
const COLLECTION: &str = "relay";

/// An event that the stream has acked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Acked {
    sequence: i64,
    message_id: String,
}

/// What was seen when the stream was last known to be good.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seen {
    last: Option<Acked>,
    good_at: DateTime,
    /// The server process that answered; none has before the first event.
    server: Option<String>,
}

/// The last acked event of one collection.
pub struct Watch {
    seen: Collection<Seen>,
    kind: &'static str,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    last: Option<Acked>,
    seen: Option<Seen>,
}

impl Watch {
    /// Looks after the events of this kind of aggregate.
    pub fn new(database: &Database, kind: &'static str) -> Self {
        Self { seen: database.collection(COLLECTION), kind, state: Mutex::default() }
    }

    /// There is no aggregate yet, so the stream can have lost nothing, whatever it holds.
    pub async fn begin(&self) -> Result<(), StoreError> {
        let first = serialize_to_document(&Seen { last: None, good_at: DateTime::now(), server: None })?;
        self.seen.update_one(doc! {"_id": self.kind}, doc! {"$setOnInsert": first}).upsert(true).await?;
        Ok(())
    }

    /// The stream has acked an event under this number.
    pub fn acked(&self, sequence: u64, message_id: &str) {
        let (mut state, sequence) = (self.lock(), sequence as i64);
        // The greatest number is kept: a stream that begins anew does not reach it, and is found out by that.
        if state.last.as_ref().is_none_or(|last| last.sequence < sequence) {
            state.last = Some(Acked { sequence, message_id: message_id.to_owned() });
        }
    }

    /// Looks whether the stream still holds the last event, and lets be republished what it may have lost.
    ///
    /// # Errors
    /// Why the stream or the store cannot be asked.
    pub async fn look(&self, broker: &Broker, walk: &Walk) -> Result<(), String> {
        broker.ready().await?;
        let (server, began) = (broker.server_id(), DateTime::now());
        let seen = self.seen().await.map_err(|error| error.to_string())?;
        let acked = self.lock().last.clone();
        let last = acked.clone().or(seen.as_ref().and_then(|seen| seen.last.clone()));
        let holds = match &last {
            Some(last) => broker.holds(last.sequence as u64, &last.message_id).await,
            None => Ok(true),
        };
        let is_lost = !holds.inspect_err(|_| broker.recheck_streams())?;
        let known = seen.as_ref().map(|seen| seen.server.as_ref().is_none_or(|known| *known == server));
        if is_lost || known != Some(true) {
            let since =
                seen.map(|seen| Timestamp::from_millis(seen.good_at.timestamp_millis() - MARGIN.as_millis() as i64));
            if is_lost {
                tracing::error!(
                    of = self.kind,
                    ?since,
                    alert = true,
                    "the stream has lost events, their state is published again"
                );
            }
            walk.begin(since).await.map_err(|error| error.to_string())?;
        }
        let seen = Seen { last: last.filter(|_| !is_lost), good_at: began, server: Some(server) };
        let stored = self.seen.replace_one(doc! {"_id": self.kind}, &seen).upsert(true).await;
        stored.map_err(|error| error.to_string())?;
        let mut state = self.lock();
        if is_lost && state.last == acked {
            state.last = None;
        }
        state.seen = Some(seen);
        Ok(())
    }

    /// What was seen last, by this process or before it.
    async fn seen(&self) -> Result<Option<Seen>, StoreError> {
        let seen = self.lock().seen.clone();
        match seen {
            Some(seen) => Ok(Some(seen)),
            None => Ok(self.seen.find_one(doc! {"_id": self.kind}).await?),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
