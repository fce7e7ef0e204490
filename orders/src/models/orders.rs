//! The collection of orders: its indexes and queries.

use std::time::Duration;

use common::api::{CancelCause, OrderStatus};
use common::error::StartError;
use common::id::{Id, as_object_id};
use common::mongo::{Aggregate, CHANGED_AT, Store, StoreError, Turn, Turns, database_clock, unjournaled};
use common::page::Page;
use common::timestamp::{Timestamp, as_date};
use futures::TryStreamExt;
use mongodb::IndexModel;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Bson, DateTime, Document, deserialize_from_document, doc, serialize_to_bson};
use mongodb::options::{Hint, IndexOptions, ReadConcern};
use serde::Deserialize;

use super::order::Order;

/// Orders that can still be paid, and cancelled by their buyer or their deadline.
const OPEN: [OrderStatus; 2] = [OrderStatus::Created, OrderStatus::AwaitingPayment];

fn status_in(statuses: &[OrderStatus]) -> Document {
    doc! {"$in": statuses.iter().map(|status| status.as_str()).collect::<Vec<_>>()}
}

/// How long an order is left to the expiration service after its deadline.
const GRACE: Duration = Duration::from_secs(10);

/// An order that is open so long after its deadline is counted as a failure.
const PAST_DEADLINE: Duration = Duration::from_secs(15);

/// How long after a change of its status an order is compared with its ticket.
const FIRST_CHECK: Duration = Duration::from_secs(20);

/// The most documents that a gauge counts.
const MOST_COUNTED: u64 = 100_000;

/// The turns of overdue orders: payments is asked for their end.
const ASK: Turns = Turns { field: "ask", first: Duration::from_secs(2), longest: Duration::from_secs(10) };

/// The turns of orders that do not agree with their ticket.
const CHECK: Turns = Turns { field: "check", first: Duration::from_secs(10), longest: Duration::from_secs(300) };

/// A buyer's open orders, and those of a ticket that ended.
const OPEN_OF_BUYER: &str = "open-of-buyer";
const ENDED_OF_BUYER: &str = "ended-of-buyer";

/// Creates the unique indexes of live orders by ticket and of open ones by slot, and the indexes of the queries. It fails when the
/// database already holds two live orders of one ticket.
pub async fn create_indexes(store: &Store<Order>) -> Result<(), StartError> {
    let one_live_order = IndexOptions::builder()
        .name("one-live-order".to_owned())
        .unique(true)
        .partial_filter_expression(doc! {"status": status_in(&OrderStatus::LIVE)})
        .build();
    let open = IndexOptions::builder()
        .name("open-by-deadline".to_owned())
        .partial_filter_expression(doc! {"status": status_in(&OPEN)})
        .build();
    let open_of_buyer = IndexOptions::builder()
        .name(OPEN_OF_BUYER.to_owned())
        .partial_filter_expression(doc! {"status": status_in(&OPEN)})
        .build();
    let one_order_in_a_slot = IndexOptions::builder()
        .name("one-order-in-a-slot".to_owned())
        .unique(true)
        .partial_filter_expression(doc! {"status": status_in(&OPEN), "slot": {"$exists": true}})
        .build();
    let ended_of_buyer = IndexOptions::builder()
        .name(ENDED_OF_BUYER.to_owned())
        .partial_filter_expression(doc! {"status": OrderStatus::Cancelled.as_str()})
        .build();
    let ask = IndexOptions::builder()
        .name("open-by-turn".to_owned())
        .partial_filter_expression(doc! {"status": status_in(&OPEN)})
        .build();
    let check = IndexOptions::builder()
        .name("to-be-checked".to_owned())
        .partial_filter_expression(doc! {CHECK.at(): {"$exists": true}})
        .build();
    store
        .create_indexes([
            IndexModel::builder().keys(doc! {"ticket": 1}).options(one_live_order).build(),
            IndexModel::builder().keys(doc! {"expiresAt": 1}).options(open).build(),
            IndexModel::builder().keys(doc! {ASK.at(): 1, "expiresAt": 1}).options(ask).build(),
            IndexModel::builder().keys(doc! {CHECK.at(): 1, CHECK.tries(): 1}).options(check).build(),
            IndexModel::builder().keys(doc! {"userId": 1, "_id": -1}).build(),
            // Other keys than those above: of two indexes with the same keys an older server takes one.
            IndexModel::builder().keys(doc! {"userId": 1, "_id": 1}).options(open_of_buyer).build(),
            IndexModel::builder().keys(doc! {"userId": 1, "slot": 1}).options(one_order_in_a_slot).build(),
            IndexModel::builder().keys(doc! {"userId": 1, "ticket": 1, CHANGED_AT: -1}).options(ended_of_buyer).build(),
        ])
        .await
}

