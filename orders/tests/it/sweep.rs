use common::id::Id;
use common::testing::User;
use common::timestamp::Timestamp;
use mongodb::bson::doc;
use mongodb::bson::oid::ObjectId;
use orders::sweep::cancel_overdue;

use crate::app::{Ended, TestApp, db_insert_order};

/// An order whose deadline passed so long before this moment.
async fn db_overdue(orders: &Ended, now: Timestamp, millis: i64) -> Id {
    let expires_at = Timestamp::from_millis(now.millis() - millis);
    db_insert_order(&orders.database, &User::new(), Id::generate(), expires_at).await
}

async fn db_status(orders: &Ended, order: Id) -> String {
    orders.db_order(order).await.get_str("status").unwrap().to_owned()
}

#[tokio::test]
async fn what_is_overdue_by_more_than_ten_seconds_is_cancelled() {
    let (orders, now) = (Ended::new(&[]).await, Timestamp::now());
    let order = db_overdue(&orders, now, 10_001).await;
    assert_eq!(cancel_overdue(&orders.state(), now).await.unwrap(), 1);
    assert_eq!(db_status(&orders, order).await, "cancelled");
}

#[tokio::test]
async fn a_cancellation_by_the_sweep_is_published() {
    let (orders, now) = (Ended::new(&[]).await, Timestamp::now());
    let order = db_overdue(&orders, now, 60_000).await;
    cancel_overdue(&orders.state(), now).await.unwrap();
    let orders = orders.start_again().await;
    assert_eq!(orders.published_ends(order).await, ["cancelled"]);
}

#[tokio::test]
async fn what_is_within_the_grace_is_left_to_the_expiration_service() {
    let (orders, now) = (Ended::new(&[]).await, Timestamp::now());
    for millis in [-1, 0, 1, 10_000] {
        let order = db_overdue(&orders, now, millis).await;
        assert_eq!(cancel_overdue(&orders.state(), now).await.unwrap(), 0);
        assert_eq!(db_status(&orders, order).await, "created", "overdue by {millis} ms");
    }
}

#[tokio::test]
async fn an_order_that_has_ended_stays_as_it_is() {
    let (orders, now) = (Ended::new(&[]).await, Timestamp::now());
    for status in ["complete", "cancelled"] {
        let order = db_overdue(&orders, now, 60_000).await;
        let ended = doc! {"$set": {"status": status}};
        let collection = orders.database.collection::<mongodb::bson::Document>("orders");
        collection.update_one(doc! {"_id": ObjectId::from(order)}, ended).await.unwrap();
        let before = orders.db_order(order).await;
        assert_eq!(cancel_overdue(&orders.state(), now).await.unwrap(), 0);
        assert_eq!(orders.db_order(order).await, before);
    }
}

#[tokio::test]
async fn many_overdue_orders_are_cancelled_a_hundred_at_a_time_and_the_longest_overdue_first() {
    let (orders, now) = (Ended::new(&[]).await, Timestamp::now());
    let mut overdue = Vec::new();
    for number in 0..120 {
        overdue.push(db_overdue(&orders, now, 60_000 + number).await);
    }
    assert_eq!(cancel_overdue(&orders.state(), now).await.unwrap(), 100);
    assert_eq!(db_status(&orders, overdue[19]).await, "created");
    assert_eq!(db_status(&orders, overdue[20]).await, "cancelled");
    assert_eq!(cancel_overdue(&orders.state(), now).await.unwrap(), 20);
    assert_eq!(cancel_overdue(&orders.state(), now).await.unwrap(), 0);
}

#[tokio::test]
async fn several_replicas_that_sweep_at_once_cancel_an_order_once() {
    let (orders, now) = (Ended::new(&[]).await, Timestamp::now());
    let order = db_overdue(&orders, now, 60_000).await;
    let state = orders.state();
    let (one, other) = tokio::join!(cancel_overdue(&state, now), cancel_overdue(&state, now));
    one.unwrap();
    other.unwrap();
    assert_eq!(orders.start_again().await.published_ends(order).await, ["cancelled"]);
}

#[tokio::test]
async fn a_running_service_sweeps_by_itself() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.db_insert_order(&buyer, Timestamp::from_millis(Timestamp::now().millis() - 60_000)).await;
    orders.stream.wait_for(1, |event: &common::events::OrderCancelled| event.id == order).await;
    assert_eq!(orders.status(&buyer, order).await, "cancelled");
}
