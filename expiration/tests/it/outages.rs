use common::dead_letters;
use common::id::Id;
use common::testing::eventually;

use crate::app::{Ground, created, in_millis, tomorrow};

#[tokio::test]
async fn orders_expire_although_redis_was_killed_before_they_were_due() {
    let ground = Ground::new().await;
    let _replica = ground.replica().await;
    let (order, due) = (Id::generate(), in_millis(500));
    ground.stream.publish(&created(order, due)).await;
    ground.heard().await;
    ground.db_written().await;
    ground.redis.kill().await.unwrap();
    eventually("the order is due", async || (in_millis(0) > due).then_some(())).await;
    ground.redis.restart().await.unwrap();
    assert_eq!(ground.expired(1).await, [order]);
}

#[tokio::test]
async fn an_order_that_is_created_while_redis_is_away_is_scheduled_when_it_is_back() {
    let ground = Ground::new().await;
    let replica = ground.replica().await;
    ground.redis.kill().await.unwrap();
    let order = Id::generate();
    ground.stream.publish(&created(order, in_millis(0))).await;
    let readiness = replica.readiness().await.expect(503);
    assert!(readiness.body["parts"]["redis"].as_str().unwrap().starts_with("away"), "{}", readiness.body);
    ground.redis.restart().await.unwrap();
    assert_eq!(ground.expired(1).await, [order]);
    assert!(dead_letters::list(ground.stream.broker().jetstream()).await.unwrap().is_empty());
    eventually("ready again", async || (replica.readiness().await.status == 200).then_some(())).await;
}

#[tokio::test]
async fn orders_that_become_due_while_the_broker_is_away_expire_when_it_is_back() {
    let ground = Ground::new().await;
    let _replica = ground.replica().await;
    let orders: Vec<Id> = (0..50).map(|_| Id::generate()).collect();
    let due = in_millis(700);
    for order in &orders {
        ground.stream.publish(&created(*order, due)).await;
    }
    ground.heard().await;
    ground.nats.kill().await.unwrap();
    eventually("the orders are due", async || (in_millis(-200) > due).then_some(())).await;
    assert_eq!(ground.db_scheduled().await.len(), orders.len(), "they wait in the schedule");
    ground.nats.restart().await.unwrap();
    eventually("the broker is back", async || ground.stream.broker().ready().await.ok()).await;
    let mut expired = ground.expired(orders.len()).await;
    expired.sort();
    assert_eq!(expired, orders);
    ground.db_empty().await;
}

#[tokio::test]
async fn an_event_that_is_none_is_parked_and_holds_nobody_up() {
    let ground = Ground::new().await;
    let _replica = ground.replica().await;
    ground.stream.publish_raw("order.created", br#"{"id": "none"}"#).await;
    let order = Id::generate();
    ground.stream.publish(&created(order, in_millis(0))).await;
    ground.stream.publish(&created(Id::generate(), tomorrow())).await;
    assert_eq!(ground.expired(1).await, [order]);
    ground.heard().await;
    let parked = dead_letters::list(ground.stream.broker().jetstream()).await.unwrap();
    assert_eq!(parked.len(), 1);
    assert_eq!((parked[0].service.as_str(), parked[0].subject.as_str()), ("expiration", "order.created"));
}
