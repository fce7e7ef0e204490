//! Keeps `listed` right where no write of ours has: documents of the original and of earlier versions, what an older replica changed
//! while both run, and tickets whose event has begun.

use std::time::Duration;

use common::mongo::{Aggregate, BATCH, CHANGED_AT, Store, StoreError, unjournaled};
use common::timestamp::Timestamp;
use futures::{StreamExt, TryStreamExt, stream};
use mongodb::bson::{Bson, DateTime, Document, doc, oid::ObjectId};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::models::ticket::Ticket;

/// How often is looked for documents that lack it.
const EVERY: Duration = Duration::from_secs(1);

/// Beyond so many rounds what an older replica changed is looked for as well, and what has begun.
const ROUNDS: u32 = 15;

/// How far back an older replica's changes are looked for.
const CHANGED_WITHIN: Duration = Duration::from_secs(120);

/// Writes at the same time.
const AT_ONCE: usize = 16;

/// Keeps it right, until `stop`.
pub async fn run(store: Store<Ticket>, stop: CancellationToken) {
    let mut round = 0;
    while stop.run_until_cancelled(sleep(EVERY)).await.is_some() {
        round = (round + 1) % ROUNDS;
        let done = async {
            fill(&store).await?;
            if round == 0 {
                relist(&store, changed_by_others()).await?;
                end_begun(&store).await?;
            }
            Ok::<_, StoreError>(())
        };
        if let Err(error) = done.await {
            tracing::warn!(%error, "the list of what is on sale was not looked after, trying again");
        }
    }
}

/// Computes it for every document that lacks it.
pub async fn fill(store: &Store<Ticket>) -> Result<(), StoreError> {
    let mut filled = 0;
    loop {
        let batch = relist(store, doc! {"listed.of": Bson::Null}).await?;
        filled += batch;
        if batch < BATCH {
            break;
        }
    }
    if filled > 0 {
        tracing::info!(tickets = filled, "tickets of an earlier version are found by searches now");
    }
    Ok(())
}

/// A replica of an earlier version leaves `listed` as it was.
fn changed_by_others() -> Document {
    let since = DateTime::from_millis(Timestamp::now().before(CHANGED_WITHIN).millis());
    let differs = doc! {"$ne": ["$listed.of", {"$ifNull": ["$version", 0]}]};
    doc! {CHANGED_AT: {"$gt": since}, "$expr": differs}
}

/// Computes it for a batch of these tickets; returns how many there were.
async fn relist(store: &Store<Ticket>, which: Document) -> Result<usize, StoreError> {
    let documents = store.documents().clone_with_type::<Document>();
    let found: Vec<Document> = documents.find(which).limit(BATCH as i64).await?.try_collect().await?;
    let count = found.len();
    let all = stream::iter(found).map(|document| relist_one(store, document)).buffer_unordered(AT_ONCE);
    all.try_collect::<()>().await?;
    Ok(count)
}

async fn relist_one(store: &Store<Ticket>, document: Document) -> Result<(), StoreError> {
    let id = document.get("_id").cloned().unwrap_or_default();
    let (of_this, listed) = match mongodb::bson::deserialize_from_document::<Ticket>(document) {
        Ok(ticket) => {
            let version = match ticket.version() {
                0 => doc! {"$in": [0, Bson::Null]}.into(),
                version => Bson::from(version),
            };
            (doc! {"_id": ObjectId::from(ticket.id()), "version": version}, ticket.derived()?)
        }
        // It is in no list, and must not stop the others from being read.
        Err(error) => {
            tracing::error!(%error, %id, "a ticket cannot be read, it needs repair");
            (doc! {"_id": id}, doc! {"listed": {"of": -1}})
        }
    };
    // What is lost with the database is computed again.
    store.documents().update_one(of_this, doc! {"$set": listed}).write_concern(unjournaled()).await?;
    Ok(())
}

/// Takes off the lists what has begun. Searches leave it out before that.
async fn end_begun(store: &Store<Ticket>) -> Result<(), StoreError> {
    let begun = doc! {"listed.sale.on": true, "listed.sale.begins": {"$lte": DateTime::now()}};
    store.documents().update_many(begun, doc! {"$unset": {"listed.sale": ""}}).write_concern(unjournaled()).await?;
    Ok(())
}
