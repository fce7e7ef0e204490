//! Reading from the store what has changed.

use futures::TryStreamExt;
use mongodb::bson::{DateTime, Document, RawDocumentBuf, deserialize_from_slice, doc, oid::ObjectId};
use serde::Deserialize;

use crate::id::{Id, as_object_id};
use crate::mongo::{Aggregate, CHANGED_AT, Store, StoreError};
use crate::timestamp::{Timestamp, as_date};

/// An aggregate that has changed, and when.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Changed {
    #[serde(rename = "_id", with = "as_object_id")]
    pub id: Id,
    #[serde(default)]
    pub version: i32,
    #[serde(rename = "changedAt", with = "as_date")]
    pub at: Timestamp,
}

/// What has changed since then, the latest first.
pub async fn changed_since<A: Aggregate>(
    store: &Store<A>,
    since: Timestamp,
    limit: usize,
) -> Result<Vec<Changed>, StoreError> {
    let documents = store.documents().clone_with_type::<Changed>();
    let found = documents
        .find(later_than(since))
        .projection(doc! {"version": 1, CHANGED_AT: 1})
        .sort(doc! {CHANGED_AT: -1, "_id": -1})
        .limit(limit as i64);
    Ok(found.await?.try_collect().await?)
}

/// Those of these aggregates that have changed since then, as they are now. What has not is published again now and then, and
/// is no news.
pub async fn read_changed<A: Aggregate>(store: &Store<A>, ids: &[Id], since: Timestamp) -> Result<Vec<A>, StoreError> {
    let ids: Vec<ObjectId> = ids.iter().copied().map(ObjectId::from).collect();
    let mut filter = later_than(since);
    filter.insert("_id", doc! {"$in": ids});
    let documents = store.documents().clone_with_type::<RawDocumentBuf>();
    let found: Vec<RawDocumentBuf> = documents.find(filter).await?.try_collect().await?;
    let read = found.iter().filter_map(|document| {
        let read = deserialize_from_slice::<A>(document.as_bytes());
        // One that cannot be read must not silence the others.
        read.inspect_err(
            |error| tracing::error!(%error, id = ?document.get("_id"), "a document cannot be read, it needs repair"),
        )
        .ok()
    });
    Ok(read.collect())
}

fn later_than(since: Timestamp) -> Document {
    doc! {CHANGED_AT: {"$gt": DateTime::from_millis(since.millis())}}
}
