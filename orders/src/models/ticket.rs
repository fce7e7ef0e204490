//! The replica of the tickets, built from their events.

use std::convert::Infallible;

use common::coalesced::Coalesced;
use common::error::ApiError;
use common::id::{Id, as_object_id};
use common::listing::LocalTime;
use common::money::Money;
use common::mongo::{StoreError, Together, Update};
use common::timestamp::Timestamp;
use futures::TryStreamExt;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Bson, doc};
use mongodb::{Collection, Database};
use serde::{Deserialize, Serialize};

/// A document of the replica `tickets`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The ticket.
    #[serde(rename = "_id", with = "as_object_id")]
    pub id: Id,
    /// Its title. Empty when nothing was known of the ticket before it was withdrawn.
    #[serde(default)]
    pub title: String,
    /// Its price now. None, 0, when nothing was known of the ticket before it was withdrawn.
    #[serde(default = "none")]
    pub price: Money,
    /// Who offers it. The original's documents lack it.
    #[serde(rename = "userId", default, skip_serializing_if = "Option::is_none")]
    pub seller: Option<Id>,
    /// The order that holds or has bought it.
    #[serde(rename = "orderId", default)]
    pub order_id: Option<Id>,
    /// When its event begins: from then on it is not for sale.
    #[serde(rename = "startsAt", default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<LocalTime>,
    /// It was withdrawn, for good: nobody can order it. An order that was made meanwhile may hold it all the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// The latest version that was applied.
    #[serde(default)]
    pub version: i32,
}

fn none() -> Money {
    Money::from_cents(0)
}

impl Ticket {
    /// Whether its title and price are known.
    pub fn is_known(&self) -> bool {
        !self.title.is_empty()
    }

    /// Whether it may be sold to this buyer, as far as the ticket itself says. The event of one without a date has never begun.
    pub fn check_sale_to(&self, buyer: Id) -> Result<(), ApiError> {
        if self.deleted {
            return Err(ApiError::NotFound);
        }
        if self.seller == Some(buyer) {
            return Err(ApiError::refused("Cannot order your own ticket"));
        }
        if self.starts_at.is_some_and(|starts_at| starts_at.instant() <= Timestamp::now()) {
            return Err(ApiError::refused("The event has begun"));
        }
        Ok(())
    }
}

/// The replica `tickets`. Cheap to clone.
#[derive(Clone)]
pub struct TicketReplica {
    tickets: Collection<Ticket>,
    updates: Together<Update>,
    /// When a ticket goes on sale, many look for it at once. They share a failure too: each would wait for one of its own.
    finds: Coalesced<Id, Result<Option<Ticket>, StoreError>>,
}

impl TicketReplica {
    /// The replica in this database.
    pub fn new(database: &Database) -> Self {
        let updates = Together::updates(database.collection("tickets"));
        Self { tickets: database.collection("tickets"), updates, finds: Coalesced::default() }
    }

    /// A ticket, if one of its events was handled. It may be withdrawn.
    pub async fn find(&self, id: Id) -> Result<Option<Ticket>, StoreError> {
        let find = async || self.tickets.find_one(doc! {"_id": ObjectId::from(id)}).await.map_err(StoreError::from);
        let Ok(found) = self.finds.read(id, async || Ok::<_, Infallible>(find().await)).await;
        found
    }

    /// The same, if its title and price are known.
    pub async fn find_known(&self, id: Id) -> Result<Option<Ticket>, StoreError> {
        Ok(self.find(id).await?.filter(Ticket::is_known))
    }

    /// Several tickets, in any order.
    pub async fn find_all(&self, ids: impl Iterator<Item = Id>) -> Result<Vec<Ticket>, StoreError> {
        let ids: Vec<ObjectId> = ids.map(ObjectId::from).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.tickets.find(doc! {"_id": {"$in": ids}}).await?.try_collect().await?)
    }

    /// Applies the state of a ticket from an event, unless the stored version is the same or newer. A ticket that is withdrawn
    /// stays so.
    pub async fn apply(&self, ticket: &Ticket) -> Result<(), StoreError> {
        let mut set = mongodb::bson::serialize_to_document(ticket)?;
        set.remove("_id");
        let mut update = doc! {"$set": set};
        if ticket.starts_at.is_none() {
            update.insert("$unset", doc! {"startsAt": ""});
        }
        let older = doc! {"_id": ObjectId::from(ticket.id), "version": {"$lt": ticket.version}};
        let upsert = Update::upsert(older.clone(), update.clone());
        // A buyer may be waiting for a ticket that is on sale, or for what it costs now.
        let is_on_sale = ticket.order_id.is_none();
        let written = if is_on_sale { self.updates.write(upsert).await } else { self.updates.write_soon(upsert).await };
        match written {
            // The stored version is newer, or another replica has just inserted an older one.
            Err(StoreError::Duplicate) => Ok(self.tickets.update_one(older, update).await.map(drop)?),
            applied => applied,
        }
    }

    /// The ticket was withdrawn: it stays as a tombstone, so that an event that comes late does not revive it. It keeps its title
    /// and price for the orders of the original, which have none of their own.
    ///
    /// Also when a newer version is stored: then an order held the ticket already when it was withdrawn. Which order holds it
    /// says the newest event, as always, and this one says that none does.
    pub async fn withdraw(&self, id: Id, version: i32) -> Result<(), StoreError> {
        let is_newer = doc! {"$gt": [version, {"$ifNull": ["$version", -1]}]};
        let set = doc! {
            "deleted": true,
            "orderId": {"$cond": [is_newer, Bson::Null, {"$ifNull": ["$orderId", Bson::Null]}]},
            "version": {"$max": ["$version", version]},
        };
        let withdraw =
            || self.tickets.update_one(doc! {"_id": ObjectId::from(id)}, vec![doc! {"$set": &set}]).upsert(true);
        match withdraw().await.map_err(StoreError::from) {
            // Another replica of the service has just inserted it: now there is a document to update.
            Err(StoreError::Duplicate) => withdraw().await?,
            withdrawn => withdrawn?,
        };
        Ok(())
    }
}
