//! What the orders service knows of tickets, by their events.

use common::id::{Id, as_object_id};
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
    /// The version that was heard of last.
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

    /// What is known of a ticket.
    pub async fn find(&self, id: Id) -> Result<Option<Ticket>, StoreError> {
        Ok(self.0.find_one(doc! {"_id": ObjectId::from(id)}).await?)
    }

    /// What is known of several tickets, in any order.
    pub async fn find_all(&self, ids: impl Iterator<Item = Id>) -> Result<Vec<Ticket>, StoreError> {
        let ids: Vec<ObjectId> = ids.map(ObjectId::from).collect();
        Ok(self.0.find(doc! {"_id": {"$in": ids}}).await?.try_collect().await?)
    }

    /// Takes a ticket's state as an event tells it, unless what is known is as new or newer.
    pub async fn take(&self, ticket: &Ticket) -> Result<(), StoreError> {
        match self.replace_older(ticket, true).await {
            // It is there: either newer, or put there this very moment by somebody with an older event.
            Err(StoreError::Duplicate) => self.replace_older(ticket, false).await,
            taken => taken,
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
