use common::id::Id;
use common::testing::User;
use reqwest::Method;
use serde_json::json;

use crate::app::TestApp;

#[tokio::test]
async fn everybody_sees_a_ticket() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = tickets.offer(&seller, "Concert", 20).await.expect(201).id();
    let expected = json!({"id": id, "title": "Concert", "price": 20, "userId": seller.id, "version": 0});
    assert_eq!(tickets.show(id).await, expected);
}

#[tokio::test]
async fn a_reserved_ticket_shows_its_order() {
    let tickets = TestApp::start().await;
    let id = tickets.some_ticket().await;
    let order = tickets.order(id).await;
    assert_eq!(tickets.show(id).await["orderId"], json!(order));
}

#[tokio::test]
async fn a_sold_ticket_shows_its_order() {
    let tickets = TestApp::start().await;
    let id = tickets.some_ticket().await;
    let order = tickets.order(id).await;
    tickets.complete(order, id).await;
    assert_eq!(tickets.show(id).await["orderId"], json!(order));
}

#[tokio::test]
async fn a_ticket_that_was_given_back_shows_no_order() {
    let tickets = TestApp::start().await;
    let id = tickets.some_ticket().await;
    let order = tickets.order(id).await;
    tickets.cancel(order, id).await;
    let shown = tickets.show(id).await;
    assert!(shown.get("orderId").is_none(), "{shown}");
}

#[tokio::test]
async fn who_has_a_ticket_as_it_is_need_not_load_it_again() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = tickets.offer(&seller, "Concert", 20).await.expect(201).id();
    let path = format!("/api/tickets/{id}");
    let known = tickets.app.get(None, &path).await.expect(200).header("etag").to_owned();
    let status = async || {
        let request = tickets.app.request(Method::GET, &path).header("if-none-match", known.as_str());
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(status().await, 304);
    tickets.order(id).await;
    assert_eq!(status().await, 200);
}

#[tokio::test]
async fn an_unknown_ticket_is_not_found() {
    let tickets = TestApp::start().await;
    let answer = tickets.app.get(None, &format!("/api/tickets/{}", Id::generate())).await;
    answer.expect_errors(404, &[("Not found", None)]);
}

#[tokio::test]
async fn a_malformed_id_is_not_found() {
    let tickets = TestApp::start().await;
    for id in ["1", "concert", "65a1b2c3d4e5f60718293a4", "65a1b2c3d4e5f60718293a4bc", "%FF", "%00"] {
        let answer = tickets.app.get(None, &format!("/api/tickets/{id}")).await;
        answer.expect_errors(404, &[("Not found", None)]);
    }
}
