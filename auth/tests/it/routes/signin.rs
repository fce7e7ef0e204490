use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Document, doc};
use serde_json::json;

use crate::app::{TestApp, cookie_of};

/// `correct horse` as Node's `scrypt(password, salt, 64)` with its default parameters and the salt's own hex text gives it.
const NODE_HASH: &str = "d0bba9c87933008803afd503b2b88001ff3bbcc6c26dc6947c3bc53801e4d03d23e450e6eb8dc0d37d5e4e0a170200ad07df75ece3c08b3454371f62b4e92610.0123456789abcdef";

async fn db_insert_user_of_node(auth: &TestApp, email: &str) {
    let user = doc! {"_id": ObjectId::new(), "email": email, "password": NODE_HASH, "__v": 0};
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
async fn an_address_of_the_node_original_cannot_sign_up_again() {
    let auth = TestApp::start().await;
    db_insert_user_of_node(&auth, "Ann@Example.com").await;
    auth.sign_up("ann@example.com", "another horse").await.expect_errors(400, &[("Email in use", None)]);
}
