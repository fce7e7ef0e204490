use common::events::{OrderCancelled, OrderCompleted, PricedTicket};
use common::id::Id;
use common::money::Money;
use common::testing::User;
use serde_json::json;

use crate::app::TestApp;

#[tokio::test]
async fn a_payment_completes_the_order() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.pay(order).await;
    let shown = orders.show(&buyer, order).await.expect(200).body;
    assert_eq!((&shown["status"], &shown["version"]), (&json!("complete"), &json!(1)));
}

#[tokio::test]
async fn a_completion_is_told_as_order_completed_with_seller_title_and_price_as_the_buyer_saw_them() {
    let (orders, buyer, seller) = (TestApp::start().await, User::new(), Id::generate());
    let ticket = orders.ticket_of(seller).await;
    let id = orders.order(&buyer, ticket).await.expect(201).id();
    orders.edit_ticket(ticket, 1, "Opera", Money::from_cents(9900)).await;
    orders.pay(id).await;
    let published = orders.stream.wait_for(1, |_: &OrderCompleted| true).await;
    let paid = PricedTicket { id: ticket, price: Money::from_cents(2000) };
    let (title, seller_id) = (Some("Concert".to_owned()), Some(seller));
    assert_eq!(published, [OrderCompleted { id, version: 1, user_id: buyer.id, ticket: paid, title, seller_id }]);
}

#[tokio::test]
async fn a_repeated_payment_completes_the_order_once_and_publishes_its_end_again() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.pay(order).await;
    orders.pay(order).await;
    assert_eq!(orders.show(&buyer, order).await.expect(200).body["version"], 1);
    // Payments publishes it again because it does not know of the order's end.
    let published = orders.stream.wait_for(2, |event: &OrderCompleted| event.id == order).await;
    assert_eq!(published[0], published[1]);
}

#[tokio::test]
async fn a_payment_that_comes_too_late_leaves_the_order_cancelled_and_publishes_that_again() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.cancel(&buyer, order).await.expect(204);
    orders.pay(order).await;
    assert_eq!(orders.status(&buyer, order).await, "cancelled");
    let published = orders.stream.wait_for(2, |event: &OrderCancelled| event.id == order).await;
    assert_eq!(published[0], published[1]);
    assert_eq!(orders.ends(order).await, ["cancelled"]);
    assert!(orders.dead_letters().await.is_empty());
}

#[tokio::test]
async fn a_payment_completes_the_order_also_after_its_deadline() {
    let (orders, buyer) = (TestApp::start_with_window("0").await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.pay(order).await;
    assert_eq!(orders.status(&buyer, order).await, "complete");
}

#[tokio::test]
async fn a_payment_of_an_unknown_order_is_no_dead_letter_and_blocks_nobody() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.pay(Id::generate()).await;
    orders.pay(order).await;
    assert_eq!(orders.status(&buyer, order).await, "complete");
    assert!(orders.dead_letters().await.is_empty());
}
