//! The collection of tickets: its indexes and queries.

use std::time::Duration;

use common::error::StartError;
use common::id::Id;
use common::mongo::{Store, StoreError, Turn, Turns, database_clock, unjournaled};
use common::page::Page;
use futures::{TryStreamExt, try_join};
use mongodb::IndexModel;
use mongodb::bson::{Bson, DateTime, Document, doc, oid::ObjectId};
use mongodb::options::{Hint, IndexOptions};

use super::search::{self, Filters, Plan, Sort};
use super::ticket::{HELD_TOO_LONG, Ticket};

/// The turns of tickets that a live order holds.
const HELD: Turns = Turns { field: "ask", first: Duration::from_secs(10), longest: Duration::from_secs(300) };

/// The turns of tickets that the original reserved or sold: nobody knows which, or until when.
const HELD_BY_ORIGINAL: Turns = Turns { longest: Duration::from_secs(24 * 60 * 60), ..HELD };

/// Over how long the first turns of tickets from before deadlines were stored are spread.
const SPREAD: Duration = Duration::from_secs(60 * 60);

/// The most tickets that the gauge counts.
const MOST_COUNTED: u64 = 100_000;

/// The listings of a seller that are on sale, and those that an order holds: what was sold, withdrawn or is over makes neither larger.
const ON_SALE_OF_SELLER: &str = "on-sale-of-seller";
const HELD_OF_SELLER: &str = "held-of-seller";

/// Creates the indexes of what is on sale, of the other lists, and of the sweeps.
pub async fn create_indexes(store: &Store<Ticket>) -> Result<(), StartError> {
    let ask = IndexOptions::builder()
        .name("to-be-asked".to_owned())
        .partial_filter_expression(doc! {HELD.at(): {"$exists": true}})
        .build();
    let on_sale = IndexOptions::builder()
        .name(ON_SALE_OF_SELLER.to_owned())
        .partial_filter_expression(doc! {"listed.sale.on": true})
        .build();
    let held = IndexOptions::builder()
        .name(HELD_OF_SELLER.to_owned())
        .partial_filter_expression(doc! {HELD.at(): {"$exists": true}})
        .build();
    let reported = IndexOptions::builder().sparse(true).build();
    let once = IndexOptions::builder()
        .unique(true)
        .partial_filter_expression(doc! {"idempotencyKey": {"$exists": true}})
        .build();
    store
        .create_indexes(
            search::indexes().chain([
                IndexModel::builder().keys(doc! {"userId": 1, "_id": -1}).build(),
                IndexModel::builder()
                    .keys(doc! {"userId": 1, "listed.sale.on": 1, "listed.sale.begins": 1})
                    .options(on_sale)
                    .build(),
                IndexModel::builder().keys(doc! {"userId": 1, HELD.at(): 1}).options(held).build(),
                IndexModel::builder().keys(doc! {"reported": -1}).options(reported).build(),
                IndexModel::builder().keys(doc! {"userId": 1, "idempotencyKey": 1}).options(once).build(),
                IndexModel::builder().keys(doc! {HELD.at(): 1, HELD.tries(): 1}).options(ask).build(),
                IndexModel::builder().keys(doc! {"listed.of": 1}).build(),
            ]),
        )
        .await
}

/// The tickets that are on sale and match, a page of them behind `after`.
pub async fn for_sale(
    store: &Store<Ticket>,
    filters: &Filters,
    sort: Sort,
    after: Option<&[Bson]>,
    limit: usize,
) -> Result<Vec<Ticket>, StoreError> {
    let mut plan = Plan::make(store, filters, sort).await?;
    if let Some(after) = after {
        plan = plan.and(sort.behind(after));
    }
    let found = store
        .documents()
        .find(plan.filter)
        .hint(Hint::Keys(plan.index))
        .projection(doc! {"outbox": 0, "reservations": 0, "listed": 0})
        .sort(sort.order())
        .limit(limit as i64)
        .batch_size(limit as u32 + 1);
    Ok(found.await?.try_collect().await?)
}

