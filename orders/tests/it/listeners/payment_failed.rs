use common::events::OrderCancelled;
use common::id::Id;
use common::testing::User;

use crate::app::TestApp;

#[tokio::test]
async fn a_complete_order_whose_payment_failed_is_cancelled_with_payment_as_the_cause() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.pay(order).await;
    orders.fail(order).await;
    assert_eq!(orders.status(&buyer, order).await, "cancelled");
    assert_eq!(orders.db_order(order).await.get_str("cancelledBy").unwrap(), "payment");
    let published = orders.stream.wait_for(1, |_: &OrderCancelled| true).await;
    assert_eq!((published[0].id, published[0].version), (order, 2));
}

#[tokio::test]
async fn an_open_order_whose_payment_failed_is_cancelled() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.fail(order).await;
    assert_eq!(orders.status(&buyer, order).await, "cancelled");
}

#[tokio::test]
async fn its_ticket_can_be_ordered_again() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = orders.some_ticket().await;
    let order = orders.order(&buyer, ticket).await.expect(201).id();
    orders.pay(order).await;
    orders.fail(order).await;
    orders.order(&User::new(), ticket).await.expect(201);
}

#[tokio::test]
async fn a_repeated_failure_changes_nothing_and_publishes_the_end_again() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.pay(order).await;
    orders.fail(order).await;
    orders.fail(order).await;
    let published = orders.stream.wait_for(2, |event: &OrderCancelled| event.id == order).await;
    assert_eq!(published[0], published[1]);
    assert_eq!(orders.show(&buyer, order).await.expect(200).body["version"], 2);
}

#[tokio::test]
async fn a_failure_of_an_unknown_order_becomes_a_dead_letter() {
    let orders = TestApp::start().await;
    orders.fail(Id::generate()).await;
    assert_eq!(orders.dead_letters().await[0].subject, "payment.failed");
}
