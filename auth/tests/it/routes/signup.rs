use common::testing::App;
use futures::future::join_all;
use mongodb::bson::{Document, doc};
use reqwest::Method;
use serde_json::json;

use crate::app::{TestApp, cookie_of};

const EMAIL_INVALID: (&str, Option<&str>) = ("Email must be valid", Some("email"));
const PASSWORD_INVALID: (&str, Option<&str>) = ("Password must be between 8 and 128 characters", Some("password"));

#[tokio::test]
async fn signing_up_answers_with_the_account_and_begins_a_session() {
    let auth = TestApp::start().await;
    let answer = auth.sign_up("ann@example.com", "correct horse").await.expect(201);
    assert_eq!(answer.body, json!({"id": answer.body["id"], "email": "ann@example.com"}));
    let session = auth.current_user(&cookie_of(&answer)).await.expect(200);
    assert_eq!(session.body["currentUser"]["id"], answer.body["id"]);
}

#[tokio::test]
async fn the_password_is_stored_as_argon2id_and_the_address_in_lower_case() {
    let auth = TestApp::start().await;
    auth.sign_up("Ann@Example.com", "correct horse").await.expect(201);
    let stored = auth.database.collection::<Document>("users").find_one(doc! {}).await.unwrap().unwrap();
    assert_eq!(stored.get_str("email").unwrap(), "ann@example.com");
    assert!(stored.get_str("password").unwrap().starts_with("$argon2id$"), "{stored}");
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    let auth = TestApp::start().await;
    let answer = auth.sign_up("ann@example.com", "correct horse").await.expect(201);
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("session=eyJqd3QiOi"), "base64 of {{\"jwt\":…: {cookie}");
    assert!(cookie.ends_with("; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax"), "{cookie}");
}

#[tokio::test]
async fn over_https_the_cookie_never_travels_in_the_clear() {
    let auth = TestApp::start().await;
    let request = auth.app.request(Method::POST, "/api/users/signup").header("x-forwarded-proto", "https");
    let request = request.header("content-type", "application/json");
    let answer = App::send(request.body(r#"{"email":"ann@example.com","password":"correct horse"}"#)).await.expect(201);
    assert!(answer.header("set-cookie").ends_with("; Secure"), "{answer:?}");
}

#[tokio::test]
async fn an_invalid_address_is_refused_at_its_field() {
    let auth = TestApp::start().await;
    auth.sign_up("ann", "correct horse").await.expect_errors(400, &[EMAIL_INVALID]);
}

#[tokio::test]
async fn a_password_that_is_too_short_or_too_long_is_refused_at_its_field() {
    let auth = TestApp::start().await;
    for password in ["", "1234567", "   123", &"x".repeat(129)] {
        auth.sign_up("ann@example.com", password).await.expect_errors(400, &[PASSWORD_INVALID]);
    }
}

#[tokio::test]
async fn a_password_that_is_guessed_first_is_refused_at_its_field() {
    let auth = TestApp::start().await;
    for password in ["password", "Password123", "qwertyuiop", "ann@EXAMPLE.com", "          "] {
        let answer = auth.sign_up("Ann@example.com", password).await;
        answer.expect_errors(400, &[("Password is too common", Some("password"))]);
    }
    auth.sign_up("Ann@example.com", "bob@example.com").await.expect(201);
}

#[tokio::test]
async fn of_two_hundred_sign_ups_at_the_same_time_some_are_refused_for_now_and_none_fails() {
    let auth = TestApp::start().await;
    let sign_up = async |number: usize| auth.sign_up(&format!("person-{number}@example.com"), "correct horse").await;
    let answers = join_all((0..200).map(sign_up)).await;
    let (created, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert!(!created.is_empty());
    for answer in refused {
        assert_eq!(answer.header("retry-after"), "2");
        answer.expect_errors(503, &[("The service is unavailable, try again in a few seconds", None)]);
    }
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once() {
    let auth = TestApp::start().await;
    let answer = auth.app.post(None, "/api/users/signup", json!({})).await;
    answer.expect_errors(400, &[EMAIL_INVALID, PASSWORD_INVALID]);
}

#[tokio::test]
async fn a_value_of_another_type_is_refused_like_a_missing_one() {
    let auth = TestApp::start().await;
    for body in [json!({"email": 1, "password": ["x"]}), json!([]), json!("text"), json!(null)] {
        let answer = auth.app.post(None, "/api/users/signup", body).await;
        answer.expect_errors(400, &[EMAIL_INVALID, PASSWORD_INVALID]);
    }
}

#[tokio::test]
async fn an_address_in_use_is_refused_whatever_its_case() {
    let auth = TestApp::start().await;
    auth.sign_up("ann@example.com", "correct horse").await.expect(201);
    auth.sign_up("ANN@example.com", "another horse").await.expect_errors(400, &[("Email in use", None)]);
}

#[tokio::test]
async fn of_fifty_sign_ups_of_one_address_at_the_same_time_one_succeeds() {
    let auth = TestApp::start().await;
    let answers = join_all((0..50).map(|_| auth.sign_up("ann@example.com", "correct horse"))).await;
    let (created, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((created.len(), refused.len()), (1, 49));
    for answer in refused {
        answer.expect_errors(400, &[("Email in use", None)]);
    }
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused() {
    let auth = TestApp::start().await;
    let request = || auth.app.request(Method::POST, "/api/users/signup");
    let not_declared = App::send(request().body("email=ann")).await;
    not_declared.expect_errors(415, &[("Body must be JSON (application/json)", None)]);
    let malformed = App::send(request().header("content-type", "application/json").body("{")).await.expect(400);
    assert!(malformed.body["errors"][0]["message"].as_str().unwrap().starts_with("Body is not valid JSON"));
}

#[tokio::test]
async fn a_body_over_64_kib_is_refused() {
    let auth = TestApp::start().await;
    let body = json!({"email": "ann@example.com", "password": "x".repeat(70_000)});
    let answer = auth.app.post(None, "/api/users/signup", body).await;
    answer.expect_errors(413, &[("Body is larger than 64 KiB", None)]);
}

#[tokio::test]
async fn too_many_attempts_of_one_address_are_limited_and_others_are_not() {
    let auth = TestApp::start_with(&[("credentials-per-minute", "2")]).await;
    let from = async |address: &str| {
        let request = auth.app.request(Method::POST, "/api/users/signin").header("x-forwarded-for", address);
        App::send(request.header("content-type", "application/json").body("{}")).await
    };
    from("10.0.0.1").await.expect(400);
    from("10.0.0.1").await.expect(400);
    let limited = from("10.0.0.1").await.expect(429);
    assert!((1..=60).contains(&limited.header("retry-after").parse::<u32>().unwrap()));
    from("10.0.0.2").await.expect(400);
}
