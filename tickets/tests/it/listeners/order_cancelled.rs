use common::events::TicketUpdated;
use common::id::Id;
use serde_json::json;

use crate::app::{OrderEvent, TestApp};

#[tokio::test]
async fn a_cancelled_order_releases_its_ticket() {
    let tickets = TestApp::start().await;
    let id = tickets.some_ticket().await;
    let order = tickets.order(id).await;
    tickets.cancel(order, id).await;
    let shown = tickets.show(id).await;
    assert_eq!((shown.get("orderId"), &shown["version"]), (None, &json!(2)));
    assert!(!tickets.db_ticket(id).await.contains_key("orderId"));
}

#[tokio::test]
async fn a_release_is_published_as_ticket_updated_without_an_order() {
    let tickets = TestApp::start().await;
    let id = tickets.some_ticket().await;
    let order = tickets.order(id).await;
    tickets.cancel(order, id).await;
    let published = tickets.stream.wait_for(2, |_: &TicketUpdated| true).await;
    assert_eq!((published[1].version, published[1].order_id), (2, None));
}

#[tokio::test]
async fn an_order_that_was_cancelled_before_its_creation_was_handled_does_not_reserve_the_ticket() {
    let tickets = TestApp::start().await;
    let (id, order) = (tickets.some_ticket().await, Id::generate());
    tickets.cancel(order, id).await;
    tickets.publish(order, id, OrderEvent::Created).await;
    tickets.handled().await;
    assert_eq!(tickets.list().await, [id]);
}

#[tokio::test]
async fn a_late_cancellation_leaves_the_ticket_to_the_next_order() {
    let tickets = TestApp::start().await;
    let id = tickets.some_ticket().await;
    let first = tickets.order(id).await;
    tickets.cancel(first, id).await;
    let second = tickets.order(id).await;
    tickets.cancel(first, id).await;
    assert_eq!(tickets.show(id).await["orderId"], json!(second));
}

#[tokio::test]
async fn a_cancellation_that_comes_after_the_next_order_hands_the_ticket_to_it() {
    let tickets = TestApp::start().await;
    let id = tickets.some_ticket().await;
    let first = tickets.order(id).await;
    let second = tickets.order(id).await;
    assert_eq!(tickets.show(id).await["orderId"], json!(first));
    tickets.cancel(first, id).await;
    assert_eq!(tickets.show(id).await["orderId"], json!(second));
}

/// Its money could not be captured.
#[tokio::test]
async fn a_complete_order_that_is_cancelled_releases_its_ticket_whenever_its_completion_is_handled() {
    let tickets = TestApp::start().await;
    for events in [[OrderEvent::Completed, OrderEvent::Cancelled], [OrderEvent::Cancelled, OrderEvent::Completed]] {
        let id = tickets.some_ticket().await;
        let order = tickets.order(id).await;
        for event in events {
            tickets.publish(order, id, event).await;
            tickets.handled().await;
        }
        assert_eq!(tickets.show(id).await.get("orderId"), None, "{events:?}");
    }
}

#[tokio::test]
async fn a_cancellation_of_an_unknown_ticket_becomes_a_dead_letter() {
    let tickets = TestApp::start().await;
    tickets.cancel(Id::generate(), Id::generate()).await;
    let subjects: Vec<String> = tickets.dead_letters().await.into_iter().map(|letter| letter.subject).collect();
    assert_eq!(subjects, ["order.cancelled"]);
}
