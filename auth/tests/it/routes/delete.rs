use common::api::OrderStatus;
use common::events::{OrderCancelled, OrderCreated, PricedTicket, TicketRef, UserDeleted};
use common::id::Id;
use common::money::Money;
use common::testing::{Answer, HttpClient, User};
use common::timestamp::Timestamp;
use mongodb::bson::{Document, doc};
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::TestApp;

async fn delete(browser: &HttpClient, password: &str) -> Answer {
    browser.send(browser.request(Method::DELETE, "/api/users/me").json(&json!({"password": password}))).await
}

#[tokio::test]
async fn the_account_its_sessions_and_its_personal_data_are_gone() {
    let auth = TestApp::start().await;
    let (mine, other) = (auth.browser_of("ann@example.com").await, auth.another_browser_of("ann@example.com").await);
    let cookies = [mine.cookie(), other.cookie()];
    delete(&mine, "correct horse").await.expect(204);
    assert_eq!(mine.cookie(), "");
    for cookie in &cookies {
        assert_eq!(TestApp::who(&auth.app, cookie).await, Value::Null);
    }
    auth.sign_in("ann@example.com", "correct horse").await.expect_errors(400, &[("Invalid credentials", None)]);
    let stored = auth.database.collection::<Document>("users").find_one(doc! {}).await.unwrap().unwrap();
    assert!(!format!("{stored:?}").contains("ann@example.com"), "{stored:?}");
    assert_eq!(auth.database.collection::<Document>("sessions").count_documents(doc! {}).await.unwrap(), 0);
}

#[tokio::test]
async fn the_deletion_is_published() {
    let auth = TestApp::start().await;
    let browser = auth.browser_of("ann@example.com").await;
    let id = browser.get("/api/users/currentuser").await.body["currentUser"]["id"].clone();
    delete(&browser, "correct horse").await.expect(204);
    let deleted = auth.stream.wait_for::<UserDeleted>(1, |_| true).await;
    assert_eq!(json!(deleted[0].id), id);
}

#[tokio::test]
async fn the_address_may_sign_up_anew_and_as_often_as_it_likes() {
    let auth = TestApp::start().await;
    for _ in 0..3 {
        let browser = auth.browser_of("ann@example.com").await;
        delete(&browser, "correct horse").await.expect(204);
    }
}

#[tokio::test]
async fn a_wrong_password_deletes_nothing() {
    let auth = TestApp::start().await;
    let browser = auth.browser_of("ann@example.com").await;
    delete(&browser, "wrong").await.expect_errors(400, &[("Invalid credentials", None)]);
    delete(&browser, "").await.expect_errors(400, &[("You must supply a password", Some("password"))]);
    auth.sign_in("ann@example.com", "correct horse").await.expect(200);
}

#[tokio::test]
async fn an_open_order_keeps_the_account_until_it_has_ended() {
    let auth = TestApp::start().await;
    let browser = auth.browser_of("ann@example.com").await;
    let who = browser.get("/api/users/currentuser").await.body;
    let user_id: Id = who["currentUser"]["id"].as_str().unwrap().parse().unwrap();
    let ticket = Id::generate();
    let order = |id| OrderCreated {
        id,
        version: 0,
        status: OrderStatus::Created,
        user_id,
        expires_at: Timestamp::now(),
        ticket: PricedTicket { id: ticket, price: Money::from_cents(2000) },
    };
    let cancelled = |id| OrderCancelled { id, version: 1, ticket: TicketRef { id: ticket } };
    let [first, second] = [Id::generate(), Id::generate()];
    auth.stream.publish(&order(first)).await;
    // Events of one order may come in any order.
    auth.stream.publish(&cancelled(second)).await;
    auth.stream.publish(&order(second)).await;
    auth.stream.wait_until_handled("auth").await;
    delete(&browser, "correct horse").await.expect_errors(400, &[("Pay or cancel your open order first", None)]);
    auth.stream.publish(&cancelled(first)).await;
    auth.stream.wait_until_handled("auth").await;
    delete(&browser, "correct horse").await.expect(204);
}

#[tokio::test]
async fn somebody_without_an_account_deletes_nothing() {
    let auth = TestApp::start().await;
    for user in [None, Some(User::new())] {
        let mut request = auth.app.request(Method::DELETE, "/api/users/me").json(&json!({"password": "correct horse"}));
        if let Some(user) = user {
            request = request.header("cookie", user.cookie);
        }
        common::testing::App::send(request).await.expect_errors(401, &[("Not authorized", None)]);
    }
}