/// The ticket that a seller offered with this key.
pub async fn offered_with(store: &Store<Ticket>, seller: Id, key: &str) -> Result<Option<Ticket>, StoreError> {
    let offered = doc! {"userId": seller.to_string(), "idempotencyKey": key};
    Ok(store.documents().find_one(offered).await?)
}

/// The tickets of a seller, withdrawn ones included, a page of them.
pub async fn of_seller(store: &Store<Ticket>, seller: Id, page: Page) -> Result<Vec<Ticket>, StoreError> {
    let found = store
        .documents()
        .find(page.restrict(doc! {"userId": seller.to_string()}))
        .projection(doc! {"outbox": 0})
        .sort(page.order())
        .limit(page.limit as i64);
    Ok(found.await?.try_collect().await?)
}

/// The tickets of a seller that were not withdrawn.
pub async fn not_withdrawn(store: &Store<Ticket>, seller: Id) -> Result<Vec<Id>, StoreError> {
    let offered = doc! {"userId": seller.to_string(), "withdrawn": Bson::Null};
    let found = store.documents().clone_with_type::<Document>().find(offered).projection(doc! {"_id": 1}).await?;
    let ids = found.map_ok(|document| document.get_object_id("_id").ok().map(Id::from));
    Ok(ids.try_filter_map(|id| std::future::ready(Ok(id))).try_collect().await?)
}

/// How many listings of a seller are on sale or held by an order, as far as `limit`.
pub async fn live_of_seller(store: &Store<Ticket>, seller: Id, limit: u64) -> Result<u64, StoreError> {
    let on_sale = doc! {
        "userId": seller.to_string(),
        "listed.sale.on": true,
        "listed.sale.begins": {"$gt": DateTime::now()},
    };
    // Those that the original reserved or sold are not counted: nobody knows which.
    let held = doc! {
        "userId": seller.to_string(),
        HELD.at(): {"$exists": true},
        "reservations": {"$exists": true},
        "withdrawn": Bson::Null,
    };
    let count = async |filter: Document, index: &str| {
        store.documents().count_documents(filter).hint(Hint::Name(index.to_owned())).limit(limit).await
    };
    let (on_sale, held) = try_join!(count(on_sale, ON_SALE_OF_SELLER), count(held, HELD_OF_SELLER))?;
    Ok(on_sale + held)
}

/// The tickets with reports that no operator has dismissed, the latest report first, a page of them: `after` is the last report of
/// the page before. Those that are withdrawn are left out.
pub async fn reported(store: &Store<Ticket>, page: Page) -> Result<Vec<Ticket>, StoreError> {
    // Above every id.
    let after = page.after.map_or_else(|| "g".to_owned(), |after| after.to_string());
    let is_there = vec![doc! {"withdrawn": Bson::Null}, doc! {"orderId": {"$type": "string"}}];
    let found = store
        .documents()
        .find(doc! {"reported": {"$lt": after}, "$or": is_there})
        .projection(doc! {"outbox": 0})
        .sort(doc! {"reported": -1})
        .limit(page.limit as i64);
    Ok(found.await?.try_collect().await?)
}

/// Stores which report of a ticket is the latest.
pub async fn mark_reported(store: &Store<Ticket>, ticket: Id, report: Id) -> Result<(), StoreError> {
    let latest = doc! {"$max": {"reported": report.to_string()}};
    store.documents().update_one(doc! {"_id": ObjectId::from(ticket)}, latest).await?;
    Ok(())
}

/// The reports of a ticket were dismissed, unless another has come since.
pub async fn mark_dismissed(store: &Store<Ticket>, ticket: Id, latest: Id) -> Result<(), StoreError> {
    let seen = doc! {"_id": ObjectId::from(ticket), "reported": latest.to_string()};
    store.documents().update_one(seen, doc! {"$unset": {"reported": ""}}).await?;
    Ok(())
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
