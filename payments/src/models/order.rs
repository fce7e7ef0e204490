//! The replica of the orders: what their events have told so far.

use common::api::OrderStatus;
use common::events::{OrderCancelled, OrderCompleted, OrderCreated};
use common::id::{Id, as_object_id};
use common::money::Money;
use common::mongo::StoreError;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Document, doc, serialize_to_bson};
use mongodb::{Collection, Database};
use serde::{Deserialize, Deserializer};

/// How often an upsert is tried when another one inserts the same order at the same moment.
const ATTEMPTS: u32 = 5;

/// A document of `orders`, as the Node original stores it. An order whose end came before its beginning has neither buyer nor
/// price yet.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// The order.
    #[serde(rename = "_id", with = "as_object_id")]
    pub id: Id,
    /// The buyer.
    pub user_id: Option<Id>,
    /// What the buyer pays.
    pub price: Option<Money>,
    /// Where it stood at its version.
    pub status: OrderStatus,
    /// The newest version that was heard of.
    #[serde(deserialize_with = "whole_number")]
    pub version: i32,
}

/// An order of which enough is known to pay for it.
#[derive(Clone, Debug)]
pub struct KnownOrder {
    /// The order.
    pub id: Id,
    /// The buyer.
    pub user_id: Id,
    /// What the buyer pays.
    pub price: Money,
    /// Where it stands.
    pub status: OrderStatus,
}

impl Order {
    fn known(self) -> Option<KnownOrder> {
        Some(KnownOrder { id: self.id, user_id: self.user_id?, price: self.price?, status: self.status })
    }
}

/// JavaScript knows one kind of number: a version may have been stored as a double.
fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
    f64::deserialize(deserializer).map(|number| number as i32)
}

/// What an event tells of an order.
#[derive(Clone, Debug)]
pub struct News {
    /// The order.
    pub id: Id,
    version: i32,
    status: OrderStatus,
    /// Buyer and price.
    details: Option<(Id, Money)>,
}

impl From<&OrderCreated> for News {
    fn from(event: &OrderCreated) -> Self {
        let details = Some((event.user_id, event.ticket.price));
        Self { id: event.id, version: event.version, status: event.status, details }
    }
}

impl From<&OrderCancelled> for News {
    fn from(event: &OrderCancelled) -> Self {
        Self { id: event.id, version: event.version, status: OrderStatus::Cancelled, details: None }
    }
}

impl From<&OrderCompleted> for News {
    fn from(event: &OrderCompleted) -> Self {
        let details = Some((event.user_id, event.ticket.price));
        Self { id: event.id, version: event.version, status: OrderStatus::Complete, details }
    }
}

impl News {
    /// An update that commutes with every other of the same order: the details never change, so whoever brings them may, and
    /// of the states the newest wins.
    fn update(&self) -> Result<Vec<Document>, StoreError> {
        let newer = doc! {"$gt": [self.version, {"$ifNull": ["$version", -1]}]};
        let mut set = doc! {
            "status": {"$cond": [newer, self.status.as_str(), "$status"]},
            "version": {"$max": ["$version", self.version]},
        };
        if let Some((user_id, price)) = self.details {
            set.insert("userId", doc! {"$ifNull": ["$userId", user_id.to_string()]});
            set.insert("price", doc! {"$ifNull": ["$price", serialize_to_bson(&price)?]});
        }
        Ok(vec![doc! {"$set": set}])
    }
}

/// The collection `orders`. Cheap to clone.
#[derive(Clone)]
pub struct Orders(Collection<Order>);

impl Orders {
    /// The replica in this database.
    pub fn new(database: &Database) -> Self {
        Self(database.collection("orders"))
    }

    /// What is known of the order.
    pub async fn find(&self, id: Id) -> Result<Option<Order>, StoreError> {
        Ok(self.0.find_one(doc! {"_id": ObjectId::from(id)}).await?)
    }

    /// The order, once enough is known to pay for it.
    pub async fn find_known(&self, id: Id) -> Result<Option<KnownOrder>, StoreError> {
        Ok(self.find(id).await?.and_then(Order::known))
    }

    /// Takes in what an event tells. Events that are repeated or come in another order end in the same document.
    pub async fn learn(&self, news: &News) -> Result<(), StoreError> {
        let update = news.update()?;
        for _ in 0..ATTEMPTS {
            let upsert = self.0.update_one(doc! {"_id": ObjectId::from(news.id)}, update.clone()).upsert(true);
            match upsert.await.map_err(StoreError::from) {
                // Another replica inserted it between our looking and our inserting: now there is one to update.
                Err(StoreError::Duplicate) => {}
                result => return result.map(drop),
            }
        }
        Err(StoreError::Conflict)
    }
}
