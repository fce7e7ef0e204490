use common::api::SessionBody;
use common::events::{StateRequested, TICKET};
use common::id::Id;
use common::money::Money;
use common::testing::User;
use common::timestamp::Timestamp;
use mongodb::bson::Document;
use serde_json::json;

use crate::app::{Ended, TestApp};

#[tokio::test]
async fn an_order_is_shown_as_it_was_answered() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = orders.some_ticket().await;
    let answer = orders.order(&buyer, ticket).await.expect(201);
    assert_eq!(orders.show(&buyer, answer.id()).await.expect(200).body, answer.body);
}

#[tokio::test]
async fn an_order_keeps_the_title_and_price_that_its_buyer_saw() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = orders.some_ticket().await;
    let order = orders.order(&buyer, ticket).await.expect(201).id();
    orders.edit_ticket(ticket, 1, "Opera", Money::from_cents(9900)).await;
    let expected = json!({"id": ticket, "title": "Concert", "price": 20, "version": 1});
    assert_eq!(orders.show(&buyer, order).await.expect(200).body["ticket"], expected);
}

#[tokio::test]
async fn an_order_whose_ticket_is_unknown_is_shown_with_what_it_knows_and_the_ticket_is_requested() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = orders.some_ticket().await;
    let order = orders.order(&buyer, ticket).await.expect(201).id();
    orders.database().collection::<Document>("tickets").drop().await.unwrap();
    let expected = json!({"id": ticket, "title": "Concert", "price": 20, "version": 0});
    assert_eq!(orders.show(&buyer, order).await.expect(200).body["ticket"], expected);
    let requested = orders.stream.wait_for(1, |request: &StateRequested| request.id.is_some()).await;
    assert_eq!((requested[0].of.as_str(), requested[0].id), (TICKET, Some(ticket)));
}

#[tokio::test]
async fn a_cancelled_order_is_still_shown() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.cancel(&buyer, order).await.expect(204);
    let shown = orders.show(&buyer, order).await.expect(200).body;
    assert_eq!((&shown["status"], &shown["version"]), (&json!("cancelled"), &json!(1)));
}

#[tokio::test]
async fn somebody_elses_order_is_not_shown() {
    let orders = TestApp::start().await;
    let order = orders.some_order(&User::new()).await;
    orders.show(&User::new(), order).await.expect_errors(401, &[("Not authorized", None)]);
}

#[tokio::test]
async fn an_operator_sees_every_order_and_changes_none() {
    let (operator, buyer) = (User::new(), User::new());
    let orders = Ended::new(&[("admin-ids", &operator.id.to_string())]).await.start_again().await;
    let order = orders.some_order(&buyer).await;
    let own = orders.show(&buyer, order).await.expect(200).body;
    assert_eq!(orders.show(&operator, order).await.expect(200).body, own);
    orders.cancel(&operator, order).await.expect(401);
    assert_eq!(orders.app.get(Some(&operator), "/api/orders").await.expect(200).body, json!([]));
    orders.show(&operator, Id::generate()).await.expect(404);
    // The same account as long as its address is not proved.
    let (email, iat) = ("operator@example.com".to_owned(), Timestamp::now().millis() / 1000);
    let unproven = User::with_session(&SessionBody { id: operator.id, email, iat, verified: false });
    orders.show(&unproven, order).await.expect_errors(401, &[("Not authorized", None)]);
}

#[tokio::test]
async fn an_unknown_order_is_not_found() {
    let orders = TestApp::start().await;
    orders.show(&User::new(), Id::generate()).await.expect_errors(404, &[("Not found", None)]);
}

#[tokio::test]
async fn a_malformed_id_is_not_found() {
    let (orders, user) = (TestApp::start().await, User::new());
    for id in ["1", "order", "65a1b2c3d4e5f60718293a4", "65a1b2c3d4e5f60718293a4bc", "%FF"] {
        let answer = orders.app.get(Some(&user), &format!("/api/orders/{id}")).await;
        answer.expect_errors(404, &[("Not found", None)]);
    }
}
