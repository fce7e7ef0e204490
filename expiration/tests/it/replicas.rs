use std::collections::HashSet;

use common::events::OrderCreated;
use common::id::Id;
use common::testing::App;
use futures::future::join_all;

use crate::app::{Environment, created, in_millis, tomorrow};

/// Fails unless every one of these orders, and no other, has expired exactly once.
async fn each_expires_once(environment: &Environment, orders: &[OrderCreated]) {
    environment.expired(orders.len()).await;
    environment.db_empty().await;
    let expired = environment.expired(orders.len()).await;
    assert_eq!(expired.len(), orders.len());
    let expired: HashSet<Id> = expired.into_iter().collect();
    assert_eq!(expired, orders.iter().map(|order| order.id).collect());
}

async fn publish_all(environment: &Environment, orders: &[OrderCreated]) {
    join_all(orders.iter().map(|order| environment.stream.publish(order))).await;
}

#[tokio::test]
async fn of_a_thousand_orders_each_expires_once_under_two_replicas() {
    let environment = Environment::new().await;
    let _replicas: [App; 2] = [environment.replica().await, environment.replica().await];
    let orders: Vec<_> = (0..1000).map(|i| created(Id::generate(), in_millis(1000 + i % 7 * 100))).collect();
    publish_all(&environment, &orders).await;
    each_expires_once(&environment, &orders).await;
}

#[tokio::test]
async fn what_a_replica_claimed_before_it_died_expires_when_the_lease_is_over() {
    let environment = Environment::new().await;
    let _survivor = environment.replica().await;
    let order = Id::generate();
    let lease_ends = environment.db_claim(order).await;
    assert!(environment.expired_at(order).await >= lease_ends);
}

#[tokio::test]
async fn orders_expire_once_each_although_a_replica_is_killed_amid_them() {
    let environment = Environment::new().await;
    let (_survivor, victim) = (environment.replica().await, environment.replica().await);
    let orders: Vec<_> = (0..400).map(|i| created(Id::generate(), in_millis(500 + i * 3))).collect();
    publish_all(&environment, &orders).await;
    environment.expired(100).await;
    victim.abort();
    each_expires_once(&environment, &orders).await;
}

#[tokio::test]
async fn an_earlier_order_that_another_replica_scheduled_wakes_this_one() {
    let environment = Environment::new().await;
    let _survivor = environment.replica().await;
    environment.stream.publish(&created(Id::generate(), tomorrow())).await;
    environment.handled().await;
    let order = Id::generate();
    environment.db_schedule(order, in_millis(200)).await;
    assert_eq!(environment.expired(1).await, [order]);
}
