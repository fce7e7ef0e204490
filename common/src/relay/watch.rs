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

/// Marks are at least this far apart, and so many are kept: a broker's disk may come back as it was a while ago.
const MARK_EVERY: Duration = Duration::from_secs(60);
const MARKS: usize = 64;

/// The collection of what was seen last, so that it outlives the process.
const COLLECTION: &str = "relay";

/// An event that the stream has acked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Acked {
    sequence: i64,
    message_id: String,
}

/// A moment at which the stream held everything that was published, up to this event.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mark {
    #[serde(flatten)]
    last: Acked,
    good_at: DateTime,
}

/// What is stored.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Seen {
    /// The newest last. None before the first event.
    marks: Vec<Mark>,
    /// The server process that answered. None before the first event.
    server: Option<String>,
}

impl Seen {
    /// The stream is good at this moment, up to this event.
    fn mark(&mut self, last: Acked, good_at: DateTime) {
        let since_last_but_one = self
            .marks
            .iter()
            .rev()
            .nth(1)
            .map_or(i64::MAX, |mark| good_at.timestamp_millis() - mark.good_at.timestamp_millis());
        if since_last_but_one < MARK_EVERY.as_millis() as i64 {
            self.marks.pop();
        }
        self.marks.push(Mark { last, good_at });
        let surplus = self.marks.len().saturating_sub(MARKS);
        self.marks.drain(..surplus);
    }

    fn last(&self) -> Option<&Acked> {
        self.marks.last().map(|mark| &mark.last)
    }
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
    server: Option<String>,
}

impl Watch {
    /// Looks after the events of this kind of aggregate.
    pub fn new(database: &Database, kind: &'static str) -> Self {
        Self { seen: database.collection(COLLECTION), kind, state: Mutex::default() }
    }

    /// There is no aggregate yet, so the stream can have lost nothing, whatever it holds.
    pub async fn begin(&self) -> Result<(), StoreError> {
        let first = serialize_to_document(&Seen::default())?;
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
        let stored = self.seen.find_one(doc! {"_id": self.kind}).await.map_err(|error| error.to_string())?;
        let is_first = stored.is_none();
        let mut seen = stored.unwrap_or_default();
        let (own, known) = {
            let state = self.lock();
            (state.last.clone(), state.server.clone().or(seen.server.clone()))
        };
        // Another replica's event may be the last one.
        let last = own.iter().chain(seen.last()).max_by_key(|last| last.sequence).cloned();
        let is_lost = match &last {
            Some(last) => !self.holds(broker, last).await?,
            None => false,
        };
        if is_lost {
            while let Some(mark) = seen.last()
                && !self.holds(broker, mark).await?
            {
                seen.marks.pop();
            }
        }
        // None before the first event: the server that answers then has lost nothing.
        let is_other_server = known.is_some_and(|known| known != server);
        if is_lost || is_other_server || is_first {
            let since = seen.marks.last().map(|mark| mark.good_at.timestamp_millis() - MARGIN.as_millis() as i64);
            let since = since.map(Timestamp::from_millis);
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
        if let Some(last) = last.filter(|_| !is_lost)
            // What is republished just now belongs to moments that are marked already.
            && !walk.is_under_way().await.map_err(|error| error.to_string())?
        {
            seen.mark(last, began);
        }
        seen.server = Some(server.clone());
        let stored = self.seen.replace_one(doc! {"_id": self.kind}, &seen).upsert(true).await;
        stored.map_err(|error| error.to_string())?;
        let mut state = self.lock();
        state.server = Some(server);
        if is_lost && state.last == own {
            state.last = None;
        }
        Ok(())
    }

    async fn holds(&self, broker: &Broker, event: &Acked) -> Result<bool, String> {
        let holds = broker.holds(event.sequence as u64, &event.message_id).await;
        holds.inspect_err(|_| broker.recheck_streams())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
