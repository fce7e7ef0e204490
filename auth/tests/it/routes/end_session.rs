use common::id::Id;
use serde_json::Value;

use crate::app::TestApp;

/// The id of the session that was begun before the latest.
async fn other_session(browser: &common::testing::HttpClient) -> String {
    let sessions = browser.get("/api/users/sessions").await.expect(200).body;
    let other = sessions.as_array().unwrap().iter().find(|session| session["current"] == false).unwrap();
    other["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_session_on_another_device_is_ended() {
    let auth = TestApp::start().await;
    let (lost, at_hand) = (auth.browser_of("ann@example.com").await, auth.another_browser_of("ann@example.com").await);
    let id = other_session(&at_hand).await;
    at_hand.delete(&format!("/api/users/sessions/{id}")).await.expect(204);
    at_hand.delete(&format!("/api/users/sessions/{id}")).await.expect(204);
    assert_eq!(TestApp::who(&auth.app, &lost.cookie()).await, Value::Null);
    assert_eq!(TestApp::who(&auth.app, &at_hand.cookie()).await["email"], "ann@example.com");
}

#[tokio::test]
async fn nobody_ends_somebody_elses_session() {
    let auth = TestApp::start().await;
    let (_, ann) = (auth.browser_of("ann@example.com").await, auth.another_browser_of("ann@example.com").await);
    let id = other_session(&ann).await;
    let bob = auth.browser_of("bob@example.com").await;
    bob.delete(&format!("/api/users/sessions/{id}")).await.expect_errors(401, &[("Not authorized", None)]);
    bob.delete(&format!("/api/users/sessions/{}", Id::generate())).await.expect_errors(404, &[("Not found", None)]);
    assert_eq!(ann.get("/api/users/sessions").await.expect(200).body.as_array().unwrap().len(), 2);
}
