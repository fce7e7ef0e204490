//! A ticket: its document, its changes and its queries.

use std::time::Duration;

use common::api::TicketBody;
use common::error::{ApiError, StartError};
use common::events::{TICKET, TicketCreated, TicketUpdated};
use common::id::{Id, as_object_id};
use common::money::Money;
use common::mongo::{Aggregate, Store, StoreError, Turns, database_clock, unjournaled};
use common::outbox::{Entry, Publishes};
use common::page::Page;
use common::timestamp::Timestamp;
use futures::TryStreamExt;
use mongodb::IndexModel;
use mongodb::bson::{Bson, DateTime, Document, doc};
use mongodb::options::IndexOptions;
use serde::{Deserialize, Serialize};

use super::offer::Offer;
use super::reservations::{Hold, Reservations};

/// A document of `tickets`, the original's fields and our `reservations` beside them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ticket {
    #[serde(rename = "_id", with = "as_object_id")]
    id: Id,
    title: String,
    price: Money,
    user_id: Id,
    /// The order that holds or has bought the ticket, computed from `reservations`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order_id: Option<Id>,
    #[serde(default)]
    version: i32,
    #[serde(default, skip_serializing_if = "Reservations::is_empty")]
    reservations: Reservations,
    /// Set while a live order holds the ticket, to ask for that order's end when it does not come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ask: Option<Ask>,
}

/// When the state of the order that holds a ticket is requested, and how often it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The next time; [`UNPLANNED`](Self::UNPLANNED) until the sweep has seen an order whose deadline is not known.
    at: DateTime,
    /// How often it was requested.
    #[serde(default)]
    tries: i32,
}

impl Ask {
    /// Stands for the first time until the sweep stores it: only the database's clock counts.
    pub const UNPLANNED: DateTime = DateTime::from_millis(0);

    /// Some time after the deadline, which leaves the expiration service, payments and orders time to end the order.
    fn after(deadline: Option<Timestamp>) -> Self {
        let at = deadline.map(|deadline| DateTime::from_millis(deadline.after(HELD_TOO_LONG).millis()));
        Self { at: at.unwrap_or(Self::UNPLANNED), tries: 0 }
    }
}

/// How long after its order's deadline a ticket is held too long.
pub const HELD_TOO_LONG: Duration = Duration::from_secs(30);

impl Aggregate for Ticket {
    const COLLECTION: &'static str = "tickets";
    const KIND: &'static str = TICKET;

    fn id(&self) -> Id {
        self.id
    }

    fn version(&self) -> i32 {
        self.version
    }

    fn state(&self) -> Result<Option<Entry>, serde_json::Error> {
        self.updated().entry()
    }
}

impl Ticket {
    /// A seller offers a ticket.
    pub fn offer(offer: Offer, seller: Id) -> (Self, TicketCreated) {
        let Offer { title, price } = offer;
        let ticket = Self {
            id: Id::generate(),
            title,
            price,
            user_id: seller,
            order_id: None,
            version: 0,
            reservations: Reservations::default(),
            ask: None,
        };
        let created = TicketCreated {
            id: ticket.id,
            version: ticket.version,
            title: ticket.title.clone(),
            price: ticket.price,
            user_id: ticket.user_id,
        };
        (ticket, created)
    }

    /// Its seller changes title and price, unless an order holds it: the buyer pays the price that was shown.
    pub fn edit(&mut self, offer: Offer, editor: Id) -> Result<TicketUpdated, ApiError> {
        if self.user_id != editor {
            return Err(ApiError::NotAuthorized);
        }
        if self.order_id.is_some() {
            return Err(ApiError::refused("Cannot edit a reserved ticket"));
        }
        (self.title, self.price) = (offer.title, offer.price);
        self.version += 1;
        Ok(self.updated())
    }

    /// Applies an order's hold on this ticket; `deadline` is that of a live order. Nothing changes when it is known already.
    pub fn apply(
        &mut self,
        order_id: Id,
        order_version: i32,
        hold: Hold,
        deadline: Option<Timestamp>,
    ) -> Option<TicketUpdated> {
        // A ticket that the Node original reserved has only `orderId`.
        if let Some(holder) = self.order_id.filter(|holder| !self.reservations.knows(*holder)) {
            self.reservations.apply(holder, -1, Hold::Live, None);
        }
        let before = self.live_holder();
        if !self.reservations.apply(order_id, order_version, hold, deadline) {
            return None;
        }
        self.order_id = self.reservations.holder(self.order_id);
        let after = self.live_holder();
        if after != before {
            self.ask = after.map(|(_, deadline)| Ask::after(deadline));
        }
        self.version += 1;
        Some(self.updated())
    }

    /// The live order that holds the ticket, and its deadline, as far as that is known.
    fn live_holder(&self) -> Option<(Id, Option<Timestamp>)> {
        let holder = self.order_id?;
        self.reservations.live(holder).map(|deadline| (holder, deadline))
    }

    fn updated(&self) -> TicketUpdated {
        TicketUpdated {
            id: self.id,
            version: self.version,
            title: self.title.clone(),
            price: self.price,
            user_id: self.user_id,
            order_id: self.order_id,
        }
    }

    /// As the API shows it.
    pub fn body(self) -> TicketBody {
        TicketBody {
            id: self.id,
            title: self.title,
            price: self.price,
            user_id: self.user_id,
            order_id: self.order_id,
            version: self.version,
        }
    }
}

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

/// The turns of tickets that a live order holds.
const HELD: Turns = Turns { field: "ask", first: Duration::from_secs(10), longest: Duration::from_secs(300) };

/// The turns of tickets that the original reserved or sold: nobody knows which, or until when.
const HELD_BY_ORIGINAL: Turns = Turns { longest: Duration::from_secs(24 * 60 * 60), ..HELD };

/// Over how long the first turns of tickets from before deadlines were stored are spread.
const SPREAD: Duration = Duration::from_secs(60 * 60);

/// The most tickets that the gauge counts.
const MOST_COUNTED: u64 = 100_000;

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
    let unplanned = doc! {HELD.at(): Ask::UNPLANNED};
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
        let due = doc! {turns.at(): {"$gt": Ask::UNPLANNED, "$lte": now}, "reservations": {"$exists": is_ours}};
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
