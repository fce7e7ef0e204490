//! What the databases say.

use std::time::Duration;

use anyhow::{Context, Result};
use common::timestamp::Timestamp;
use futures::TryStreamExt;
use mongodb::Database;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Bson, DateTime, Document};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// By how much the clocks of two machines may differ.
const CLOCK_SKEW: Duration = Duration::from_secs(1);

/// An order.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// Its id.
    #[serde(rename = "_id")]
    pub id: ObjectId,
    /// `created`, `awaiting:payment`, `complete` or `cancelled`
    pub status: String,
    /// The ticket that it reserves.
    pub ticket: ObjectId,
    /// Its deadline.
    pub expires_at: DateTime,
    /// What the buyer got back.
    pub refunded: Option<f64>,
}

impl Order {
    /// Paid.
    pub fn is_complete(&self) -> bool {
        self.status == "complete"
    }

    /// Cancelled by its buyer, or expired.
    pub fn is_cancelled(&self) -> bool {
        self.status == "cancelled"
    }

    /// Neither, and its deadline has not passed.
    pub fn is_open(&self) -> bool {
        !self.has_ended() && self.expires_at > DateTime::now()
    }

    /// Whether its deadline lies between these two instants, or a little before the first.
    pub fn expires_between(&self, from: Timestamp, to: Timestamp, before: Duration) -> bool {
        let deadline = Timestamp::from_millis(self.expires_at.timestamp_millis());
        from < deadline.after(before) && deadline <= to.after(CLOCK_SKEW)
    }

    /// Not overdue.
    pub fn is_settled(&self) -> bool {
        self.has_ended() || self.is_open()
    }

    fn has_ended(&self) -> bool {
        self.is_complete() || self.is_cancelled()
    }
}

/// A ticket, or another service's replica of one.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ticket {
    /// Its id.
    #[serde(rename = "_id")]
    pub id: ObjectId,
    /// The order that holds or has bought it.
    pub order_id: Option<ObjectId>,
    /// How often it has changed. JavaScript knows one kind of number: it may have been stored as a double.
    #[serde(default)]
    pub version: f64,
}

/// A payment, or an attempt at one.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment {
    /// The order that is paid for.
    pub order_id: ObjectId,
    /// Where its money stands.
    #[serde(default)]
    pub status: String,
    /// Who gave the money back although the order is complete.
    pub given_back_by: Option<Bson>,
}

impl Payment {
    /// The money was taken, or went back after that, and the order is complete.
    pub fn is_paid(&self) -> bool {
        self.status == "captured" || self.given_back_by.is_some()
    }

    /// Neither the provider nor the order can change it any more.
    pub fn is_settled(&self) -> bool {
        ["captured", "voided", "declined", "refunded", "failed", "closed"].contains(&self.status.as_str())
    }
}

/// An attempt to pay as the sandbox knows it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Charge {
    /// The order that is paid for.
    pub order_id: ObjectId,
    /// Where its money is.
    pub state: String,
}

impl Charge {
    /// The buyer cannot spend this money, and nobody has it.
    pub fn is_held(&self) -> bool {
        self.state == "authorised"
    }
}

/// The payments service's replica of an order.
#[derive(Deserialize)]
pub struct OrderReplica {
    #[serde(rename = "_id")]
    pub id: ObjectId,
    #[serde(default)]
    pub status: String,
}

/// The documents of a collection that pass a filter.
pub async fn find<T: DeserializeOwned + Send + Sync>(
    database: &Database,
    collection: &str,
    filter: Document,
) -> Result<Vec<T>> {
    let documents = database.collection::<T>(collection);
    let found = async { documents.find(filter).batch_size(10_000).await?.try_collect().await };
    found.await.with_context(|| format!("{collection} of {} cannot be read", database.name()))
}

/// How many documents of a collection pass a filter.
pub async fn count(database: &Database, collection: &str, filter: Document) -> Result<u64> {
    let counted = database.collection::<Document>(collection).count_documents(filter).await;
    counted.with_context(|| format!("{collection} of {} cannot be counted", database.name()))
}
