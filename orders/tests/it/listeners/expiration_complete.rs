use std::time::Duration;

use common::events::{ExpirationComplete, OrderCancelled, TicketRef};
use common::id::Id;
use common::testing::User;
use common::timestamp::Timestamp;

use crate::app::TestApp;

#[tokio::test]
async fn a_due_order_is_cancelled() {
    let (orders, buyer) = (TestApp::start_with_window("0").await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.expire(order).await;
    assert_eq!(orders.status(&buyer, order).await, "cancelled");
}

#[tokio::test]
async fn an_expiration_is_told_as_order_cancelled() {
    let (orders, buyer) = (TestApp::start_with_window("0").await, User::new());
    let ticket = orders.some_ticket().await;
    let id = orders.order(&buyer, ticket).await.expect(201).id();
    orders.expire(id).await;
    let published = orders.stream.wait_for(1, |_: &OrderCancelled| true).await;
    assert_eq!(published, [OrderCancelled { id, version: 1, ticket: TicketRef { id: ticket } }]);
}

#[tokio::test]
async fn the_ticket_of_an_expired_order_can_be_ordered_again() {
    let (orders, buyer) = (TestApp::start_with_window("0").await, User::new());
    let ticket = orders.some_ticket().await;
    let order = orders.order(&buyer, ticket).await.expect(201).id();
    orders.expire(order).await;
    orders.order(&User::new(), ticket).await.expect(201);
}

#[tokio::test]
async fn an_expiration_that_is_told_twice_cancels_the_order_once() {
    let (orders, buyer) = (TestApp::start_with_window("0").await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.expire(order).await;
    orders.expire(order).await;
    assert_eq!(orders.published_ends(order).await, ["cancelled"]);
}

#[tokio::test]
async fn a_complete_order_does_not_expire() {
    let (orders, buyer) = (TestApp::start_with_window("0").await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.pay(order).await;
    orders.expire(order).await;
    assert_eq!(orders.status(&buyer, order).await, "complete");
    assert_eq!(orders.published_ends(order).await, ["complete"]);
    assert!(orders.dead_letters().await.is_empty());
}

#[tokio::test]
async fn a_cancelled_order_does_not_expire_again() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.cancel(&buyer, order).await.expect(204);
    orders.expire(order).await;
    assert_eq!(orders.published_ends(order).await, ["cancelled"]);
    assert!(orders.dead_letters().await.is_empty());
}

#[tokio::test]
async fn an_expiration_a_moment_too_early_waits_for_the_deadline() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let deadline = Timestamp::now().after(Duration::from_millis(500));
    let order = orders.db_insert_order(&buyer, deadline).await;
    orders.stream.publish(&ExpirationComplete { order_id: order, expires_at: None }).await;
    orders.stream.wait_for(1, |event: &OrderCancelled| event.id == order).await;
    assert!(Timestamp::now() >= deadline);
}

#[tokio::test]
async fn an_expiration_long_before_the_deadline_becomes_a_dead_letter_and_the_order_lives_on() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.expire(order).await;
    assert_eq!(orders.status(&buyer, order).await, "created");
    let letters = orders.dead_letters().await;
    assert_eq!((letters.len(), letters[0].reason.as_str()), (1, "the order is not due yet"));
}

#[tokio::test]
async fn an_expiration_long_before_the_deadline_does_not_hold_up_the_payment() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.stream.publish(&ExpirationComplete { order_id: order, expires_at: None }).await;
    orders.pay(order).await;
    assert_eq!(orders.status(&buyer, order).await, "complete");
}

#[tokio::test]
async fn an_expiration_of_an_unknown_order_becomes_a_dead_letter_and_blocks_nobody() {
    let (orders, buyer) = (TestApp::start_with_window("0").await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.expire(Id::generate()).await;
    orders.expire(order).await;
    assert_eq!(orders.status(&buyer, order).await, "cancelled");
    let letters = orders.dead_letters().await;
    assert_eq!((letters.len(), letters[0].subject.as_str()), (1, "expiration.complete"));
}
