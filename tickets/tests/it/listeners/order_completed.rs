use common::events::TicketUpdated;
use common::id::Id;
use serde_json::json;

use crate::app::{OrderEvent, TestApp};

#[tokio::test]
async fn a_paid_order_keeps_its_ticket() {
    let tickets = TestApp::start().await;
    let id = tickets.some_ticket().await;
    let order = tickets.order(id).await;
    tickets.complete(order, id).await;
    assert_eq!(tickets.show(id).await["orderId"], json!(order));
    assert!(tickets.list().await.is_empty());
}

#[tokio::test]
async fn a_sale_is_published_as_ticket_updated() {
    let tickets = TestApp::start().await;
    let id = tickets.some_ticket().await;
    let order = tickets.order(id).await;
    tickets.complete(order, id).await;
    let published = tickets.stream.wait_for(2, |_: &TicketUpdated| true).await;
    assert_eq!((published[1].version, published[1].order_id), (2, Some(order)));
}

#[tokio::test]
async fn an_order_whose_completion_is_handled_first_has_its_ticket() {
    let tickets = TestApp::start().await;
    let (id, order) = (tickets.some_ticket().await, Id::generate());
    tickets.complete(order, id).await;
    tickets.publish(order, id, OrderEvent::Created).await;
    tickets.handled().await;
    assert_eq!(tickets.show(id).await["orderId"], json!(order));
}

#[tokio::test]
async fn a_sold_ticket_is_not_released_by_another_order() {
    let tickets = TestApp::start().await;
    let id = tickets.some_ticket().await;
    let order = tickets.order(id).await;
    tickets.complete(order, id).await;
    tickets.cancel(Id::generate(), id).await;
    assert_eq!(tickets.show(id).await["orderId"], json!(order));
}
