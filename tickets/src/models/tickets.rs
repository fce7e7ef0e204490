//! The collection of tickets: its indexes and queries.

use std::time::Duration;

use common::api::TicketBody;
use common::error::StartError;
use common::id::Id;
use common::mongo::{Store, StoreError, Turn, Turns, database_clock, unjournaled};
use common::page::Page;
use futures::TryStreamExt;
use mongodb::IndexModel;
use mongodb::bson::{Bson, Document, doc};
use mongodb::options::IndexOptions;

use super::ticket::{HELD_TOO_LONG, Ticket};

/// The turns of tickets that a live order holds.
const HELD: Turns = Turns { field: "ask", first: Duration::from_secs(10), longest: Duration::from_secs(300) };

/// The turns of tickets that the original reserved or sold: nobody knows which, or until when.
const HELD_BY_ORIGINAL: Turns = Turns { longest: Duration::from_secs(24 * 60 * 60), ..HELD };

/// Over how long the first turns of tickets from before deadlines were stored are spread.
const SPREAD: Duration = Duration::from_secs(60 * 60);

/// The most tickets that the gauge counts.
const MOST_COUNTED: u64 = 100_000;

/// Creates the indexes of the list, which is read in both directions, and of the sweep.
pub async fn create_indexes(store: &Store<Ticket>) -> Result<(), StartError> {
    let ask = IndexOptions::builder()
        .name("to-be-asked".to_owned())
        .partial_filter_expression(doc! {HELD.at(): {"$exists": true}})
        .build();
    store
        .create_indexes([
            IndexModel::builder().keys(doc! {"orderId": 1, "_id": -1}).build(),
            IndexModel::builder().keys(doc! {HELD.at(): 1, HELD.tries(): 1}).options(ask).build(),
        ])
        .await
}

/// The tickets that nobody has reserved, a page of them.
pub async fn for_sale(store: &Store<Ticket>, page: Page) -> Result<Vec<TicketBody>, StoreError> {
    let found = store
        .documents()
        .find(page.restrict(doc! {"orderId": Bson::Null}))
        .projection(doc! {"title": 1, "price": 1, "userId": 1, "version": 1})
        .sort(page.order())
        .limit(page.limit as i64)
        .batch_size(page.limit as u32 + 1)
        .await?;
    Ok(found.map_ok(Ticket::body).try_collect().await?)
}

/// Stores the first turns of tickets that were reserved by the original or by a version without deadlines.
pub async fn plan_old(store: &Store<Ticket>) -> Result<(), StoreError> {
    let old = doc! {
        "orderId": {"$type": "string"},
        HELD.field: {"$exists": false},
        "$or": [
            {"reservations": {"$exists": false}},
            {"reservations.orders.hold": {"$eq": "live", "$ne": "sold"}},
        ],
    };
    let spread = doc! {"$toLong": {"$multiply": [{"$rand": {}}, SPREAD.as_millis() as i64]}};
    plan(store, old, spread.into()).await
}

/// Stores the first turns of tickets whose holder has no known deadline.
pub async fn plan_without_deadline(store: &Store<Ticket>) -> Result<(), StoreError> {
    let unplanned = doc! {HELD.at(): Turn::UNPLANNED};
    plan(store, unplanned, (HELD_TOO_LONG.as_millis() as i64).into()).await
}

async fn plan(store: &Store<Ticket>, tickets: Document, millis: Bson) -> Result<(), StoreError> {
    let at = doc! {"$add": ["$$NOW", millis]};
    let plan = doc! {"$set": {HELD.field: {"at": at, "tries": 0}}};
    store.documents().update_many(tickets, vec![plan]).write_concern(unjournaled()).await?;
    Ok(())
}

/// The orders that have held a ticket for too long and whose turn it is, the longest first. They are the caller's until their
/// next turn.
pub async fn take_held_too_long(store: &Store<Ticket>, limit: usize) -> Result<Vec<Id>, StoreError> {
    let now = database_clock(store.documents()).await?;
    let mut holders = Vec::new();
    for (turns, is_ours) in [(HELD, true), (HELD_BY_ORIGINAL, false)] {
        let due = doc! {turns.at(): {"$gt": Turn::UNPLANNED, "$lte": now}, "reservations": {"$exists": is_ours}};
        while holders.len() < limit
            && let Some(taken) = turns.take(store.documents(), due.clone(), doc! {turns.at(): 1}).await?
        {
            match taken.get_str("orderId").map(str::parse) {
                Ok(Ok(holder)) => holders.push(holder),
                _ => {
                    let id = taken.get("_id").cloned().unwrap_or_default();
                    tracing::error!(ticket = %id, alert = true, "the holder of a ticket cannot be read, repair its document");
                }
            }
        }
    }
    Ok(holders)
}

/// How many tickets are held well past the deadline of their order.
pub async fn count_held_too_long(store: &Store<Ticket>) -> Result<u64, StoreError> {
    let held = doc! {HELD.at(): {"$exists": true}, HELD.tries(): {"$gt": 0}, "reservations": {"$exists": true}};
    Ok(store.documents().count_documents(held).limit(MOST_COUNTED).await?)
}
