use common::testing::User;
use reqwest::Method;
use reqwest::header::USER_AGENT;
use serde_json::{Value, json};

use crate::app::TestApp;

#[tokio::test]
async fn ones_own_sessions_are_listed_newest_first_and_the_one_that_asks_is_marked() {
    let auth = TestApp::start().await;
    let first = auth.browser_of("ann@example.com").await;
    auth.browser_of("bob@example.com").await;
    let sign_in = first.request(Method::POST, "/api/users/signin").header(USER_AGENT, "Firefox on a phone");
    let body = json!({"email": "ann@example.com", "password": "correct horse"});
    let second = auth.another_browser_of("ann@example.com").await;
    second.send(sign_in.json(&body)).await.expect(200);
    let sessions = second.get("/api/users/sessions").await.expect(200).body;
    let sessions = sessions.as_array().unwrap();
    assert_eq!(sessions.len(), 3);
    assert_eq!(sessions[0]["browser"], "Firefox on a phone");
    let current: Vec<bool> = sessions.iter().map(|session| session["current"].as_bool().unwrap()).collect();
    assert_eq!(current, [true, false, false]);
    assert_eq!(sessions[0]["since"], sessions[0]["lastSeen"]);
}

#[tokio::test]
async fn a_session_that_was_ended_is_not_listed() {
    let auth = TestApp::start().await;
    let (one, other) = (auth.browser_of("ann@example.com").await, auth.another_browser_of("ann@example.com").await);
    one.post("/api/users/signout", json!({})).await.expect(200);
    assert_eq!(other.get("/api/users/sessions").await.expect(200).body.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn somebody_without_an_account_has_no_sessions() {
    let auth = TestApp::start().await;
    auth.app.get(Some(&User::new()), "/api/users/sessions").await.expect_errors(401, &[("Not authorized", None)]);
}

#[tokio::test]
async fn what_a_browser_calls_itself_is_cut_off() {
    let auth = TestApp::start().await;
    let browser = auth.browser_of("ann@example.com").await;
    let sign_in = browser.request(Method::POST, "/api/users/signin").header(USER_AGENT, "x".repeat(1000));
    browser.send(sign_in.json(&json!({"email": "ann@example.com", "password": "correct horse"}))).await.expect(200);
    let sessions = browser.get("/api/users/sessions").await.expect(200).body;
    assert_eq!(sessions[0]["browser"].as_str().map(str::len), Some(200));
}

#[tokio::test]
async fn a_session_is_seen_when_it_is_asked_who_it_is() {
    let auth = TestApp::start().await;
    let browser = auth.browser_of("ann@example.com").await;
    let stored = auth.database.collection::<mongodb::bson::Document>("sessions");
    let long_ago = mongodb::bson::doc! {"$set": {"lastSeen": mongodb::bson::DateTime::from_millis(0)}};
    stored.update_one(mongodb::bson::doc! {}, long_ago).await.unwrap();
    browser.get("/api/users/currentuser").await.expect(200);
    // What was noted is stored when the process ends.
    let auth = auth.restart().await;
    let request = auth.app.request(Method::GET, "/api/users/sessions").header("cookie", browser.cookie());
    let sessions: Value = common::testing::App::send(request).await.expect(200).body;
    assert_ne!(sessions[0]["lastSeen"], "1970-01-01T00:00:00.000Z");
}
