use common::events::{ORDER, OrderCancelled, OrderCompleted, OrderCreated, StateRequested, TICKET};
use common::id::Id;
use common::testing::User;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{DateTime, doc};

use crate::app::TestApp;

async fn request(orders: &TestApp, of: &str, id: Id) {
    let request = StateRequested { service: "tickets".to_owned(), of: of.to_owned(), id: Some(id), since: None };
    orders.stream.publish(&request).await;
    orders.handled().await;
}

#[tokio::test]
async fn an_order_is_published_again_as_it_is_now() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let [open, complete, cancelled] =
        [orders.some_order(&buyer).await, orders.some_order(&buyer).await, orders.some_order(&buyer).await];
    orders.pay(complete).await;
    orders.cancel(&buyer, cancelled).await.expect(204);
    orders.db_all_published().await;
    for order in [open, complete, cancelled] {
        request(&orders, ORDER, order).await;
    }
    let created = orders.stream.wait_for(2, |event: &OrderCreated| event.id == open).await;
    assert_eq!(created[0], created[1]);
    let completed = orders.stream.wait_for(2, |event: &OrderCompleted| event.id == complete).await;
    assert_eq!(completed[0], completed[1]);
    let cancelled = orders.stream.wait_for(2, |event: &OrderCancelled| event.id == cancelled).await;
    assert_eq!(cancelled[0], cancelled[1]);
}

#[tokio::test]
async fn a_request_for_another_kind_or_an_unknown_order_publishes_nothing() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    request(&orders, TICKET, order).await;
    request(&orders, ORDER, Id::generate()).await;
    assert!(orders.dead_letters().await.is_empty());
    orders.stop().await.stream.wait_for(1, |event: &OrderCreated| event.id == order).await;
}

#[tokio::test]
async fn an_order_of_the_original_is_published_with_the_price_of_its_ticket() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let (ticket, id) = (orders.some_ticket().await, Id::generate());
    let order = doc! {
        "_id": ObjectId::from(id), "userId": buyer.id.to_string(), "status": "complete", "version": 3,
        "expiresAt": DateTime::from_millis(1_600_000_000_000), "ticket": ObjectId::from(ticket)
    };
    orders.db_insert("orders", order).await;
    request(&orders, ORDER, id).await;
    let published = orders.stream.wait_for(1, |event: &OrderCompleted| event.id == id).await;
    assert_eq!((published[0].version, published[0].ticket.price.cents()), (4, 2000));
}