/// Which of a buyer's orders are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Every one.
    All,
    /// Those that can still be paid.
    Open,
}

/// A buyer's orders, a page of them. It reads no more of an index than it returns.
pub async fn of_buyer(store: &Store<Order>, buyer: Id, which: Which, page: Page) -> Result<Vec<Order>, StoreError> {
    let mut filter = page.restrict(doc! {"userId": buyer.to_string()});
    if which == Which::Open {
        filter.insert("status", status_in(&OPEN));
    }
    let found = store.documents().find(filter).sort(page.order()).limit(page.limit as i64).await?;
    Ok(found.try_collect().await?)
}

/// The order that keeps a ticket from everybody else.
pub async fn live_of_ticket(store: &Store<Order>, ticket: Id) -> Result<Option<Order>, StoreError> {
    let filter = doc! {"ticket": ObjectId::from(ticket), "status": status_in(&OrderStatus::LIVE)};
    Ok(store.documents().find_one(filter).await?)
}

/// What the limits of a buyer ask of an open order.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Open {
    /// Its slot.
    pub slot: Option<i32>,
    /// Its deadline.
    #[serde(with = "as_date")]
    pub expires_at: Timestamp,
}

/// A buyer's open orders, the oldest first, at most so many.
pub async fn open_of_buyer(store: &Store<Order>, buyer: Id, limit: i32) -> Result<Vec<Open>, StoreError> {
    let documents = store.documents().clone_with_type::<Open>();
    let open = documents
        .find(doc! {"userId": buyer.to_string(), "status": status_in(&OPEN)})
        .hint(Hint::Name(OPEN_OF_BUYER.to_owned()))
        .projection(doc! {"slot": 1, "expiresAt": 1})
        .sort(doc! {"_id": 1})
        .limit(limit.into());
    Ok(open.await?.try_collect().await?)
}

/// When the buyer's orders of this ticket ended that were not paid and ended since then, the latest first, at most so many.
pub async fn ended_unpaid(
    store: &Store<Order>,
    buyer: Id,
    ticket: Id,
    since: Timestamp,
    limit: u16,
) -> Result<Vec<Timestamp>, StoreError> {
    let documents = store.documents().clone_with_type::<Ended>();
    let ended = doc! {
        "userId": buyer.to_string(),
        "ticket": ObjectId::from(ticket),
        "status": OrderStatus::Cancelled.as_str(),
        // A cancelled order is changed only by a refund.
        CHANGED_AT: {"$gt": DateTime::from_millis(since.millis())},
        // The buyer had paid, and it is not the buyer's fault that the money was not taken, or was given back.
        "cancelledBy": {"$ne": serialize_to_bson(&CancelCause::Payment)?},
        "refunded": {"$exists": false},
    };
    let ended = documents
        .find(ended)
        .hint(Hint::Name(ENDED_OF_BUYER.to_owned()))
        .projection(doc! {CHANGED_AT: 1})
        .sort(doc! {CHANGED_AT: -1})
        .limit(limit.into());
    Ok(ended.await?.map_ok(|ended| ended.changed_at).try_collect().await?)
}

/// What is read of an order that has ended.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ended {
    #[serde(with = "as_date")]
    changed_at: Timestamp,
}

/// An order that is open after its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overdue {
    /// The order.
    pub id: Id,
    /// Its deadline.
    pub expires_at: Timestamp,
    /// When payments is asked again. It names this turn: no other replica has the same.
    pub next: Timestamp,
}

/// Open orders whose deadline passed more than the grace period ago and whose turn it is to be asked about: those that never were,
/// the longest overdue first, and then the others. They are the caller's until their next turn.
pub async fn take_overdue(store: &Store<Order>, limit: usize) -> Result<Vec<Overdue>, StoreError> {
    let now = database_clock(store.documents()).await?;
    let mut overdue = Vec::new();
    // Two queries, each a range of one index: the turns that others have taken are not looked at.
    for at in [Bson::Null, doc! {"$gt": DateTime::from_millis(0), "$lte": now}.into()] {
        let due = doc! {"status": status_in(&OPEN), "expiresAt": {"$lt": before(now, GRACE)}, ASK.at(): at};
        let order = doc! {ASK.at(): 1, "expiresAt": 1};
        while overdue.len() < limit
            && let Some(taken) = ASK.take(store.documents(), due.clone(), order.clone()).await?
        {
            match deserialize_from_document::<Taken>(taken) {
                Ok(Taken { id, expires_at, ask }) => {
                    overdue.push(Overdue { id, expires_at, next: Timestamp::from_millis(ask.at.timestamp_millis()) });
                }
                Err(error) => {
                    tracing::error!(%error, alert = true, "an overdue order cannot be read, repair its document")
                }
            }
        }
    }
    Ok(overdue)
}

