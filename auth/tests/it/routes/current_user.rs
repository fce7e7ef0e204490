use common::api::SessionBody;
use common::id::Id;
use common::testing::User;
use common::timestamp::Timestamp;
use serde_json::{Value, json};

use crate::app::{TestApp, cookie_of};

const DAY_SECONDS: i64 = 24 * 60 * 60;

fn claims(seconds_ago: i64) -> SessionBody {
    let iat = Timestamp::now().millis() / 1000 - seconds_ago;
    SessionBody { id: Id::generate(), email: "ann@example.com".to_owned(), iat }
}

async fn who(auth: &TestApp, cookie: &str) -> Value {
    auth.current_user(cookie).await.expect(200).body["currentUser"].clone()
}

#[tokio::test]
async fn a_session_is_shown_with_its_claims() {
    let auth = TestApp::start().await;
    let session = claims(0);
    let user = User::with_session(&session);
    let expected = json!({"id": session.id, "email": "ann@example.com", "iat": session.iat});
    assert_eq!(who(&auth, &user.cookie).await, expected);
}

#[tokio::test]
async fn without_a_session_there_is_nobody() {
    let auth = TestApp::start().await;
    assert_eq!(auth.app.get(None, "/api/users/currentuser").await.expect(200).body, json!({"currentUser": null}));
}

#[tokio::test]
async fn an_invalid_cookie_means_nobody_and_is_no_error() {
    let auth = TestApp::start().await;
    let valid = User::with_session(&claims(0)).cookie;
    let forged = format!("{}xx", &valid[..valid.len() - 4]);
    for cookie in [
        "session=",
        "session=%%%",
        "session=e30=",
        "session=bm90IGpzb24=",
        "session=eyJqd3QiOiJ4LnkueiJ9",
        "other=1",
        "=",
        ";;",
        &forged,
    ] {
        assert_eq!(who(&auth, cookie).await, Value::Null, "{cookie}");
    }
}

#[tokio::test]
async fn the_session_is_found_among_other_cookies() {
    let auth = TestApp::start().await;
    let cookie = format!("a=b; session=broken; {}; c=d", User::with_session(&claims(0)).cookie);
    assert_eq!(who(&auth, &cookie).await["email"], "ann@example.com");
}

#[tokio::test]
async fn a_session_ends_seven_days_after_it_began() {
    let auth = TestApp::start().await;
    assert_ne!(who(&auth, &User::with_session(&claims(7 * DAY_SECONDS - 60)).cookie).await, Value::Null);
    assert_eq!(who(&auth, &User::with_session(&claims(7 * DAY_SECONDS)).cookie).await, Value::Null);
}

#[tokio::test]
async fn a_session_from_the_future_is_none() {
    let auth = TestApp::start().await;
    assert_eq!(who(&auth, &User::with_session(&claims(-DAY_SECONDS)).cookie).await, Value::Null);
}

#[tokio::test]
async fn a_key_is_rotated_with_nobody_signed_out() {
    let old = TestApp::start_with(&[("jwt-key", "old")]).await;
    let both = TestApp::start_with(&[("jwt-key", "new, old")]).await;
    let new = TestApp::start_with(&[("jwt-key", "new")]).await;
    let signed_by_old = cookie_of(&old.sign_up("ann@example.com", "correct horse").await.expect(201));
    assert_eq!(who(&both, &signed_by_old).await["email"], "ann@example.com");
    let signed_by_both = cookie_of(&both.sign_up("bob@example.com", "correct horse").await.expect(201));
    assert_eq!(who(&new, &signed_by_both).await["email"], "bob@example.com");
    assert_eq!(who(&new, &signed_by_old).await, Value::Null);
}
