//! How far a service has come in the stream, kept in the service's own store.
//!
//! A broker remembers it too, but a broker or a store may come back from a backup: when the two disagree, the service has missed
//! something and requests the state of what it replicates.

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use mongodb::bson::{Document, doc};
use mongodb::{Collection, Database};
use serde::{Deserialize, Serialize};

use crate::events::STREAM;
use crate::timestamp::Timestamp;

/// The collection of a service's checkpoint.
const COLLECTION: &str = "checkpoints";

/// By how much earlier state is requested: clocks differ, and an event is published some time after the change that it tells of.
const MARGIN: Duration = Duration::from_secs(30);

/// A checkpoint is written every few seconds. When one is older than this, and the broker says that more was handled since, the
/// store has come back from a backup.
const STALE_AFTER: Duration = Duration::from_secs(10);

/// How long the stream may take to bring what was requested. What it drops meanwhile may be some of it.
const REPAIR: Duration = Duration::from_secs(60);

/// How far a service has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Checkpoint {
    /// When the durable consumer was created.
    pub consumer_created: Timestamp,
    /// Every message up to this number was handled, or does not concern the service.
    pub sequence: i64,
    /// Everything that was published before this moment was handled.
    pub at: Timestamp,
    /// When it was stored.
    pub stored_at: Timestamp,
    /// What was requested last, while it may be on its way.
    pub repair: Option<Repair>,
}

/// A request for the state of what was missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Repair {
    /// From when on something was missed.
    pub since: Timestamp,
    /// When it was requested.
    pub requested_at: Timestamp,
}

/// The stream and the durable consumer as they are now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// When the durable consumer was created.
    pub consumer_created: Timestamp,
    /// The numbers of the stream's first and last message.
    pub messages: (i64, i64),
    /// Every message of the consumer up to this number was acked.
    pub acked: i64,
    /// Messages that wait for an ack, or to be delivered.
    pub unhandled: i64,
}

/// From when on a service has missed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// It knows nothing: a new service, or a wiped store.
    Everything,
    /// It may have missed what changed since then.
    Since(Timestamp),
}

impl Position {
    /// What was missed between the checkpoint and now, if anything.
    pub fn gap(&self, checkpoint: Option<&Checkpoint>, now: Timestamp) -> Option<Gap> {
        let Some(checkpoint) = checkpoint else {
            return Some(Gap::Everything);
        };
        let is_new_consumer = self.consumer_created != checkpoint.consumer_created;
        let has_lost_its_end = self.messages.1 < checkpoint.sequence;
        // The stream has dropped messages at its limits that may not have been handled: once later ones are acked, the broker counts
        // them as acked too.
        let begins_too_late = self.messages.0 > checkpoint.sequence + 1;
        let is_restored_store = self.acked > checkpoint.sequence && checkpoint.stored_at.after(STALE_AFTER) < now;
        let missed = is_new_consumer || has_lost_its_end || begins_too_late || is_restored_store;
        let since = Timestamp::from_millis(checkpoint.at.millis() - MARGIN.as_millis() as i64);
        missed.then(|| Gap::Since(checkpoint.repair.map_or(since, |repair| since.min(repair.since))))
    }

    /// The number up to which everything was handled.
    pub fn handled(&self, checkpoint: &Checkpoint) -> i64 {
        let known = if self.consumer_created == checkpoint.consumer_created { checkpoint.sequence } else { 0 };
        self.acked.max(known)
    }

    /// The checkpoint of this position, when the oldest message that is not handled was published at `oldest`, if that is known. What was
    /// dropped unhandled is passed over: its state has been requested.
    pub fn checkpoint(
        &self,
        before: Option<&Checkpoint>,
        requested: Option<Gap>,
        oldest: Option<Timestamp>,
        now: Timestamp,
    ) -> Checkpoint {
        let handled = before.map_or(self.acked, |before| self.handled(before)).min(self.messages.1);
        let (sequence, at) = match self.unhandled {
            0 => (self.messages.1, now),
            _ => (handled.max(self.messages.0 - 1), oldest.or(before.map(|before| before.at)).unwrap_or(now)),
        };
        let repair = match requested {
            Some(Gap::Since(since)) => Some(Repair { since, requested_at: now }),
            Some(Gap::Everything) => Some(Repair { since: Timestamp::from_millis(0), requested_at: now }),
            None => before.and_then(|before| before.repair).filter(|repair| repair.requested_at.after(REPAIR) > now),
        };
        Checkpoint { consumer_created: self.consumer_created, sequence, at, stored_at: now, repair }
    }
}

/// Where a service keeps its checkpoint.
pub trait Checkpoints: Send + Sync {
    /// The stored checkpoint; `None` when there is none, or when the replica that it belongs to is empty.
    fn load(&self) -> BoxFuture<'_, Result<Option<Checkpoint>, String>>;

    /// Stores a checkpoint.
    fn save<'a>(&'a self, checkpoint: &'a Checkpoint) -> BoxFuture<'a, Result<(), String>>;
}

/// The checkpoint in a service's database.
pub struct MongoCheckpoints {
    checkpoints: Collection<Checkpoint>,
    replica: Option<Collection<Document>>,
}

impl MongoCheckpoints {
    /// The checkpoint in this database, and the replica of others' data that is filled by the events, if there is one.
    pub fn new(database: &Database, replica: Option<&str>) -> Self {
        Self {
            checkpoints: database.collection(COLLECTION),
            replica: replica.map(|replica| database.collection(replica)),
        }
    }

    async fn find(&self) -> Result<Option<Checkpoint>, mongodb::error::Error> {
        if let Some(replica) = &self.replica
            && replica.find_one(doc! {}).projection(doc! {"_id": 1}).await?.is_none()
        {
            return Ok(None);
        }
        self.checkpoints.find_one(doc! {"_id": STREAM}).await
    }
}

impl Checkpoints for MongoCheckpoints {
    fn load(&self) -> BoxFuture<'_, Result<Option<Checkpoint>, String>> {
        async { self.find().await.map_err(|error| error.to_string()) }.boxed()
    }

    fn save<'a>(&'a self, checkpoint: &'a Checkpoint) -> BoxFuture<'a, Result<(), String>> {
        let stored = self.checkpoints.replace_one(doc! {"_id": STREAM}, checkpoint).upsert(true);
        async { stored.await.map(drop).map_err(|error| error.to_string()) }.boxed()
    }
}
