//! Events that were left behind in their documents: a process died between write and publish, or the broker was unavailable.

use std::time::Duration;

use futures::TryStreamExt;
use metrics::gauge;
use mongodb::bson::{DateTime, Document, RawDocumentBuf, deserialize_from_slice, doc, oid::ObjectId};
use mongodb::options::{Hint, IndexOptions, ReadConcern};
use mongodb::{Collection, Database, IndexModel};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::publisher::{BATCH, Publisher};
use crate::error::StartError;
use crate::mongo::{self, CHANGED_AT, StoreError};
use crate::outbox::Pending;

/// An event that is older than this counts as left behind. One that is published waits a moment for others before it is taken out.
const OLDER_THAN: Duration = Duration::from_secs(2);

/// How long a document is left to the replica that took it. Replicas share the work: what one has taken the others pass over.
const LEASE: Duration = Duration::from_secs(5);

const INDEX: &str = "outbox";

/// The outboxes of one collection.
pub struct LeftBehind {
    documents: Collection<RawDocumentBuf>,
}

#[derive(Deserialize)]
struct Found {
    #[serde(rename = "_id")]
    id: ObjectId,
}

impl LeftBehind {
    /// The outboxes of this collection.
    pub fn new(database: &Database, collection: &str) -> Self {
        Self { documents: mongo::majority(database, collection) }
    }

    /// Creates the index that the sweep reads: only documents with something in their outbox are in it.
    pub async fn create_index(&self) -> Result<(), StartError> {
        let options = IndexOptions::builder().name(INDEX.to_owned()).partial_filter_expression(waiting()).build();
        let index = IndexModel::builder().keys(doc! {"outbox.0.id": 1}).options(options).build();
        mongo::create_indexes(&self.documents, [index]).await
    }

    /// Publishes what was left behind, a batch at a time, until nothing is left or the broker does not take it.
    pub async fn publish(&self, publisher: &Publisher, stop: &CancellationToken) {
        if let Err(error) = self.measure().await {
            return tracing::warn!(%error, "outboxes not searched, trying again");
        }
        while !stop.is_cancelled() {
            match self.take().await {
                Ok(taken) if taken.is_empty() => return,
                Ok(taken) => {
                    if !publisher.publish(taken).await {
                        return;
                    }
                }
                Err(error) => return tracing::warn!(%error, "outboxes not searched, trying again"),
            }
        }
    }

    /// Takes a batch that no other replica has.
    async fn take(&self) -> Result<Vec<Pending>, StoreError> {
        let is_old = doc! {"$lte": [{"$first": "$outbox.at"}, {"$subtract": ["$$NOW", OLDER_THAN.as_millis() as i64]}]};
        let is_free = doc! {"$lte": [{"$ifNull": ["$relay.until", DateTime::from_millis(0)]}, "$$NOW"]};
        let mut filter = waiting();
        filter.insert("$expr", doc! {"$and": [is_old, &is_free]});
        let ids = self.documents.clone_with_type::<Found>();
        let found = ids.find(filter).hint(Hint::Name(INDEX.to_owned()));
        let found: Vec<Found> = found.projection(doc! {"_id": 1}).limit(BATCH as i64).await?.try_collect().await?;
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<ObjectId> = found.into_iter().map(|found| found.id).collect();
        let taker = ObjectId::new();
        let until = doc! {"$add": ["$$NOW", LEASE.as_millis() as i64]};
        let free = doc! {"_id": {"$in": &ids}, "$expr": is_free};
        // It reaches the stream only now: should the stream lose it again, it counts as changed now.
        let lease = doc! {"$set": {"relay": {"by": taker, "until": until}, CHANGED_AT: "$$NOW"}};
        self.documents.update_many(free, vec![lease]).write_concern(mongo::unjournaled()).await?;
        let taken = self.documents.find(doc! {"_id": {"$in": ids}, "relay.by": taker}).projection(doc! {"outbox": 1});
        let taken: Vec<RawDocumentBuf> = taken.read_concern(ReadConcern::local()).await?.try_collect().await?;
        Ok(taken.iter().filter_map(|document| readable(document)).collect())
    }

    /// How many documents wait, and how long the oldest of them has waited.
    async fn measure(&self) -> Result<(), StoreError> {
        let hint = || Hint::Name(INDEX.to_owned());
        let depth = self.documents.count_documents(waiting()).hint(hint()).await?;
        // Ids of events grow with time.
        let oldest = self.documents.find_one(waiting()).sort(doc! {"outbox.0.id": 1}).hint(hint()).await?;
        let oldest = oldest.as_deref().and_then(readable).and_then(|pending| Some(pending.outbox.first()?.at));
        let age =
            oldest.map_or(0, |at| DateTime::now().timestamp_millis().saturating_sub(at.timestamp_millis()).max(0));
        let collection = self.documents.name().to_owned();
        gauge!("outbox_documents", "collection" => collection.clone()).set(depth as f64);
        gauge!("outbox_oldest_seconds", "collection" => collection).set(age as f64 / 1000.0);
        Ok(())
    }
}

fn waiting() -> Document {
    doc! {"outbox.0": {"$exists": true}}
}

/// A document that cannot be read must not block the others.
fn readable(document: &mongodb::bson::RawDocument) -> Option<Pending> {
    deserialize_from_slice(document.as_bytes())
        .inspect_err(|error| tracing::error!(%error, document = ?document.get("_id"), "an outbox cannot be read, it needs repair"))
        .ok()
}
