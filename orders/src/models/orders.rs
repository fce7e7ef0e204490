//! The collection of orders: its indexes and queries.

use common::api::OrderStatus;
use common::error::StartError;
use common::id::{Id, as_object_id};
use common::mongo::{Store, StoreError};
use common::page::Page;
use common::timestamp::Timestamp;
use futures::TryStreamExt;
use mongodb::IndexModel;
use mongodb::bson::{DateTime, Document, doc};
use mongodb::options::IndexOptions;
use serde::Deserialize;

use super::order::Order;

/// Orders that can still be cancelled by their deadline.
const OPEN: [OrderStatus; 2] = [OrderStatus::Created, OrderStatus::AwaitingPayment];

fn status_in(statuses: &[OrderStatus]) -> Document {
    doc! {"$in": statuses.iter().map(|status| status.as_str()).collect::<Vec<_>>()}
}

/// Creates the unique index of live orders by ticket, and the indexes of the queries. It fails when the database already holds
/// two live orders of one ticket.
pub async fn create_indexes(store: &Store<Order>) -> Result<(), StartError> {
    let one_live_order = IndexOptions::builder()
        .name("one-live-order".to_owned())
        .unique(true)
        .partial_filter_expression(doc! {"status": status_in(&OrderStatus::LIVE)})
        .build();
    let open = IndexOptions::builder()
        .name("open-by-deadline".to_owned())
        .partial_filter_expression(doc! {"status": status_in(&OPEN)})
        .build();
    store
        .create_indexes([
            IndexModel::builder().keys(doc! {"ticket": 1}).options(one_live_order).build(),
            IndexModel::builder().keys(doc! {"expiresAt": 1}).options(open).build(),
            IndexModel::builder().keys(doc! {"userId": 1, "_id": -1}).build(),
        ])
        .await
}

/// A buyer's orders, a page of them.
pub async fn of_buyer(store: &Store<Order>, buyer: Id, page: Page) -> Result<Vec<Order>, StoreError> {
    let filter = page.restrict(doc! {"userId": buyer.to_string()});
    let found = store.documents().find(filter).sort(page.order()).limit(page.limit as i64).await?;
    Ok(found.try_collect().await?)
}

/// The ids of open orders whose deadline passed before this moment, the longest overdue first.
pub async fn overdue(store: &Store<Order>, before: Timestamp, limit: i64) -> Result<Vec<Id>, StoreError> {
    #[derive(Deserialize)]
    struct Overdue {
        #[serde(rename = "_id", with = "as_object_id")]
        id: Id,
    }
    let filter = doc! {"status": status_in(&OPEN), "expiresAt": {"$lt": DateTime::from_millis(before.millis())}};
    let orders = store.documents().clone_with_type::<Overdue>();
    let found = orders.find(filter).projection(doc! {"_id": 1}).sort(doc! {"expiresAt": 1}).limit(limit).await?;
    Ok(found.map_ok(|overdue| overdue.id).try_collect().await?)
}
