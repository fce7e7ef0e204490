use std::collections::HashSet;

use common::events::OrderCreated;
use common::id::Id;
use common::testing::App;
use futures::future::join_all;

use crate::app::{Ground, created, in_millis, tomorrow};

/// Fails unless every one of these orders, and no other, has expired exactly once.
async fn each_expires_once(ground: &Ground, orders: &[OrderCreated]) {
    ground.expired(orders.len()).await;
    ground.db_empty().await;
    let expired = ground.expired(orders.len()).await;
    assert_eq!(expired.len(), orders.len());
    let expired: HashSet<Id> = expired.into_iter().collect();
    assert_eq!(expired, orders.iter().map(|order| order.id).collect());
}

async fn publish_all(ground: &Ground, orders: &[OrderCreated]) {
    join_all(orders.iter().map(|order| ground.stream.publish(order))).await;
}

#[tokio::test]
async fn of_a_thousand_orders_each_expires_once_under_two_replicas() {
    let ground = Ground::new().await;
    let _replicas: [App; 2] = [ground.replica().await, ground.replica().await];
    let orders: Vec<_> = (0..1000).map(|i| created(Id::generate(), in_millis(1000 + i % 7 * 100))).collect();
    publish_all(&ground, &orders).await;
    each_expires_once(&ground, &orders).await;
}

#[tokio::test]
async fn what_a_replica_claimed_before_it_died_expires_when_the_lease_is_over() {
    let ground = Ground::new().await;
    let _survivor = ground.replica().await;
    let order = Id::generate();
    let lease_ends = ground.db_claim(order).await;
    assert!(ground.expired_at(order).await >= lease_ends);
}

#[tokio::test]
async fn orders_expire_once_each_although_a_replica_is_killed_amid_them() {
    let ground = Ground::new().await;
    let (_survivor, victim) = (ground.replica().await, ground.replica().await);
    let orders: Vec<_> = (0..400).map(|i| created(Id::generate(), in_millis(500 + i * 3))).collect();
    publish_all(&ground, &orders).await;
    ground.expired(100).await;
    victim.abort();
    each_expires_once(&ground, &orders).await;
}

#[tokio::test]
async fn an_earlier_order_that_another_replica_scheduled_wakes_this_one() {
    let ground = Ground::new().await;
    let _survivor = ground.replica().await;
    ground.stream.publish(&created(Id::generate(), tomorrow())).await;
    ground.heard().await;
    let order = Id::generate();
    ground.db_schedule(order, in_millis(200)).await;
    assert_eq!(ground.expired(1).await, [order]);
}
