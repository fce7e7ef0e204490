//! The collection of payments: its indexes and queries.
//!
//! A unique partial index gives every order one *slot*. Whether an order was paid in time is known to the document that holds it,
//! and to nothing else.

use std::time::Duration;

use common::error::StartError;
use common::id::{Id, as_object_id};
use common::mongo::{Store, StoreError};
use common::timestamp::Timestamp;
use futures::TryStreamExt;
use mongodb::IndexModel;
use mongodb::bson::{Bson, Document, doc};
use mongodb::options::{Hint, IndexOptions, ReadConcern};
use serde::Deserialize;

use super::payment::{DUE_AFTER, Payment, PaymentStatus};
use crate::provider::Found;

/// The longest pause between two attempts of the sweep: nothing holds money for longer without being looked after.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The pause of a payment that only waits for the end of its order, after about ten minutes of reminders.
const PAUSE_OF_REMINDERS: Duration = Duration::from_secs(300);

/// After so many reminders.
const OFTEN_REMINDED: i32 = 22;

/// The pause after a refund has failed: only an operator can settle it.
const PAUSE_AFTER_FAILED_REFUND: Duration = Duration::from_secs(600);

const DUE_INDEX: &str = "due";

/// Indexes of earlier versions, which are in the way.
const FORMER_INDEXES: [&str; 2] = ["live", "overdue"];

/// The server's codes for an index and for a collection that do not exist.
const NOT_FOUND: [i32; 2] = [26, 27];

/// Creates the indexes: the slot of an order, its attempts, its payments, a payment by its intent, and those that are due.
pub async fn create_indexes(store: &Store<Payment>) -> Result<(), StartError> {
    let index = |keys: Document, name: &str, unique: bool, filter: Option<Document>| {
        let options = IndexOptions::builder().name(name.to_owned()).unique(unique).partial_filter_expression(filter);
        IndexModel::builder().keys(keys).options(options.build()).build()
    };
    let separated = separate_former(store).await;
    separated.map_err(|error| StartError::Unavailable(format!("payments of before: {error}")))?;
    let exists = |field: &str| Some(doc! {field: {"$exists": true}});
    let slot = doc! {"status": {"$in": names(&PaymentStatus::SLOT)}};
    let indexes = [
        index(doc! {"orderId": 1, "original": 1}, "slot", true, Some(slot)),
        index(doc! {"orderId": 1, "number": -1}, "attempt", true, exists("number")),
        index(doc! {"orderId": 1, "status": 1}, "order", false, None),
        index(doc! {"stripeId": 1}, "intent", false, exists("stripeId")),
        index(doc! {"dueAt": 1}, DUE_INDEX, false, exists("dueAt")),
    ];
    store.create_indexes(indexes).await?;
    remove_former(store).await.map_err(|error| StartError::Unavailable(format!("indexes of before: {error}")))
}

/// In an earlier version an order could have several payments that were voided or refunded. They do not share a slot.
async fn separate_former(store: &Store<Payment>) -> Result<(), mongodb::error::Error> {
    let over = doc! {"status": {"$in": names(&[PaymentStatus::Voided, PaymentStatus::Refunded])}, "number": null, "original": null};
    store.documents().update_many(over, vec![doc! {"$set": {"original": {"$toString": "$_id"}}}]).await.map(drop)
}

/// Removes what an earlier version stored otherwise: its indexes, and due times of payments that are settled.
async fn remove_former(store: &Store<Payment>) -> Result<(), mongodb::error::Error> {
    for name in FORMER_INDEXES {
        match store.documents().drop_index(name).await {
            Err(error) if !is_not_found(&error) => return Err(error),
            _ => {}
        }
    }
    let mut not_settled = names(&PaymentStatus::UNSETTLED);
    not_settled.push(PaymentStatus::Captured.as_str().into());
    let of_before = doc! {"status": PaymentStatus::Captured.as_str(), "number": null};
    let settled = doc! {"dueAt": {"$exists": true}, "$or": [{"status": {"$nin": not_settled}}, of_before]};
    store.documents().update_many(settled, doc! {"$unset": {"dueAt": ""}}).await?;
    Ok(())
}

fn is_not_found(error: &mongodb::error::Error) -> bool {
    use mongodb::error::ErrorKind::Command;
    matches!(error.kind.as_ref(), Command(command) if NOT_FOUND.contains(&command.code))
}

/// The payment that holds the order's slot. A promise is answered by it, so it is read as a majority of the database has it.
pub async fn slot(store: &Store<Payment>, order_id: Id) -> Result<Option<Payment>, StoreError> {
    Ok(store.documents().find_one(slot_of(order_id)).read_concern(ReadConcern::majority()).await?)
}

/// The undecided attempt of an order. What comes of it may be decided, and stored, by the time this returns.
pub async fn undecided(store: &Store<Payment>, order_id: Id) -> Result<Option<Payment>, StoreError> {
    let undecided = doc! {"orderId": order_id.to_string(), "status": PaymentStatus::Pending.as_str()};
    Ok(store.documents().find_one(undecided).await?)
}

