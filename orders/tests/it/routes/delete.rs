use common::events::{OrderCancelled, TicketRef};
use common::id::Id;
use common::testing::User;
use futures::future::join_all;
use serde_json::Value;

use crate::app::TestApp;

#[tokio::test]
async fn cancelling_answers_with_nothing_and_the_order_is_cancelled() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    assert_eq!(orders.cancel(&buyer, order).await.expect(204).body, Value::Null);
    assert_eq!(orders.status(&buyer, order).await, "cancelled");
}

#[tokio::test]
async fn a_cancellation_is_told_as_order_cancelled() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = orders.some_ticket().await;
    let id = orders.order(&buyer, ticket).await.expect(201).id();
    orders.cancel(&buyer, id).await.expect(204);
    let published = orders.stream.wait_for(1, |_: &OrderCancelled| true).await;
    assert_eq!(published, [OrderCancelled { id, version: 1, ticket: TicketRef { id: ticket } }]);
}

#[tokio::test]
async fn cancelling_twice_is_the_same_as_once() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.cancel(&buyer, order).await.expect(204);
    orders.cancel(&buyer, order).await.expect(204);
    assert_eq!(orders.show(&buyer, order).await.expect(200).body["version"], 1);
    assert_eq!(orders.published_ends(order).await, ["cancelled"]);
}

#[tokio::test]
async fn cancelling_many_times_at_once_is_the_same_as_once() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    for answer in join_all((0..20).map(|_| orders.cancel(&buyer, order))).await {
        answer.expect(204);
    }
    assert_eq!(orders.published_ends(order).await, ["cancelled"]);
}

#[tokio::test]
async fn a_completed_order_cannot_be_cancelled() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.pay(order).await;
    orders.cancel(&buyer, order).await.expect_errors(400, &[("Cannot cancel a completed order", None)]);
    assert_eq!(orders.status(&buyer, order).await, "complete");
    assert_eq!(orders.published_ends(order).await, ["complete"]);
}

#[tokio::test]
async fn somebody_elses_order_cannot_be_cancelled() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.cancel(&User::new(), order).await.expect_errors(401, &[("Not authorized", None)]);
    assert_eq!(orders.status(&buyer, order).await, "created");
}

#[tokio::test]
async fn somebody_else_is_not_told_that_an_order_is_complete() {
    let orders = TestApp::start().await;
    let order = orders.some_order(&User::new()).await;
    orders.pay(order).await;
    orders.cancel(&User::new(), order).await.expect_errors(401, &[("Not authorized", None)]);
}

#[tokio::test]
async fn an_unknown_order_is_not_found() {
    let orders = TestApp::start().await;
    orders.cancel(&User::new(), Id::generate()).await.expect_errors(404, &[("Not found", None)]);
}

#[tokio::test]
async fn a_malformed_id_is_not_found() {
    let (orders, user) = (TestApp::start().await, User::new());
    for id in ["1", "order", "65a1b2c3d4e5f60718293a4"] {
        let answer = orders.app.delete(Some(&user), &format!("/api/orders/{id}")).await;
        answer.expect_errors(404, &[("Not found", None)]);
    }
}
