use std::time::Duration;

use common::events::SessionEnded;
use common::testing::{App, User, eventually, eventually_within};
use serde_json::{Value, json};

use crate::app::TestApp;

#[tokio::test]
async fn signing_out_clears_the_cookie_in_the_originals_form() {
    let auth = TestApp::start().await;
    let answer = auth.app.post(None, "/api/users/signout", json!({})).await.expect(200);
    assert_eq!(answer.body, json!({}));
    assert_eq!(answer.header("set-cookie"), "session=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; httponly");
}

#[tokio::test]
async fn a_copied_cookie_is_nobodys_after_signing_out_on_every_replica_and_after_a_restart() {
    let auth = TestApp::start().await;
    let replica = auth.replica().await;
    let browser = auth.browser_of("ann@example.com").await;
    let copied = browser.cookie();
    assert_eq!(TestApp::who(&replica, &copied).await["email"], "ann@example.com");
    browser.post("/api/users/signout", json!({})).await.expect(200);
    assert_eq!(TestApp::who(&auth.app, &copied).await, Value::Null);
    eventually_within(Duration::from_secs(1), "the other replica knows", async || {
        TestApp::who(&replica, &copied).await.is_null().then_some(())
    })
    .await;
    assert_eq!(TestApp::who(&auth.restart().await.app, &copied).await, Value::Null);
}

#[tokio::test]
async fn signing_out_ends_this_session_alone() {
    let auth = TestApp::start().await;
    let [one, other] = [auth.browser_of("ann@example.com").await, auth.another_browser_of("ann@example.com").await];
    one.post("/api/users/signout", json!({})).await.expect(200);
    assert_eq!(TestApp::who(&auth.app, &other.cookie()).await["email"], "ann@example.com");
}

#[tokio::test]
async fn the_end_of_a_session_is_published_once_however_often_it_is_ended() {
    let auth = TestApp::start().await;
    let browser = auth.browser_of("ann@example.com").await;
    let cookie = User { id: common::id::Id::generate(), cookie: browser.cookie() };
    auth.app.post(Some(&cookie), "/api/users/signout", json!({})).await.expect(200);
    auth.app.post(Some(&cookie), "/api/users/signout", json!({})).await.expect(200);
    let ended = auth.stream.wait_for::<SessionEnded>(1, |_| true).await;
    assert!(ended[0].session_id.is_some() && ended[0].before.is_none(), "{ended:?}");
    auth.stream.wait_until_handled("auth").await;
    assert_eq!(auth.stream.published::<SessionEnded>().await.len(), 1);
}

#[tokio::test]
async fn the_end_of_a_session_is_published_when_the_broker_is_back() {
    let auth = TestApp::start().await;
    let browser = auth.browser_of("ann@example.com").await;
    auth.nats.kill().await.unwrap();
    browser.post("/api/users/signout", json!({})).await.expect(200);
    auth.nats.restart().await.unwrap();
    eventually("the end is published", async || auth.stream.published::<SessionEnded>().await.into_iter().next()).await;
}

#[tokio::test]
async fn a_session_of_the_original_has_nothing_to_be_ended_by_and_lives_on() {
    let auth = TestApp::start().await;
    let original = User::new();
    auth.app.post(Some(&original), "/api/users/signout", json!({})).await.expect(200);
    assert_ne!(TestApp::who(&auth.app, &original.cookie).await, Value::Null);
}

#[tokio::test]
async fn without_the_database_signing_out_says_that_the_session_goes_on() {
    let mongod = common::testing::new_mongod().await;
    let auth = TestApp::start_with(&[("mongo-uri", &mongod.url_for("auth"))]).await;
    let browser = auth.browser_of("ann@example.com").await;
    mongod.kill().await.unwrap();
    let answer = browser.post("/api/users/signout", json!({})).await.expect(503);
    assert!(!answer.headers.contains_key("set-cookie"));
    assert_eq!(
        App::send(browser.request(reqwest::Method::GET, "/api/users/currentuser")).await.body["currentUser"]["email"],
        "ann@example.com"
    );
}
