use base64::engine::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use common::api::SessionBody;
use common::id::Id;
use common::testing::{Answer, App, JWT_KEY, User};
use common::timestamp::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{TestApp, cookie_of};

const OLD: &str = "an-old-key-that-has-at-least-32-bytes";
const NEW: &str = "a-new-key-that-has-at-least-32-bytes-";

const DAY_SECONDS: i64 = 24 * 60 * 60;

fn claims(seconds_ago: i64) -> SessionBody {
    let iat = Timestamp::now().millis() / 1000 - seconds_ago;
    SessionBody { id: Id::generate(), email: "ann@example.com".to_owned(), iat, verified: false }
}

async fn who(auth: &TestApp, cookie: impl AsRef<[u8]>) -> Value {
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
    let old = TestApp::start_with(&[("jwt-key", OLD)]).await;
    let both = TestApp::start_with(&[("jwt-key", &format!("{NEW}, {OLD}"))]).await;
    let new = TestApp::start_with(&[("jwt-key", NEW)]).await;
    let signed_by_old = cookie_of(&old.sign_up("ann@example.com", "correct horse").await.expect(201));
    assert_eq!(who(&both, &signed_by_old).await["email"], "ann@example.com");
    let signed_by_both = cookie_of(&both.sign_up("bob@example.com", "correct horse").await.expect(201));
    assert_eq!(who(&new, &signed_by_both).await["email"], "bob@example.com");
    assert_eq!(who(&new, &signed_by_old).await, Value::Null);
}

/// Claims and `Max-Age` of the session that an answer sets.
fn renewed(answer: &Answer) -> (Value, i64) {
    let mut parts = answer.header("set-cookie").split("; ");
    let body = STANDARD.decode(parts.next().unwrap().strip_prefix("session=").unwrap()).unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    let claims = URL_SAFE_NO_PAD.decode(body["jwt"].as_str().unwrap().split('.').nth(1).unwrap()).unwrap();
    let max_age = parts.find_map(|part| part.strip_prefix("Max-Age=")).unwrap().parse().unwrap();
    (serde_json::from_slice(&claims).unwrap(), max_age)
}

#[tokio::test]
async fn a_session_of_another_key_than_the_first_is_signed_anew_with_the_same_claims_and_the_same_end() {
    let both = TestApp::start_with(&[("jwt-key", &format!("{NEW},{JWT_KEY}"))]).await;
    let new = TestApp::start_with(&[("jwt-key", NEW)]).await;
    let session = claims(DAY_SECONDS);
    let answer = both.current_user(&User::with_session(&session).cookie).await.expect(200);
    let (claims, max_age) = renewed(&answer);
    assert_eq!(claims, json!({"id": session.id, "email": session.email, "iat": session.iat}));
    assert!((6 * DAY_SECONDS - 60..=6 * DAY_SECONDS).contains(&max_age), "{max_age}");
    assert_eq!(answer.body["currentUser"], claims);
    let attributes = answer.header("set-cookie").split_once("; ").unwrap().1;
    assert_eq!(attributes, format!("Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax"));
    assert_eq!(who(&new, &cookie_of(&answer)).await, claims);
}

#[tokio::test]
async fn a_session_signed_anew_over_https_is_secure() {
    let both = TestApp::start_with(&[("jwt-key", &format!("{NEW},{JWT_KEY}"))]).await;
    let request = both.app.request(Method::GET, "/api/users/currentuser").header("x-forwarded-proto", "https");
    let answer = App::send(request.header("cookie", User::with_session(&claims(0)).cookie)).await.expect(200);
    let cookies: Vec<&str> =
        answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap()).collect();
    let [session, host_session] = cookies[..] else { panic!("{cookies:?}") };
    assert!(session.starts_with("session=") && session.ends_with("; SameSite=Lax; Secure"), "{session}");
    assert_eq!(host_session, format!("__Host-{session}"));
}

#[tokio::test]
async fn a_session_of_the_first_key_and_nobodys_are_left_as_they_are() {
    let both = TestApp::start_with(&[("jwt-key", &format!("{JWT_KEY},{OLD}"))]).await;
    for cookie in [User::with_session(&claims(0)).cookie, "session=bm9uZQ==".to_owned(), "other=1".to_owned()] {
        assert!(both.current_user(&cookie).await.expect(200).headers.get("set-cookie").is_none(), "{cookie}");
    }
}

#[tokio::test]
async fn the_cookie_that_no_other_host_can_set_counts_first() {
    let auth = TestApp::start().await;
    let [own, planted] = [claims(0), claims(0)].map(|claims| User::with_session(&claims));
    let cookie = format!("{}; __Host-{}", planted.cookie, own.cookie);
    assert_eq!(who(&auth, &cookie).await["id"], json!(own.id));
    let cookie = format!("{}; __Host-session=broken", own.cookie);
    assert_eq!(who(&auth, &cookie).await["id"], json!(own.id));
    // To a browser this name does not begin with `__Host-`, so it takes it from any host.
    let cookie = format!("\u{2000}__Host-{}; __Host-{}", planted.cookie, own.cookie);
    assert_eq!(who(&auth, &cookie).await["id"], json!(own.id));
}

#[tokio::test]
async fn another_cookie_that_is_no_text_hides_no_session() {
    let auth = TestApp::start().await;
    let user = User::with_session(&claims(0));
    let cookie = [b"name=\xe9; ", user.cookie.as_bytes()].concat();
    assert_eq!(who(&auth, cookie).await["id"], json!(user.id));
}

#[tokio::test]
async fn a_session_that_began_after_its_key_was_retired_is_not_signed_anew() {
    let both = TestApp::start_with(&[("jwt-key", &format!("{NEW},{JWT_KEY}"))]).await;
    let long_ago = mongodb::bson::doc! {"$set": {"since": mongodb::bson::DateTime::from_millis(0)}};
    let keys = both.database.collection::<mongodb::bson::Document>("signingKeys");
    keys.update_one(mongodb::bson::doc! {}, long_ago).await.unwrap();
    let cookie = User::with_session(&claims(60)).cookie;
    assert!(both.current_user(&cookie).await.expect(200).headers.contains_key("set-cookie"), "a rollout takes a while");
    let both = both.restart().await;
    let answer = both.current_user(&cookie).await.expect(200);
    assert_eq!(answer.body["currentUser"]["email"], "ann@example.com");
    assert!(!answer.headers.contains_key("set-cookie"));
}
