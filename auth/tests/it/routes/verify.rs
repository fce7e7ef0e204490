use common::testing::{App, HttpClient};
use mongodb::bson::{DateTime, Document, doc};
use serde_json::{Value, json};

use crate::app::{TestApp, cookie_of};
use crate::mails::MAILBOX;
use crate::smtp::token_of;

const NOT_VALID: (&str, Option<&str>) = ("This link is not valid any more", None);
const SUBJECT: &str = "Is this your address?";

async fn is_proven(auth: &TestApp, email: &str) -> bool {
    let user = auth.database.collection::<Document>("users").find_one(doc! {"email": email}).await.unwrap().unwrap();
    user.get_bool("proven").unwrap_or(false)
}

#[tokio::test]
async fn the_link_of_the_first_mail_proves_the_address() {
    let auth = TestApp::start_with(&MAILBOX).await;
    auth.sign_up("ann@example.com", "correct horse").await.expect(201);
    let text = auth.read_mail("ann@example.com", SUBJECT).await;
    assert!(text.contains("http://localhost:3000/verify?token="), "{text}");
    assert!(!is_proven(&auth, "ann@example.com").await);
    assert_eq!(auth.verify(&token_of(&text)).await.expect(200).body, json!({}));
    assert!(is_proven(&auth, "ann@example.com").await);
}

#[tokio::test]
async fn a_link_that_was_used_or_has_expired_or_never_was_is_not_valid() {
    let auth = TestApp::start_with(&MAILBOX).await;
    auth.sign_up("ann@example.com", "correct horse").await.expect(201);
    let token = token_of(&auth.read_mail("ann@example.com", SUBJECT).await);
    auth.verify("made-up").await.expect_errors(400, &[NOT_VALID]);
    auth.reset(&token, "battery staple").await.expect_errors(400, &[NOT_VALID]);
    auth.verify(&token).await.expect(200);
    auth.verify(&token).await.expect_errors(400, &[NOT_VALID]);
    auth.sign_up("bob@example.com", "correct horse").await.expect(201);
    let token = token_of(&auth.read_mail("bob@example.com", SUBJECT).await);
    auth.db_set_links(doc! {"expiresAt": DateTime::now()}).await;
    auth.verify(&token).await.expect_errors(400, &[NOT_VALID]);
    assert!(!is_proven(&auth, "bob@example.com").await);
    let nothing = auth.app.post(None, "/api/users/verify", json!({})).await;
    nothing.expect_errors(400, &[("Token is required", Some("token"))]);
}

#[tokio::test]
async fn a_session_says_that_its_address_is_proved_from_then_on_and_so_does_the_next_one() {
    let auth = TestApp::start_with(&MAILBOX).await;
    let (browser, other) = (auth.browser_of("ann@example.com").await, auth.browser_of("bob@example.com").await);
    let verified =
        async |app: &App, browser: &HttpClient| TestApp::who(app, &browser.cookie()).await["verified"].clone();
    assert_eq!(verified(&auth.app, &browser).await, Value::Null);
    let token = token_of(&auth.read_mail("ann@example.com", SUBJECT).await);
    browser.post("/api/users/verify", json!({"token": token})).await.expect(200);
    assert_eq!(verified(&auth.app, &browser).await, true);
    assert_eq!(verified(&auth.app, &auth.another_browser_of("ann@example.com").await).await, true);
    // The link of one account in the browser of another.
    let token = token_of(&auth.read_mail("bob@example.com", SUBJECT).await);
    browser.post("/api/users/verify", json!({"token": token})).await.expect(200);
    assert_eq!(TestApp::who(&auth.app, &browser.cookie()).await["email"], "ann@example.com");
    assert_eq!(verified(&auth.app, &other).await, Value::Null);
}

#[tokio::test]
async fn an_account_of_the_original_is_asked_to_prove_its_address_when_it_signs_in() {
    let auth = TestApp::start_with(&MAILBOX).await;
    auth.sign_up("ann@example.com", "correct horse").await.expect(201);
    auth.db_all_mails_done().await;
    auth.database.collection::<Document>("mails").delete_many(doc! {"about": {"$exists": true}}).await.unwrap();
    auth.sign_in("ann@example.com", "correct horse").await.expect(200);
    auth.sign_in("ann@example.com", "correct horse").await.expect(200);
    let token = token_of(&auth.read_mail("ann@example.com", SUBJECT).await);
    assert_eq!(auth.db_mails(doc! {}).await.len(), 1);
    auth.verify(&token).await.expect(200);
    auth.database.collection::<Document>("mails").delete_many(doc! {"about": {"$exists": true}}).await.unwrap();
    auth.sign_in("ann@example.com", "correct horse").await.expect(200);
    assert_eq!(auth.db_mails(doc! {}).await.len(), 0);
}

#[tokio::test]
async fn a_lost_mail_is_sent_again_to_whoever_asks_but_not_as_often_as_they_ask() {
    let auth = TestApp::start_with(&MAILBOX).await;
    let cookie = cookie_of(&auth.sign_up("ann@example.com", "correct horse").await.expect(201));
    auth.resend(&cookie).await.expect(200);
    auth.resend(&cookie).await.expect(200);
    auth.db_all_mails_done().await;
    // Two, when a quarter of an hour ends just between the two requests.
    assert!((2..=3).contains(&auth.db_mails(doc! {}).await.len()));
    auth.resend("session=none").await.expect_errors(401, &[("Not authorized", None)]);
}
