use common::events::{SESSION, SessionEnded, StateRequested, USER, UserDeleted};
use reqwest::Method;
use serde_json::json;

use crate::app::TestApp;

async fn request(auth: &TestApp, of: &str) {
    let request = StateRequested { service: "orders".to_owned(), of: of.to_owned(), id: None, since: None };
    auth.stream.publish(&request).await;
}

#[tokio::test]
async fn the_sessions_that_have_ended_are_published_again_for_who_has_missed_them() {
    let auth = TestApp::start().await;
    let (ann, bob) = (auth.browser_of("ann@example.com").await, auth.browser_of("bob@example.com").await);
    auth.browser_of("still-here@example.com").await;
    ann.post("/api/users/signout", json!({})).await.expect(200);
    let change = json!({"password": "correct horse", "newPassword": "battery staple"});
    bob.post("/api/users/password", change).await.expect(200);
    auth.stream.wait_for::<SessionEnded>(2, |_| true).await;
    request(&auth, SESSION).await;
    auth.stream.wait_for::<SessionEnded>(2, |event| event.session_id.is_some()).await;
    auth.stream.wait_for::<SessionEnded>(2, |event| event.before.is_some()).await;
}

#[tokio::test]
async fn a_deletion_is_published_again() {
    let auth = TestApp::start().await;
    let ann = auth.browser_of("ann@example.com").await;
    let delete = ann.request(Method::DELETE, "/api/users/me").json(&json!({"password": "correct horse"}));
    ann.send(delete).await.expect(204);
    auth.stream.wait_for::<UserDeleted>(1, |_| true).await;
    request(&auth, USER).await;
    auth.stream.wait_for::<UserDeleted>(2, |_| true).await;
}
