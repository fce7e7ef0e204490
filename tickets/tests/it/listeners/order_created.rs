use common::events::TicketUpdated;
use common::id::Id;
use common::money::Money;
use common::testing::User;
use serde_json::json;

use crate::app::{DEADLINE, OrderEvent, TestApp};

#[tokio::test]
async fn an_order_reserves_its_ticket() {
    let tickets = TestApp::start().await;
    let id = tickets.some_ticket().await;
    let order = tickets.order(id).await;
    let shown = tickets.show(id).await;
    assert_eq!((&shown["orderId"], &shown["version"]), (&json!(order), &json!(1)));
}

#[tokio::test]
async fn the_order_is_stored_where_the_original_keeps_it() {
    let tickets = TestApp::start().await;
    let id = tickets.some_ticket().await;
    let order = tickets.order(id).await;
    assert_eq!(tickets.db_ticket(id).await.get_str("orderId").unwrap(), order.to_string());
}

#[tokio::test]
async fn a_reservation_is_published_as_ticket_updated() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = tickets.offer(&seller, "Concert", 20).await.expect(201).id();
    let order = tickets.order(id).await;
    let published = tickets.stream.wait_for(1, |_: &TicketUpdated| true).await;
    let (title, price) = ("Concert".to_owned(), Money::from_cents(2000));
    let updated =
        TicketUpdated { id, version: 1, title, price, user_id: seller.id, order_id: Some(order), starts_at: None };
    assert_eq!(published, [updated]);
}

#[tokio::test]
async fn an_order_that_is_published_twice_changes_the_ticket_once() {
    let tickets = TestApp::start().await;
    let id = tickets.some_ticket().await;
    let order = tickets.order(id).await;
    tickets.publish(order, id, OrderEvent::Created).await;
    tickets.handled().await;
    assert_eq!(tickets.show(id).await["version"], 1);
    tickets.db_all_published().await;
    assert_eq!(tickets.stream.published::<TicketUpdated>().await.len(), 1);
}

#[tokio::test]
async fn an_order_that_is_published_again_after_its_end_changes_nothing() {
    let tickets = TestApp::start().await;
    for end in [OrderEvent::Completed, OrderEvent::Cancelled] {
        let id = tickets.some_ticket().await;
        let order = tickets.order(id).await;
        tickets.publish(order, id, end).await;
        tickets.handled().await;
        let ended = tickets.show(id).await;
        for event in [OrderEvent::Created, end] {
            tickets.publish(order, id, event).await;
            tickets.handled().await;
            assert_eq!(tickets.show(id).await, ended, "{event:?} after {end:?}");
        }
    }
}

#[tokio::test]
async fn the_reservation_keeps_the_deadline_of_its_order() {
    let tickets = TestApp::start().await;
    let id = tickets.some_ticket().await;
    tickets.order_until(id, DEADLINE).await;
    let stored = tickets.db_ticket(id).await;
    let reservation = stored.get_document("reservations").unwrap().get_array("orders").unwrap()[0].clone();
    assert_eq!(reservation.as_document().unwrap().get_str("deadline").unwrap(), DEADLINE.to_string());
}

#[tokio::test]
async fn an_order_of_an_unknown_ticket_is_no_dead_letter_and_blocks_nobody() {
    let tickets = TestApp::start().await;
    let id = tickets.some_ticket().await;
    let (lost, order) = (Id::generate(), Id::generate());
    tickets.publish(lost, Id::generate(), OrderEvent::Created).await;
    tickets.publish(order, id, OrderEvent::Created).await;
    tickets.handled().await;
    assert_eq!(tickets.show(id).await["orderId"], json!(order));
    assert!(tickets.dead_letters().await.is_empty());
}

#[tokio::test]
async fn a_malformed_order_becomes_a_dead_letter_and_blocks_nobody() {
    let tickets = TestApp::start().await;
    let id = tickets.some_ticket().await;
    tickets.stream.publish_raw("order.created", b"{\"id\": 1}").await;
    let order = tickets.order(id).await;
    assert_eq!(tickets.show(id).await["orderId"], json!(order));
    assert_eq!(tickets.dead_letters().await[0].payload.as_ref(), b"{\"id\": 1}");
}
