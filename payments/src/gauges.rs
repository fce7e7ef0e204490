//! What an operator sees of payments that are not settled.

use std::collections::HashMap;

use common::mongo::{Aggregate, StoreError};
use futures::TryStreamExt;
use metrics::gauge;
use mongodb::bson::doc;
use serde::Deserialize;

use crate::models::payment::{Payment, PaymentStatus};
use crate::state::Payments;

/// From this age on, money that is held for an order without an end is counted, in milliseconds.
const LONG_HELD_MS: i64 = 60_000;

/// Unsettled payments of one status.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Unsettled {
    /// Their status.
    #[serde(rename = "_id")]
    pub status: PaymentStatus,
    /// How many there are.
    pub count: i64,
    /// How long the oldest of them has not changed.
    pub oldest_ms: i64,
    /// How many have not changed for more than a minute.
    pub long_held: i64,
}

impl Payments {
    /// What is not settled. A status that no payment has is absent.
    pub async fn unsettled(&self) -> Result<Vec<Unsettled>, StoreError> {
        // Of a document that has not changed since an earlier version only its id tells the age.
        let age = doc! {"$subtract": ["$$NOW", {"$max": ["$changedAt", {"$toDate": "$_id"}]}]};
        let query = [
            doc! {"$match": {"dueAt": {"$exists": true}}},
            doc! {"$set": {"age": age}},
            doc! {"$group": {
                "_id": "$status",
                "count": {"$sum": 1},
                "oldest_ms": {"$max": "$age"},
                "long_held": {"$sum": {"$cond": [{"$gt": ["$age", LONG_HELD_MS]}, 1, 0]}},
            }},
        ];
        let documents = self.store.documents().clone_with_type::<Unsettled>();
        Ok(documents.aggregate(query).with_type::<Unsettled>().await?.try_collect().await?)
    }

    /// Sets the gauges: how many payments of each status are not settled, and the age of the oldest in seconds.
    pub async fn measure(&self) -> Result<(), StoreError> {
        let found = self.unsettled().await?;
        let found: HashMap<PaymentStatus, Unsettled> = found.into_iter().map(|found| (found.status, found)).collect();
        for status in PaymentStatus::UNSETTLED {
            let of_it = found.get(&status);
            let name = status.as_str();
            gauge!(Payment::COLLECTION, "status" => name).set(of_it.map_or(0, |of_it| of_it.count) as f64);
            let oldest_ms = of_it.map_or(0, |of_it| of_it.oldest_ms.max(0));
            gauge!("payment_oldest_seconds", "status" => name).set(oldest_ms as f64 / 1000.0);
        }
        let long_held = found.get(&PaymentStatus::Authorised).map_or(0, |held| held.long_held);
        gauge!("payments_authorised_unsettled").set(long_held as f64);
        Ok(())
    }
}
