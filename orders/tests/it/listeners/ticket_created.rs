use common::id::Id;
use common::testing::User;
use serde_json::json;

use crate::app::{TestApp, ticket};

#[tokio::test]
async fn a_ticket_is_known_from_its_event_on() {
    let (orders, seller) = (TestApp::start().await, Id::generate());
    let id = orders.ticket_of(seller).await;
    let stored = orders.db_ticket(id).await;
    assert_eq!((stored.get_str("title").unwrap(), stored.get_i32("price").unwrap()), ("Concert", 20));
    assert_eq!(stored.get_i32("version").unwrap(), 0);
    assert_eq!(stored.get_str("userId").unwrap(), seller.to_string());
}

#[tokio::test]
async fn a_ticket_that_is_told_twice_is_known_once() {
    let orders = TestApp::start().await;
    let event = ticket(Id::generate(), Id::generate());
    for _ in 0..2 {
        orders.stream.publish(&event).await;
        orders.handled().await;
    }
    let answer = orders.order(&User::new(), event.id).await.expect(201);
    assert_eq!(answer.body["ticket"]["version"], json!(0));
    assert!(orders.dead_letters().await.is_empty());
}

#[tokio::test]
async fn a_malformed_ticket_becomes_a_dead_letter_and_blocks_nobody() {
    let orders = TestApp::start().await;
    orders.stream.publish_raw("ticket.created", b"{\"id\": 1}").await;
    let ticket = orders.some_ticket().await;
    orders.order(&User::new(), ticket).await.expect(201);
    let letters = orders.dead_letters().await;
    assert_eq!((letters.len(), letters[0].subject.as_str()), (1, "ticket.created"));
}
