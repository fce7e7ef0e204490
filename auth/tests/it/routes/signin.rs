use argon2::Argon2;
use argon2::password_hash::PasswordHasher;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Document, doc};
use serde_json::json;

use crate::app::{TestApp, cookie_of};

/// `correct horse` as Node's `scrypt(password, salt, 64)` with its default parameters and the salt's own hex text gives it.
pub const NODE_HASH: &str = "d0bba9c87933008803afd503b2b88001ff3bbcc6c26dc6947c3bc53801e4d03d23e450e6eb8dc0d37d5e4e0a170200ad07df75ece3c08b3454371f62b4e92610.0123456789abcdef";

async fn db_insert_user_of_node(auth: &TestApp, email: &str) {
    db_insert_user(auth, email, NODE_HASH).await;
}

async fn db_insert_user(auth: &TestApp, email: &str, password: &str) {
    let user = doc! {"_id": ObjectId::new(), "email": email, "password": password, "__v": 0};
    auth.database.collection::<Document>("users").insert_one(user).await.unwrap();
}

#[tokio::test]
async fn signing_in_answers_with_the_account_and_begins_a_session() {
    let auth = TestApp::start().await;
    let id = auth.sign_up("ann@example.com", "correct horse").await.expect(201).id();
    let answer = auth.sign_in("Ann@example.com", "correct horse").await.expect(200);
    assert_eq!(answer.body, json!({"id": id, "email": "ann@example.com"}));
    let session = auth.current_user(&cookie_of(&answer)).await.expect(200);
    assert_eq!(session.body["currentUser"]["email"], "ann@example.com");
}

#[tokio::test]
async fn an_invalid_address_and_an_empty_password_are_refused_at_their_fields() {
    let auth = TestApp::start().await;
    auth.sign_in("ann", " ").await.expect_errors(
        400,
        &[("Email must be valid", Some("email")), ("You must supply a password", Some("password"))],
    );
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_get_the_same_answer() {
    let auth = TestApp::start().await;
    auth.sign_up("ann@example.com", "correct horse").await.expect(201);
    for (email, password) in [("bob@example.com", "correct horse"), ("ann@example.com", "wrong horse")] {
        auth.sign_in(email, password).await.expect_errors(400, &[("Invalid credentials", None)]);
    }
}

#[tokio::test]
async fn an_account_of_the_node_original_signs_in_and_is_stored_anew() {
    let auth = TestApp::start().await;
    db_insert_user_of_node(&auth, "Ann@Example.com").await;
    auth.sign_in("ann@example.com", "wrong horse").await.expect_errors(400, &[("Invalid credentials", None)]);
    auth.sign_in("ann@example.com", "correct horse").await.expect(200);
    let stored = auth.database.collection::<Document>("users").find_one(doc! {}).await.unwrap().unwrap();
    assert!(stored.get_str("password").unwrap().starts_with("$argon2id$"), "{stored}");
    assert_eq!(stored.get_i32("__v").unwrap(), 0, "what we do not know stays");
    auth.sign_in("ann@example.com", "correct horse").await.expect(200);
}

#[tokio::test]
async fn the_space_around_a_password_is_part_of_it() {
    let auth = TestApp::start().await;
    for (email, typed, other) in [
        ("ann@example.com", "  correct horse ", "correct horse"),
        ("bob@example.com", "correct horse", "correct horse "),
    ] {
        auth.sign_up(email, typed).await.expect(201);
        auth.sign_in(email, other).await.expect_errors(400, &[("Invalid credentials", None)]);
        auth.sign_in(email, typed).await.expect(200);
    }
}

#[tokio::test]
async fn a_password_from_which_the_space_was_taken_signs_in_with_it_and_without_it() {
    // Those of the original, before and after the first sign-in, and those of earlier versions of ours.
    let earlier = Argon2::default().hash_password(b"correct horse").unwrap().to_string();
    for stored in [NODE_HASH, &earlier] {
        let auth = TestApp::start().await;
        db_insert_user(&auth, "ann@example.com", stored).await;
        for typed in [" correct horse", "correct horse", "correct horse \t"] {
            auth.sign_in("ann@example.com", typed).await.expect(200);
        }
        auth.sign_in("ann@example.com", "correct  horse").await.expect(400);
    }
}

#[tokio::test]
async fn an_address_of_the_node_original_cannot_sign_up_again() {
    let auth = TestApp::start().await;
    db_insert_user_of_node(&auth, "Ann@Example.com").await;
    auth.sign_up("ann@example.com", "another horse").await.expect_errors(400, &[("Email in use", None)]);
}
