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
#[derive(Deserialize)]
struct Unsettled {
    #[serde(rename = "_id")]
    status: PaymentStatus,
    count: i64,
    oldest_ms: i64,
    long_held: i64,
}

impl Payments {
    /// Counts the payments that are not settled, with the age of the oldest of each status: since its last change.
    pub async fn measure(&self) -> Result<(), StoreError> {
        let age = doc! {"$subtract": ["$$NOW", {"$ifNull": ["$changedAt", {"$toDate": "$_id"}]}]};
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
        let found: Vec<Unsettled> = documents.aggregate(query).with_type::<Unsettled>().await?.try_collect().await?;
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
