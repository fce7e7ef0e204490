//! Republishing: the aggregates of a collection that have changed since a moment publish their state again, because the stream
//! has lost it or a service asks for it.
//!
//! How far it has come stands in the database: replicas take turns, and a process that dies is continued by another. To begin
//! again from an earlier moment only moves the cursor back.

use std::time::Duration;

use mongodb::bson::{DateTime, Document, doc, oid::ObjectId};
use mongodb::options::ReturnDocument;
use mongodb::{Collection, Database};
use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::timestamp::Timestamp;

/// The field of an aggregate that holds when it was changed last, by the clock of the process that changed it.
pub const CHANGED_AT: &str = "changedAt";

/// The collection of the cursors, one document for each kind of aggregate that is being republished.
const COLLECTION: &str = "republish";

/// How long a batch is left to the replica that took it.
const LEASE: Duration = Duration::from_secs(10);

/// How far the republishing of a collection has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cursor {
    /// Everything that changed before was republished.
    pub at: DateTime,
    /// Of what changed at that moment, everything up to this id was republished.
    pub after: ObjectId,
    /// The latest request: the walk ends only when none came while its last batch was republished.
    pub request: ObjectId,
}

/// The walk over one collection in the order of changes. Cheap to clone.
#[derive(Clone)]
pub struct Walk {
    cursors: Collection<Cursor>,
    kind: &'static str,
}

impl Walk {
    /// The walk over the aggregates of this kind in this database.
    pub fn new(database: &Database, kind: &'static str) -> Self {
        Self { cursors: database.collection(COLLECTION), kind }
    }

    /// Lets everything be republished that has changed since then, or everything. What an earlier request asked for stays.
    pub async fn begin(&self, since: Option<Timestamp>) -> Result<(), StoreError> {
        let since = DateTime::from_millis(since.map_or(0, Timestamp::millis));
        let is_earlier = doc! {"$lt": [since, {"$ifNull": ["$at", DateTime::MAX]}]};
        let begin = doc! {"$set": {
            "after": {"$cond": [is_earlier, ObjectId::from_bytes([0; 12]), "$after"]},
            "at": {"$min": ["$at", since]},
            "request": ObjectId::new(),
        }};
        let upsert = || self.cursors.update_one(doc! {"_id": self.kind}, vec![begin.clone()]).upsert(true);
        match upsert().await.map_err(StoreError::from) {
            // Another process has just inserted it.
            Err(StoreError::Duplicate) => upsert().await?,
            begun => begun?,
        };
        Ok(())
    }

    /// Takes the next batch, if there is one and no other replica has it.
    pub async fn take(&self) -> Result<Option<Cursor>, StoreError> {
        let is_free = doc! {"$lte": [{"$ifNull": ["$leasedUntil", DateTime::from_millis(0)]}, "$$NOW"]};
        let lease = doc! {"$set": {"leasedUntil": {"$add": ["$$NOW", LEASE.as_millis() as i64]}}};
        let taken = self.cursors.find_one_and_update(doc! {"_id": self.kind, "$expr": is_free}, vec![lease]);
        Ok(taken.return_document(ReturnDocument::After).await?)
    }

    /// Whether something is being republished.
    pub async fn is_under_way(&self) -> Result<bool, StoreError> {
        Ok(self.cursors.find_one(doc! {"_id": self.kind}).await?.is_some())
    }

    /// Stores that a batch is done up to `next`, or that the walk has ended. Nothing happens when the cursor was moved back meanwhile.
    pub async fn done(&self, batch: &Cursor, next: Option<(DateTime, ObjectId)>) -> Result<(), StoreError> {
        let mut unmoved = doc! {"_id": self.kind, "at": batch.at, "after": batch.after};
        match next {
            Some((at, after)) => {
                let moved = doc! {"$set": {"at": at, "after": after}, "$unset": {"leasedUntil": ""}};
                self.cursors.update_one(unmoved, moved).await?;
            }
            None => {
                unmoved.insert("request", batch.request);
                self.cursors.delete_one(unmoved).await?;
            }
        }
        self.release().await
    }

    /// Gives a batch back that was not republished.
    pub async fn release(&self) -> Result<(), StoreError> {
        self.cursors.update_one(doc! {"_id": self.kind}, doc! {"$unset": {"leasedUntil": ""}}).await?;
        Ok(())
    }
}

/// What changed behind a cursor, in the order of changes.
pub fn behind(cursor: &Cursor) -> Document {
    let at_that_moment = doc! {CHANGED_AT: cursor.at, "_id": {"$gt": cursor.after}};
    doc! {"$or": [at_that_moment, {CHANGED_AT: {"$gt": cursor.at}}]}
}