/// What the sweep reads of an overdue order.
#[derive(Deserialize)]
struct Taken {
    #[serde(rename = "_id", with = "as_object_id")]
    id: Id,
    #[serde(rename = "expiresAt", with = "as_date")]
    expires_at: Timestamp,
    ask: Turn,
}

/// Stores when orders whose status has changed are compared with their tickets.
pub async fn plan_checks(store: &Store<Order>) -> Result<(), StoreError> {
    let at = doc! {"$add": ["$$NOW", FIRST_CHECK.as_millis() as i64]};
    let plan = doc! {"$set": {CHECK.field: {"at": at, "tries": 0}}};
    let changed = doc! {CHECK.at(): Turn::UNPLANNED};
    store.documents().update_many(changed, vec![plan]).write_concern(unjournaled()).await?;
    Ok(())
}

/// Orders that are to be compared with their tickets at this time of the database, the longest due first. An order that cannot
/// be read has had its turn.
pub async fn to_check(store: &Store<Order>, now: DateTime, limit: usize) -> Result<Vec<Order>, StoreError> {
    let documents = store.documents().clone_with_type::<Document>();
    let due = documents.find(to_be_checked(now)).sort(doc! {CHECK.at(): 1}).limit(limit as i64);
    let due: Vec<Document> = due.read_concern(ReadConcern::majority()).await?.try_collect().await?;
    let mut orders = Vec::new();
    for document in due {
        let id = document.get("_id").cloned().unwrap_or_default();
        match deserialize_from_document(document) {
            Ok(order) => orders.push(order),
            Err(error) => {
                let due = doc! {"_id": &id, CHECK.at(): {"$lte": now}};
                CHECK.take(store.documents(), due, doc! {}).await?;
                tracing::error!(order = %id, %error, alert = true, "an order cannot be read, repair its document");
            }
        }
    }
    Ok(orders)
}

fn to_be_checked(now: DateTime) -> Document {
    doc! {CHECK.at(): {"$gt": Turn::UNPLANNED, "$lte": now}}
}

/// Stores that these orders agree with their tickets. One that has changed meanwhile is compared later.
pub async fn store_agreed(store: &Store<Order>, orders: Vec<ObjectId>, now: DateTime) -> Result<(), StoreError> {
    let mut agreed = to_be_checked(now);
    agreed.insert("_id", doc! {"$in": orders});
    let settled = doc! {"$unset": {CHECK.field: ""}};
    // With the store's majority, or the next majority read would find them once more.
    store.documents().update_many(agreed, settled).await?;
    Ok(())
}

/// Takes an order that does not agree with its ticket. False when another replica has it, or it has changed meanwhile.
pub async fn take_disagreeing(store: &Store<Order>, order: &Order, now: DateTime) -> Result<bool, StoreError> {
    let mut due = to_be_checked(now);
    due.extend(doc! {"_id": ObjectId::from(order.id()), "version": order.version()});
    Ok(CHECK.take(store.documents(), due, doc! {}).await?.is_some())
}

/// How many orders are open well past their deadline, and how many do not agree with their ticket.
pub async fn count_unsettled(store: &Store<Order>) -> Result<(u64, u64), StoreError> {
    let now = database_clock(store.documents()).await?;
    let past_deadline = doc! {"status": status_in(&OPEN), "expiresAt": {"$lt": before(now, PAST_DEADLINE)}};
    let disagreeing = doc! {CHECK.at(): {"$exists": true}, CHECK.tries(): {"$gt": 0}};
    let count = async |filter| store.documents().count_documents(filter).limit(MOST_COUNTED).await;
    Ok((count(past_deadline).await?, count(disagreeing).await?))
}

fn before(now: DateTime, time: Duration) -> DateTime {
    DateTime::from_millis(now.timestamp_millis() - time.as_millis() as i64)
}