/// All of them: more than one only where the original charged an order twice.
pub async fn all_in_slot(store: &Store<Payment>, order_id: Id) -> Result<Vec<Payment>, StoreError> {
    let found = store.documents().find(slot_of(order_id)).read_concern(ReadConcern::majority());
    Ok(found.await?.try_collect().await?)
}

/// The payment of an intent, or of a charge of the original.
pub async fn of_intent(store: &Store<Payment>, stripe_id: &str) -> Result<Option<Payment>, StoreError> {
    Ok(store.documents().find_one(doc! {"stripeId": stripe_id}).await?)
}

/// What attempts to pay for an order there were.
pub struct Tried {
    /// The number of the next one. Of two requests that get the same number, one stores its attempt.
    pub next_number: i32,
    /// How many cards were declined.
    pub declined_cards: usize,
    /// One of them holds the slot by now.
    pub is_slot_taken: bool,
}

/// The attempts to pay for an order.
///
/// # Errors
/// Also when one cannot be read: it may hold the slot.
pub async fn tried(store: &Store<Payment>, order_id: Id) -> Result<Tried, StoreError> {
    #[derive(Deserialize)]
    struct Attempt {
        number: Option<i32>,
        status: Option<PaymentStatus>,
        reason: Option<String>,
    }
    let documents = store.documents().clone_with_type::<Attempt>();
    let attempts = documents.find(doc! {"orderId": order_id.to_string()});
    let attempts: Vec<Attempt> =
        attempts.projection(doc! {"_id": 0, "number": 1, "status": 1, "reason": 1}).await?.try_collect().await?;
    let is_over = |attempt: &Attempt| matches!(attempt.status, Some(PaymentStatus::Declined | PaymentStatus::Ending));
    Ok(Tried {
        next_number: attempts.iter().filter_map(|attempt| attempt.number).max().map_or(0, |last| last + 1),
        declined_cards: attempts.iter().filter(|attempt| is_over(attempt) && attempt.reason.is_some()).count(),
        is_slot_taken: !attempts.iter().all(is_over),
    })
}

/// Stores an attempt that only the provider remembers. False when it holds nothing, or when another payment of its order is
/// stored.
pub async fn adopt(store: &Store<Payment>, found: &Found, now: Timestamp) -> Result<bool, StoreError> {
    let Some((payment, created)) = Payment::adopted(found, now) else {
        return Ok(false);
    };
    if slot(store, found.order_id).await?.is_some() {
        return Ok(false);
    }
    match store.insert(&payment, created).await {
        Err(StoreError::Duplicate) => Ok(false),
        inserted => inserted.map(|()| true),
    }
}

/// A payment that is due for the sweep, by the database's clock. It is due again after a pause that grows, so that replicas
/// share the work and an unavailable provider is asked ever more rarely.
///
/// Only the id is read: a document that cannot be read is found out by whoever settles it, and is in nobody's way. The write is
/// acknowledged by a majority, and so is what was read by it.
pub async fn next_due(store: &Store<Payment>) -> Result<Option<Id>, StoreError> {
    #[derive(Deserialize)]
    struct Due {
        #[serde(rename = "_id", with = "as_object_id")]
        id: Id,
    }
    let due = doc! {"dueAt": {"$exists": true}, "$expr": {"$lte": ["$dueAt", "$$NOW"]}};
    let tries = doc! {"$ifNull": ["$tries", 0]};
    let doubled = doc! {"$multiply": [DUE_AFTER.as_millis() as i64, {"$pow": [2, {"$min": [&tries, 10]}]}]};
    let waits =
        doc! {"$in": ["$status", names(&[PaymentStatus::Authorised, PaymentStatus::Captured, PaymentStatus::Failed])]};
    let is_reminded = doc! {"$and": [waits, {"$gte": [&tries, OFTEN_REMINDED]}]};
    let pause = doc! {"$cond": [
        {"$gt": ["$refundFailed", Bson::Null]},
        PAUSE_AFTER_FAILED_REFUND.as_millis() as i64,
        {"$cond": [is_reminded, PAUSE_OF_REMINDERS.as_millis() as i64, {"$min": [doubled, LONGEST_PAUSE.as_millis() as i64]}]},
    ]};
    let postponed = vec![doc! {"$set": {"dueAt": {"$add": ["$$NOW", pause]}, "tries": {"$add": [tries, 1]}}}];
    let documents = store.documents().clone_with_type::<Due>();
    let claim = documents.find_one_and_update(due, postponed).projection(doc! {"_id": 1}).sort(doc! {"dueAt": 1});
    Ok(claim.hint(Hint::Name(DUE_INDEX.to_owned())).await?.map(|due| due.id))
}

fn names(statuses: &[PaymentStatus]) -> Vec<Bson> {
    statuses.iter().map(|status| status.as_str().into()).collect()
}

/// Documents of the original have no status: they were charged. The index does not know them, so this query comes first.
fn slot_of(order_id: Id) -> Document {
    let mut statuses = names(&PaymentStatus::SLOT);
    statuses.push(Bson::Null);
    doc! {"orderId": order_id.to_string(), "status": {"$in": statuses}}
}
