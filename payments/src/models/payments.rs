//! The collection of payments: its indexes and queries.

use common::error::StartError;
use common::id::Id;
use common::mongo::{Store, StoreError};
use common::timestamp::Timestamp;
use futures::TryStreamExt;
use mongodb::IndexModel;
use mongodb::bson::{Bson, DateTime, Document, doc};
use mongodb::options::{Hint, IndexOptions};

use super::payment::{DUE_AFTER, Payment, PaymentStatus};

/// How often a claim is tried again when the live payment that prevented it has ended meanwhile.
const CLAIM_ATTEMPTS: u32 = 5;

/// The longest pause between two attempts of the sweep, as a power of two times [`DUE_AFTER`]: 96 seconds.
const LONGEST_PAUSE: i32 = 5;

const OVERDUE_INDEX: &str = "overdue";

/// Creates the indexes: one live payment of an order, the payments of an order, and those that the sweep looks for.
pub async fn create_indexes(store: &Store<Payment>) -> Result<(), StartError> {
    let named = |name: &str| IndexOptions::builder().name(name.to_owned());
    let live = named("live").unique(true).partial_filter_expression(among(&PaymentStatus::LIVE)).build();
    let overdue = named(OVERDUE_INDEX).partial_filter_expression(among(&PaymentStatus::UNSETTLED)).build();
    let indexes = [
        IndexModel::builder().keys(doc! {"orderId": 1}).options(live).build(),
        IndexModel::builder().keys(doc! {"orderId": 1, "status": 1}).options(named("order").build()).build(),
        IndexModel::builder().keys(doc! {"dueAt": 1}).options(overdue).build(),
    ];
    store.create_indexes(indexes).await
}

/// The order's live payment: one that is not declined, voided or refunded.
pub async fn live(store: &Store<Payment>, order_id: Id) -> Result<Option<Payment>, StoreError> {
    Ok(store.documents().find_one(live_of(order_id)).await?)
}

/// All of them: more than one only where the original charged an order twice.
pub async fn all_live(store: &Store<Payment>, order_id: Id) -> Result<Vec<Payment>, StoreError> {
    Ok(store.documents().find(live_of(order_id)).await?.try_collect().await?)
}

/// The order's live payment: the stored one, else this attempt. The unique index decides between attempts.
pub async fn claim(store: &Store<Payment>, attempt: Payment) -> Result<Payment, StoreError> {
    for _ in 0..CLAIM_ATTEMPTS {
        // Documents of the original have no status and are not in the index, so the query comes first.
        if let Some(live) = live(store, attempt.order_id()).await? {
            return Ok(live);
        }
        match store.insert(&attempt, ()).await {
            Ok(()) => return Ok(attempt),
            Err(StoreError::Duplicate) => {}
            Err(error) => return Err(error),
        }
    }
    Err(StoreError::Conflict)
}

/// A payment that is due for the sweep. It is due again after a pause that grows, so that replicas share the work and an
/// unavailable provider is asked ever more rarely.
pub async fn next_due(store: &Store<Payment>) -> Result<Option<Payment>, StoreError> {
    let now = DateTime::from_millis(Timestamp::now().millis());
    let mut due = among(&PaymentStatus::UNSETTLED);
    due.insert("dueAt", doc! {"$lte": now});
    let tries = doc! {"$ifNull": ["$tries", 0]};
    let pause = doc! {"$multiply": [DUE_AFTER.as_millis() as i64, {"$pow": [2, {"$min": [&tries, LONGEST_PAUSE]}]}]};
    let postponed = vec![doc! {"$set": {"dueAt": {"$add": [now, pause]}, "tries": {"$add": [tries, 1]}}}];
    let claim = store.documents().find_one_and_update(due, postponed).sort(doc! {"dueAt": 1});
    Ok(claim.hint(Hint::Name(OVERDUE_INDEX.to_owned())).await?)
}

fn names(statuses: &[PaymentStatus]) -> Vec<Bson> {
    statuses.iter().map(|status| status.as_str().into()).collect()
}

fn among(statuses: &[PaymentStatus]) -> Document {
    doc! {"status": {"$in": names(statuses)}}
}

/// Documents of the original have no status: they were charged.
fn live_of(order_id: Id) -> Document {
    let mut statuses = names(&PaymentStatus::LIVE);
    statuses.push(Bson::Null);
    doc! {"orderId": order_id.to_string(), "status": {"$in": statuses}}
}
