use common::dead_letters;
use common::id::Id;
use common::testing::eventually;

use crate::app::{Environment, cancelled, created, in_millis, tomorrow};

#[tokio::test]
async fn orders_expire_although_redis_was_killed_before_they_were_due() {
    let environment = Environment::new().await;
    let _replica = environment.replica().await;
    let (order, due) = (Id::generate(), in_millis(500));
    environment.stream.publish(&created(order, due)).await;
    environment.handled().await;
    environment.db_written().await;
    environment.redis.kill().await.unwrap();
    eventually("the order is due", async || (in_millis(0) > due).then_some(())).await;
    environment.redis.restart().await.unwrap();
    assert_eq!(environment.expired(1).await, [order]);
}

#[tokio::test]
async fn an_order_that_is_created_while_redis_is_unavailable_is_scheduled_when_it_is_back() {
    let environment = Environment::new().await;
    let replica = environment.replica().await;
    environment.redis.kill().await.unwrap();
    let order = Id::generate();
    environment.stream.publish(&created(order, in_millis(0))).await;
    let readiness = replica.readiness().await.expect(200);
    assert!(readiness.body["parts"]["redis"].as_str().unwrap().starts_with("unavailable"), "{}", readiness.body);
    environment.redis.restart().await.unwrap();
    assert_eq!(environment.expired(1).await, [order]);
    assert!(dead_letters::list(environment.stream.broker().jetstream()).await.unwrap().is_empty());
    eventually("Redis answers", async || (replica.readiness().await.body["parts"]["redis"] == "ok").then_some(()))
        .await;
}

#[tokio::test]
async fn orders_that_become_due_while_the_broker_is_unavailable_expire_when_it_is_back() {
    let environment = Environment::new().await;
    let _replica = environment.replica().await;
    let orders: Vec<Id> = (0..50).map(|_| Id::generate()).collect();
    let due = in_millis(700);
    for order in &orders {
        environment.stream.publish(&created(*order, due)).await;
    }
    environment.handled().await;
    environment.nats.kill().await.unwrap();
    eventually("the orders are due", async || (in_millis(-200) > due).then_some(())).await;
    assert_eq!(environment.db_scheduled().await.len(), orders.len(), "they wait in the schedule");
    environment.nats.restart().await.unwrap();
    eventually("the broker is back", async || environment.stream.broker().ready().await.ok()).await;
    let mut expired = environment.expired(orders.len()).await;
    expired.sort();
    assert_eq!(expired, orders);
    environment.db_empty().await;
}

#[tokio::test]
async fn while_redis_is_full_orders_expire_and_are_removed_and_new_ones_are_left_to_the_orders_service() {
    let environment = Environment::new().await;
    let replica = environment.replica().await;
    let [due, ended, refused, last] = [Id::generate(), Id::generate(), Id::generate(), Id::generate()];
    environment.stream.publish(&created(due, in_millis(1500))).await;
    environment.stream.publish(&created(ended, tomorrow())).await;
    environment.handled().await;
    environment.db_maxmemory(1).await;
    environment.stream.publish(&created(refused, in_millis(0))).await;
    environment.stream.publish(&cancelled(ended)).await;
    environment.handled().await;
    // The gauge belongs to the process, in which the replicas of other tests set it too.
    eventually("it says that Redis is full", async || {
        environment.stream.publish(&created(Id::generate(), tomorrow())).await;
        environment.handled().await;
        replica.metrics().await.contains("expiration_redis_full 1\n").then_some(())
    })
    .await;
    assert_eq!(environment.expired(1).await, [due]);
    environment.db_empty().await;

    environment.db_maxmemory(0).await;
    eventually("it recovers by itself", async || {
        replica.metrics().await.contains("expiration_redis_full 0\n").then_some(())
    })
    .await;
    environment.stream.publish(&created(last, in_millis(0))).await;
    assert_eq!(environment.expired(2).await, [due, last]);
    assert!(dead_letters::list(environment.stream.broker().jetstream()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_redis_that_was_wiped_takes_what_comes_next() {
    let environment = Environment::new().await;
    let replica = environment.replica().await;
    let [lost, again, next] = [Id::generate(), Id::generate(), Id::generate()];
    for order in [lost, again] {
        environment.stream.publish(&created(order, in_millis(1000))).await;
    }
    environment.handled().await;
    environment.db_wipe().await;
    // The orders service publishes the state of an order again.
    environment.stream.publish(&created(again, in_millis(1000))).await;
    environment.stream.publish(&created(next, in_millis(1500))).await;
    assert_eq!(environment.expired(2).await, [again, next]);
    replica.readiness().await.expect(200);
    assert!(dead_letters::list(environment.stream.broker().jetstream()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_malformed_event_becomes_a_dead_letter_and_blocks_nobody() {
    let environment = Environment::new().await;
    let _replica = environment.replica().await;
    environment.stream.publish_raw("order.created", br#"{"id": "none"}"#).await;
    let order = Id::generate();
    environment.stream.publish(&created(order, in_millis(0))).await;
    environment.stream.publish(&created(Id::generate(), tomorrow())).await;
    assert_eq!(environment.expired(1).await, [order]);
    environment.handled().await;
    let letters = dead_letters::list(environment.stream.broker().jetstream()).await.unwrap();
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0].service.as_str(), letters[0].subject.as_str()), ("expiration", "order.created"));
}
