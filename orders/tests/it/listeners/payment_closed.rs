use common::events::{OrderCancelled, TicketRef};
use common::id::Id;
use common::testing::User;

use crate::app::TestApp;

#[tokio::test]
async fn an_order_that_was_not_paid_in_time_is_cancelled_with_time_as_the_cause() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.close(order).await;
    assert_eq!(orders.status(&buyer, order).await, "cancelled");
    assert_eq!(orders.db_order(order).await.get_str("cancelledBy").unwrap(), "time");
}

#[tokio::test]
async fn the_end_of_its_time_is_published_as_order_cancelled() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = orders.some_ticket().await;
    let id = orders.order(&buyer, ticket).await.expect(201).id();
    orders.close(id).await;
    let published = orders.stream.wait_for(1, |_: &OrderCancelled| true).await;
    assert_eq!(published, [OrderCancelled { id, version: 1, ticket: TicketRef { id: ticket } }]);
}

#[tokio::test]
async fn the_ticket_of_a_closed_order_can_be_ordered_again() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = orders.some_ticket().await;
    let order = orders.order(&buyer, ticket).await.expect(201).id();
    orders.close(order).await;
    orders.order(&User::new(), ticket).await.expect(201);
}

#[tokio::test]
async fn a_repeated_closing_cancels_the_order_once() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.close(order).await;
    orders.close(order).await;
    assert_eq!(orders.published_ends(order).await, ["cancelled"]);
}

#[tokio::test]
async fn an_order_that_its_buyer_cancelled_keeps_this_cause() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.cancel(&buyer, order).await.expect(204);
    orders.close(order).await;
    assert_eq!(orders.db_order(order).await.get_str("cancelledBy").unwrap(), "buyer");
    assert_eq!(orders.published_ends(order).await, ["cancelled"]);
}

#[tokio::test]
async fn a_complete_order_is_never_closed() {
    let (orders, buyer) = (TestApp::start_with_window("0").await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.pay(order).await;
    orders.close(order).await;
    assert_eq!(orders.status(&buyer, order).await, "complete");
    assert_eq!(orders.published_ends(order).await, ["complete"]);
    assert!(orders.dead_letters().await.is_empty());
}

#[tokio::test]
async fn a_closing_of_an_unknown_order_becomes_a_dead_letter_and_blocks_nobody() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.close(Id::generate()).await;
    orders.close(order).await;
    assert_eq!(orders.status(&buyer, order).await, "cancelled");
    let letters = orders.dead_letters().await;
    assert_eq!((letters.len(), letters[0].subject.as_str()), (1, "payment.closed"));
}
