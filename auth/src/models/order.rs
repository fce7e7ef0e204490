//! The replica of the orders, as far as accounts need it: who has an open one.

use std::time::Duration;

use common::error::StartError;
use common::id::Id;
use common::mongo::{self, StoreError, Together, Update};
use mongodb::bson::{Document, doc, oid::ObjectId};
use mongodb::options::IndexOptions;
use mongodb::{Collection, Database, IndexModel};

/// An order that has ended is remembered for longer than the stream keeps its events, so that one that comes late opens nothing.
const REMEMBERED: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// The collection `orders {userId, open, endedAt?}`. Cheap to clone.
#[derive(Clone)]
pub struct Orders {
    orders: Collection<Document>,
    updates: Together<Update>,
}

impl Orders {
    /// The replica in this database.
    pub fn new(database: &Database) -> Self {
        let updates = Together::updates(database.collection("orders"));
        Self { orders: database.collection("orders"), updates }
    }

    /// Creates the indexes of open orders, and of those that are forgotten.
    pub async fn create_indexes(&self) -> Result<(), StartError> {
        let open = IndexOptions::builder().partial_filter_expression(doc! {"open": true}).build();
        let forget = IndexOptions::builder().expire_after(REMEMBERED).build();
        let indexes = [
            IndexModel::builder().keys(doc! {"userId": 1}).options(open).build(),
            IndexModel::builder().keys(doc! {"endedAt": 1}).options(forget).build(),
        ];
        mongo::create_indexes(&self.orders, indexes).await
    }

    /// Whether this user has an order that is neither complete nor cancelled.
    pub async fn has_open(&self, user: Id) -> Result<bool, StoreError> {
        Ok(self.orders.find_one(doc! {"userId": user.to_string(), "open": true}).await?.is_some())
    }

    /// An order was made. One that has ended stays so, whatever comes late.
    pub async fn made(&self, order: Id, user: Id) -> Result<(), StoreError> {
        self.upsert(order, doc! {"$setOnInsert": {"userId": user.to_string(), "open": true}}).await
    }

    /// An order is complete or cancelled.
    pub async fn ended(&self, order: Id) -> Result<(), StoreError> {
        self.upsert(order, doc! {"$set": {"open": false}, "$currentDate": {"endedAt": true}}).await
    }

    async fn upsert(&self, order: Id, update: Document) -> Result<(), StoreError> {
        let upsert = Update::upsert(doc! {"_id": ObjectId::from(order)}, update);
        match self.updates.write_soon(upsert.clone()).await {
            // Another replica of the service has just inserted it.
            Err(StoreError::Duplicate) => self.updates.write(upsert).await,
            upserted => upserted,
        }
    }
}
