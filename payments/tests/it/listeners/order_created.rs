use common::testing::permutations;
use mongodb::bson::{DateTime, Document};

use crate::app::{TestApp, charge_left_behind, payment_left_behind, payment_of_the_original};
use crate::order::TestOrder;

/// What can be told of an order.
#[derive(Clone, Copy, Debug)]
enum News {
    Created,
    Cancelled,
    Completed,
}

async fn tell(payments: &TestApp, order: &TestOrder, news: News) {
    match news {
        News::Created => payments.stream.publish(&order.created()).await,
        News::Cancelled => payments.stream.publish(&order.cancelled()).await,
        News::Completed => payments.stream.publish(&order.completed()).await,
    }
}

/// The replica after the news, whatever it is of.
async fn replica(payments: &TestApp, order: &TestOrder) -> Document {
    payments.stream.wait_until_heard(payments::NAME).await;
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
async fn news_in_every_order_and_twice_end_in_the_same_state() {
    let payments = TestApp::start().await;
    for (last, status) in [(News::Cancelled, "cancelled"), (News::Completed, "complete")] {
        for news in permutations(&[News::Created, News::Created, last, last]) {
            let order = TestOrder::new();
            for news in &news {
                tell(&payments, &order, *news).await;
            }
            let mut expected = order.replica(status);
            expected.remove("_id");
            assert_eq!(replica(&payments, &order).await, expected, "{news:?}");
        }
    }
}

#[tokio::test]
async fn whatever_order_the_news_come_in_the_money_ends_where_the_order_does() {
    let payments = TestApp::start().await;
    for (last, status) in [(News::Cancelled, "voided"), (News::Completed, "captured")] {
        for news in permutations(&[News::Created, last, last]) {
            let order = TestOrder::new();
            let mut held = payment_left_behind(&order, "authorised");
            // Not due for the sweep: the listeners alone have to do it.
            held.insert("dueAt", DateTime::MAX);
            payments.db_insert("sandbox", charge_left_behind(&held, "authorised")).await;
            payments.db_insert("payments", held).await;
            for news in &news {
                tell(&payments, &order, *news).await;
            }
            payments.wait_for_status(&order, status).await;
            assert_eq!(payments.db_charge(&order).await, status, "{news:?}");
        }
    }
}

#[tokio::test]
async fn of_all_three_the_newest_version_wins_in_every_order() {
    let payments = TestApp::start().await;
    for news in permutations(&[News::Created, News::Completed, News::Cancelled]) {
        let order = TestOrder::new();
        for news in &news {
            match news {
                // No order does this. Should one ever, all replicas agree on it.
                News::Cancelled => {
                    let mut event = order.cancelled();
                    event.version = 2;
                    payments.stream.publish(&event).await;
                }
                other => tell(&payments, &order, *other).await,
            }
        }
        let stored = replica(&payments, &order).await;
        assert_eq!(stored.get_str("status").unwrap(), "cancelled", "{news:?}");
        assert_eq!(stored.get_i32("version").unwrap(), 2, "{news:?}");
        assert_eq!(stored.get_str("userId").unwrap(), order.buyer.id.to_string(), "{news:?}");
    }
}

#[tokio::test]
async fn two_replicas_of_the_service_take_in_the_same_order_at_the_same_time() {
    let payments = TestApp::start().await;
    let _second = payments.replica().await;
    let orders: Vec<TestOrder> = (0..50).map(|_| TestOrder::new()).collect();
    for order in &orders {
        tell(&payments, order, News::Completed).await;
        tell(&payments, order, News::Created).await;
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
    payments.tell(&order.cancelled()).await;
    assert!(!payments.db_payment(&order).await.contains_key("status"), "nobody knows how much it was");
    payments.tell(&order.created()).await;
    payments.wait_for_status(&order, "refunded").await;
}
