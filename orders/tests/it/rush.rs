use common::testing::{User, eventually};
use mongodb::bson::{Document, doc, oid::ObjectId};

use crate::app::TestApp;

#[tokio::test]
async fn who_comes_just_after_another_is_refused_from_memory_and_a_second_later_the_database_decides() {
    let orders = TestApp::start().await;
    let (ann, bob) = (User::new(), User::new());
    // On a loaded machine the second may be over before the refused one asks: then another ticket is tried.
    let ticket = eventually("a refusal from memory", async || {
        let ticket = orders.some_ticket().await;
        let order = orders.order(&ann, ticket).await.expect(201).id();
        let stored = orders.database().collection::<Document>("orders");
        stored.delete_one(doc! {"_id": ObjectId::from(order)}).await.unwrap();
        (orders.order(&bob, ticket).await.status == 400).then_some(ticket)
    })
    .await;
    eventually("the ticket is ordered", async || (orders.order(&bob, ticket).await.status == 201).then_some(())).await;
}

#[tokio::test]
async fn a_cancelled_ticket_is_free_at_once() {
    let orders = TestApp::start().await;
    let (ann, bob) = (User::new(), User::new());
    let ticket = orders.some_ticket().await;
    let order = orders.order(&ann, ticket).await.expect(201).id();
    orders.order(&bob, ticket).await.expect(400);
    orders.cancel(&ann, order).await.expect(204);
    orders.order(&bob, ticket).await.expect(201);
}
