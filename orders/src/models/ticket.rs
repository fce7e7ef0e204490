//! The replica of the tickets, built from their events.

use common::id::{Id, as_object_id};
use common::listing::LocalTime;
use common::money::Money;
use common::mongo::StoreError;
use futures::TryStreamExt;
use mongodb::bson::doc;
use mongodb::bson::oid::ObjectId;
use mongodb::{Collection, Database};
use serde::{Deserialize, Serialize};

/// A document of the replica `tickets`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The ticket.
    #[serde(rename = "_id", with = "as_object_id")]
    pub id: Id,
    /// Its title.
    pub title: String,
    /// Its price now.
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
    /// The latest version that was applied.
    #[serde(default)]
    pub version: i32,
}

/// The replica `tickets`. Cheap to clone.
#[derive(Clone)]
pub struct TicketReplica(Collection<Ticket>);

impl TicketReplica {
    /// The replica in this database.
    pub fn new(database: &Database) -> Self {
        Self(database.collection("tickets"))
    }

    /// A ticket, if its `ticket.created` was handled.
    pub async fn find(&self, id: Id) -> Result<Option<Ticket>, StoreError> {
        Ok(self.0.find_one(doc! {"_id": ObjectId::from(id)}).await?)
    }

    /// Several tickets, in any order.
    pub async fn find_all(&self, ids: impl Iterator<Item = Id>) -> Result<Vec<Ticket>, StoreError> {
        let ids: Vec<ObjectId> = ids.map(ObjectId::from).collect();
        Ok(self.0.find(doc! {"_id": {"$in": ids}}).await?.try_collect().await?)
    }

    /// Applies the state of a ticket from an event, unless the stored version is the same or newer.
    pub async fn apply(&self, ticket: &Ticket) -> Result<(), StoreError> {
        match self.replace_older(ticket, true).await {
            // The stored version is newer, or another replica has just inserted an older one.
            Err(StoreError::Duplicate) => self.replace_older(ticket, false).await,
            applied => applied,
        }
    }

    async fn replace_older(&self, ticket: &Ticket, insert: bool) -> Result<(), StoreError> {
        let older = doc! {"_id": ObjectId::from(ticket.id), "version": {"$lt": ticket.version}};
        let mut fields = mongodb::bson::serialize_to_document(ticket)?;
        fields.remove("_id");
        self.0.update_one(older, doc! {"$set": fields}).upsert(insert).await?;
        Ok(())
    }
}
