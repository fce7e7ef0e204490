//! The replica of the orders, built from their events.

use common::api::OrderStatus;
use common::id::{Id, as_object_id};
use common::money::Money;
use common::mongo::{StoreError, Together, Update};
use common::timestamp::Timestamp;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{DateTime, doc, serialize_to_bson};
use mongodb::{Collection, Database};
use serde::{Deserialize, Deserializer};

/// A document of `orders`, as the Node original stores it. An order whose end was applied before its `order.created` has neither
/// buyer nor price yet.
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
    /// Its status at this version.
    pub status: OrderStatus,
    /// The latest version that was applied.
    #[serde(deserialize_with = "whole_number")]
    pub version: i32,
    /// How long it can be paid for by the database's clock, in milliseconds; negative when the time is over. Unknown as long as
    /// its `order.created` was not applied.
    #[serde(default)]
    pub left_ms: Option<i64>,
}

impl Order {
    /// Whether it can never be paid for again.
    pub fn is_over(&self) -> bool {
        self.status == OrderStatus::Cancelled || self.left_ms.is_some_and(|left| left <= 0)
    }
}

/// JavaScript has one kind of number: a version may have been stored as a double.
fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
    f64::deserialize(deserializer).map(|number| number as i32)
}

/// An order with everything that is needed to pay for it.
#[derive(Clone, Debug)]
pub struct KnownOrder {
    /// The order.
    pub id: Id,
    /// The buyer.
    pub user_id: Id,
    /// What the buyer pays.
    pub price: Money,
    /// Its status.
    pub status: OrderStatus,
    /// Whether its deadline has passed by the database's clock.
    pub is_late: bool,
}

/// The state of an order in one of its events.
#[derive(Clone, Debug)]
pub struct OrderUpdate {
    /// The order.
    pub id: Id,
    /// Its version in this state.
    pub version: i32,
    /// Its status in this state.
    pub status: OrderStatus,
    /// What never changes. `order.cancelled` lacks it.
    pub details: Option<Details>,
}

/// What never changes about an order.
#[derive(Clone, Debug)]
pub struct Details {
    /// The buyer.
    pub user_id: Id,
    /// What the buyer pays.
    pub price: Money,
    /// Until when. Only `order.created` has it.
    pub expires_at: Option<Timestamp>,
}

/// The collection `orders`. Cheap to clone.
#[derive(Clone)]
pub struct Orders {
    orders: Collection<Order>,
    updates: Together<Update>,
}

impl Orders {
    /// The replica in this database.
    pub fn new(database: &Database) -> Self {
        let updates = Together::updates(database.collection("orders"));
        Self { orders: database.collection("orders"), updates }
    }

    /// The order, if one of its events was applied.
    pub async fn find(&self, id: Id) -> Result<Option<Order>, StoreError> {
        let left = doc! {"$subtract": ["$expiresAt", "$$NOW"]};
        let fields = doc! {"userId": 1, "price": 1, "status": 1, "version": 1, "leftMs": left};
        Ok(self.orders.find_one(doc! {"_id": ObjectId::from(id)}).projection(fields).await?)
    }

    /// The order, once it can be paid for.
    pub async fn find_known(&self, id: Id) -> Result<Option<KnownOrder>, StoreError> {
        let order = self.find(id).await?;
        Ok(order.and_then(|Order { id, user_id, price, status, left_ms, .. }| {
            let is_late = left_ms.is_some_and(|left| left <= 0);
            Some(KnownOrder { id, user_id: user_id?, price: price?, status, is_late })
        }))
    }

    /// Applies an update. It commutes with every other update of the same order: of the states the latest wins, and the details
    /// are set once. So events that are repeated or reordered lead to the same document.
    pub async fn apply(&self, update: &OrderUpdate) -> Result<(), StoreError> {
        let is_newer = doc! {"$gt": [update.version, {"$ifNull": ["$version", -1]}]};
        let mut set = doc! {
            "status": {"$cond": [is_newer, update.status.as_str(), "$status"]},
            "version": {"$max": ["$version", update.version]},
        };
        if let Some(Details { user_id, price, expires_at }) = &update.details {
            set.insert("userId", doc! {"$ifNull": ["$userId", user_id.to_string()]});
            set.insert("price", doc! {"$ifNull": ["$price", serialize_to_bson(price)?]});
            if let Some(expires_at) = expires_at {
                set.insert("expiresAt", doc! {"$ifNull": ["$expiresAt", DateTime::from_millis(expires_at.millis())]});
            }
        }
        let filter = doc! {"_id": ObjectId::from(update.id)};
        let upsert = Update::upsert(filter, vec![doc! {"$set": set}]);
        // A buyer may be waiting to pay, and a cancelled order is not to be paid. Nobody waits for a complete one.
        let written = match update.status {
            OrderStatus::Complete => self.updates.write_soon(upsert.clone()).await,
            _ => self.updates.write(upsert.clone()).await,
        };
        match written {
            // Another replica of the service has just inserted it: now there is a document to update.
            Err(StoreError::Duplicate) => self.updates.write(upsert).await,
            upserted => upserted,
        }
    }
}
