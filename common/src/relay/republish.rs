//! Publishes the state of what has changed again: when the stream has lost it, or a service asks for it.

use std::marker::PhantomData;
use std::time::Duration;

use futures::TryStreamExt;
use metrics::counter;
use mongodb::bson::{Bson, DateTime, RawDocument, RawDocumentBuf, deserialize_from_slice, doc};
use mongodb::{Collection, Database, IndexModel};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::publisher::{BATCH, Publisher};
use crate::error::StartError;
use crate::mongo::{self, Aggregate, CHANGED_AT, StoreError, Walk, behind};
use crate::outbox::Pending;

/// The pause after each batch: at most a thousand aggregates a second are republished.
const PAUSE: Duration = Duration::from_millis(250);

/// Republishes the aggregates of one collection.
pub struct Republish<A> {
    documents: Collection<RawDocumentBuf>,
    walk: Walk,
    aggregate: PhantomData<fn() -> A>,
}

impl<A: Aggregate> Republish<A> {
    /// Republishes along this walk.
    pub fn new(database: &Database, walk: Walk) -> Self {
        Self { documents: mongo::majority(database, A::COLLECTION), walk, aggregate: PhantomData }
    }

    /// Creates the index of the walk. Documents of the original get the earliest of all times.
    pub async fn create_index(&self, publisher: &Publisher) -> Result<(), StartError> {
        let index = IndexModel::builder().keys(doc! {CHANGED_AT: 1, "_id": 1}).build();
        mongo::create_indexes(&self.documents, [index]).await?;
        let prepared = async {
            let earliest = doc! {"$set": {CHANGED_AT: DateTime::from_millis(0)}};
            self.documents.update_many(doc! {CHANGED_AT: Bson::Null}, earliest).await?;
            match self.documents.find_one(doc! {}).await? {
                Some(_) => Ok(()),
                None => publisher.watch().begin().await,
            }
        };
        prepared.await.map_err(|error: StoreError| StartError::Unavailable(format!("{}: {error}", A::COLLECTION)))
    }

    /// Looks whether the stream still has what it acked, and republishes what it has lost or what was asked for.
    pub async fn run(&self, publisher: &Publisher, stop: &CancellationToken) {
        if let Err(cause) = publisher.watch().look(publisher.broker(), &self.walk).await {
            return match publisher.broker().is_connected() {
                true => tracing::warn!(cause, "the last acked event was not looked up, retrying"),
                false => tracing::debug!(cause, "the last acked event was not looked up, the broker is unavailable"),
            };
        }
        while !stop.is_cancelled() {
            match self.republish_batch(publisher).await {
                Ok(true) => drop(stop.run_until_cancelled(sleep(PAUSE)).await),
                Ok(false) => return,
                Err(error) => return tracing::warn!(%error, of = A::KIND, "state not republished, trying again"),
            }
        }
    }

    /// Republishes the next batch. False when there is none, another replica has it, or the broker does not take it.
    async fn republish_batch(&self, publisher: &Publisher) -> Result<bool, StoreError> {
        let Some(cursor) = self.walk.take().await? else {
            return Ok(false);
        };
        let changed = self.documents.find(behind(&cursor)).sort(doc! {CHANGED_AT: 1, "_id": 1}).limit(BATCH as i64);
        let changed: Vec<RawDocumentBuf> = changed.await?.try_collect().await?;
        let states: Vec<Pending> = changed.iter().filter_map(|document| state::<A>(document)).collect();
        let count = states.iter().map(|state| state.outbox.len() as u64).sum();
        if !publisher.publish(states).await {
            self.walk.release().await?;
            return Ok(false);
        }
        counter!("republished_total", "of" => A::KIND).increment(count);
        let last = changed.last().filter(|_| changed.len() == BATCH);
        let next = last.and_then(|last| Some((last.get_datetime(CHANGED_AT).ok()?, last.get_object_id("_id").ok()?)));
        tracing::info!(of = A::KIND, count, since = %cursor.at, "republished state");
        self.walk.done(&cursor, next).await?;
        Ok(true)
    }
}

/// The state of an aggregate as it is published. What stands in its outbox may have been published already, and lost. One that cannot be
/// read must not block the others.
fn state<A: Aggregate>(document: &RawDocument) -> Option<Pending> {
    let read = deserialize_from_slice::<A>(document.as_bytes()).map_err(StoreError::from);
    let state = read.and_then(|aggregate| {
        let outbox = aggregate.state()?.into_iter().collect();
        Ok(Pending { document: aggregate.id().into(), outbox })
    });
    state.inspect_err(|error| tracing::error!(%error, document = ?document.get("_id"), "a document cannot be read, it needs repair")).ok()
}
