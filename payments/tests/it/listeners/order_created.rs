use common::testing::permutations;
use mongodb::bson::{DateTime, Document};

use crate::app::{TestApp, charge_left_behind, payment_left_behind, payment_of_the_original};
use crate::order::TestOrder;

/// The events of an order.
#[derive(Clone, Copy, Debug)]
enum OrderEvent {
    Created,
    Cancelled,
    Completed,
}

async fn publish(payments: &TestApp, order: &TestOrder, event: OrderEvent) {
    match event {
        OrderEvent::Created => payments.stream.publish(&order.created()).await,
        OrderEvent::Cancelled => payments.stream.publish(&order.cancelled()).await,
        OrderEvent::Completed => payments.stream.publish(&order.completed()).await,
    }
}

/// The replica after the events, without its id.
async fn replica(payments: &TestApp, order: &TestOrder) -> Document {
    payments.stream.wait_until_handled(payments::NAME).await;
    let mut replica = payments.db_order(order.id).await.unwrap();
    replica.remove("_id");
    replica
}

#[tokio::test]
async fn an_order_is_stored_as_the_node_original_stores_it() {
    let payments = TestApp::start().await;
    let order = payments.order().await;
    assert_eq!(payments.db_order(order.id).await.unwrap(), order.replica("created"));
}

#[tokio::test]
async fn events_in_every_order_and_twice_end_in_the_same_state() {
    let payments = TestApp::start().await;
    for (last, status) in [(OrderEvent::Cancelled, "cancelled"), (OrderEvent::Completed, "complete")] {
        for events in permutations(&[OrderEvent::Created, OrderEvent::Created, last, last]) {
            let order = TestOrder::new();
            for event in &events {
                publish(&payments, &order, *event).await;
            }
            let mut expected = order.replica(status);
            expected.remove("_id");
            assert_eq!(replica(&payments, &order).await, expected, "{events:?}");
        }
    }
}

#[tokio::test]
async fn whatever_order_the_events_come_in_the_money_ends_where_the_order_does() {
    let payments = TestApp::start().await;
    for (last, status) in [(OrderEvent::Cancelled, "voided"), (OrderEvent::Completed, "captured")] {
        for events in permutations(&[OrderEvent::Created, last, last]) {
            let order = TestOrder::new();
            let mut held = payment_left_behind(&order, "authorised");
            // Not due for the sweep: the listeners alone have to do it.
            held.insert("dueAt", DateTime::MAX);
            payments.db_insert("sandbox", charge_left_behind(&held, "authorised")).await;
            payments.db_insert("payments", held).await;
            for event in &events {
                publish(&payments, &order, *event).await;
            }
            payments.wait_for_status(&order, status).await;
            assert_eq!(payments.db_charge(&order).await, status, "{events:?}");
        }
    }
}

#[tokio::test]
async fn of_all_three_the_newest_version_wins_in_every_order() {
    let payments = TestApp::start().await;
    for events in permutations(&[OrderEvent::Created, OrderEvent::Completed, OrderEvent::Cancelled]) {
        let order = TestOrder::new();
        for event in &events {
            match event {
                // No order does this. Should one ever, all replicas agree on it.
                OrderEvent::Cancelled => {
                    let mut event = order.cancelled();
                    event.version = 2;
                    payments.stream.publish(&event).await;
                }
                other => publish(&payments, &order, *other).await,
            }
        }
        let stored = replica(&payments, &order).await;
        assert_eq!(stored.get_str("status").unwrap(), "cancelled", "{events:?}");
        assert_eq!(stored.get_i32("version").unwrap(), 2, "{events:?}");
        assert_eq!(stored.get_str("userId").unwrap(), order.buyer.id.to_string(), "{events:?}");
    }
}

#[tokio::test]
async fn two_replicas_of_the_service_take_in_the_same_order_at_the_same_time() {
    let payments = TestApp::start().await;
    let _second = payments.replica().await;
    let orders: Vec<TestOrder> = (0..50).map(|_| TestOrder::new()).collect();
    for order in &orders {
        publish(&payments, order, OrderEvent::Completed).await;
        publish(&payments, order, OrderEvent::Created).await;
    }
    for order in &orders {
        assert_eq!(replica(&payments, order).await.get_str("status").unwrap(), "complete");
    }
}

#[tokio::test]
async fn the_order_that_a_captured_payment_waits_for_brings_its_refund() {
    let payments = TestApp::start().await;
    let order = TestOrder::new();
    payments.db_insert("payments", payment_of_the_original(&order)).await;
    payments.publish(&order.cancelled()).await;
    assert!(!payments.db_payment(&order).await.contains_key("status"), "nobody knows how much it was");
    payments.publish(&order.created()).await;
    payments.wait_for_status(&order, "refunded").await;
}
