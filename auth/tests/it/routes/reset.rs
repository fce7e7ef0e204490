use futures::future::join_all;
use mongodb::bson::{DateTime, doc};
use serde_json::json;

use crate::app::{TestApp, cookie_of};
use crate::mails::MAILBOX;
use crate::smtp::token_of;

const NOT_VALID: (&str, Option<&str>) = ("This link is not valid any more", None);
const SUBJECT: &str = "Set a new password";

/// Asks for a link and reads it.
async fn link(auth: &TestApp, email: &str) -> String {
    auth.forgot(email).await.expect(200);
    token_of(&auth.read_mail(email, SUBJECT).await)
}

#[tokio::test]
async fn a_forgotten_password_is_set_by_a_link_in_a_mail() {
    let auth = TestApp::start_with(&MAILBOX).await;
    auth.sign_up_proven("ann@example.com", "correct horse").await;
    assert_eq!(auth.forgot(" Ann@Example.com ").await.expect(200).body, json!({}));
    let text = auth.read_mail("ann@example.com", SUBJECT).await;
    assert!(text.contains("http://localhost:3000/reset?token="), "{text}");
    assert_eq!(auth.reset(&token_of(&text), "battery staple").await.expect(200).body, json!({}));
    auth.sign_in("ann@example.com", "correct horse").await.expect_errors(400, &[("Invalid credentials", None)]);
    auth.sign_in("ann@example.com", "battery staple").await.expect(200);
    auth.read_mail("ann@example.com", "Your password was changed").await;
}

#[tokio::test]
async fn however_an_address_is_spelled_its_owner_gets_one_mail() {
    let auth = TestApp::start_with(&MAILBOX).await;
    auth.sign_up_proven("ann@example.com", "correct horse").await;
    // Wide letters count as the same ones.
    for email in ["\u{ff41}nn@example.com", "a\u{ff4e}n@example.com", "an\u{ff4e}@example.com", "ann@example.com"] {
        auth.forgot(email).await.expect(200);
    }
    auth.db_all_mails_done().await;
    let sent = auth.db_mails(doc! {"about.kind": "reset", "sentAt": {"$exists": true}}).await;
    assert_eq!(sent.len(), 1, "{sent:?}");
}

#[tokio::test]
async fn whoever_has_guessed_too_often_does_not_keep_the_owner_of_the_address_waiting() {
    let auth = TestApp::start_with(&MAILBOX).await;
    auth.sign_up_proven("ann@example.com", "correct horse").await;
    for _ in 0..6 {
        auth.sign_in("ann@example.com", "wrong horse").await;
    }
    auth.sign_in("ann@example.com", "wrong horse").await.expect(429);
    let token = link(&auth, "ann@example.com").await;
    auth.reset(&token, "battery staple").await.expect(200);
    auth.sign_in("ann@example.com", "battery staple").await.expect(200);
}

#[tokio::test]
async fn a_link_sets_one_password_however_many_use_it_at_the_same_time() {
    let auth = TestApp::start_with(&MAILBOX).await;
    auth.sign_up_proven("ann@example.com", "correct horse").await;
    let token = link(&auth, "ann@example.com").await;
    let passwords: Vec<String> = (0..6).map(|number| format!("battery staple {number}")).collect();
    let answers = join_all(passwords.iter().map(|password| auth.reset(&token, password))).await;
    let mut set = Vec::new();
    for (password, answer) in passwords.iter().zip(answers) {
        match answer.status {
            200 => set.push(password),
            _ => answer.expect_errors(400, &[NOT_VALID]),
        }
    }
    assert_eq!(set.len(), 1, "{set:?}");
    auth.sign_in("ann@example.com", set[0]).await.expect(200);
    auth.reset(&token, "battery staple").await.expect_errors(400, &[NOT_VALID]);
}

#[tokio::test]
async fn a_link_expires_within_an_hour_and_all_others_of_the_account_end_with_the_first_that_is_used() {
    let auth = TestApp::start_with(&MAILBOX).await;
    auth.sign_up_proven("ann@example.com", "correct horse").await;
    let first = link(&auth, "ann@example.com").await;
    let mail = auth.db_mails(doc! {"about.kind": "reset"}).await.pop().unwrap();
    let expires_at = mail.get_array("links").unwrap()[0].as_document().unwrap().get_datetime("expiresAt").unwrap();
    let minutes = (expires_at.timestamp_millis() - DateTime::now().timestamp_millis()) / 60_000;
    assert!((55..=60).contains(&minutes), "{minutes}");
    // A quarter of an hour later.
    auth.db_forget_reasons().await;
    auth.forgot("ann@example.com").await.expect(200);
    let second = auth.read_new_mail("ann@example.com", SUBJECT, &first).await;
    auth.reset(&second, "battery staple").await.expect(200);
    auth.reset(&first, "staple battery").await.expect_errors(400, &[NOT_VALID]);
    auth.db_forget_reasons().await;
    auth.forgot("ann@example.com").await.expect(200);
    let third = auth.read_new_mail("ann@example.com", SUBJECT, &second).await;
    auth.db_set_links(doc! {"expiresAt": DateTime::now()}).await;
    auth.reset(&third, "staple battery").await.expect_errors(400, &[NOT_VALID]);
    auth.sign_in("ann@example.com", "battery staple").await.expect(200);
}

#[tokio::test]
async fn the_answer_is_the_same_for_an_unknown_address_and_only_a_proven_one_gets_a_mail() {
    let auth = TestApp::start_with(&MAILBOX).await;
    auth.sign_up_proven("ann@example.com", "correct horse").await;
    auth.sign_up("unproven@example.com", "correct horse").await.expect(201);
    let mut answers = Vec::new();
    for address in ["ann@example.com", "unproven@example.com", "nobody@example.com"] {
        let answer = auth.forgot(address).await;
        let names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        answers.push((answer.status, answer.body, names));
        // The request does the same for each: it stores what a mail is about.
        assert_eq!(auth.db_mails(doc! {"about": {"kind": "reset", "email": address}}).await.len(), 1);
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    auth.db_all_mails_done().await;
    let sent = auth.db_mails(doc! {"about.kind": "reset", "sentAt": {"$exists": true}}).await;
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].get_document("kept").unwrap().get_str("to").unwrap(), "ann@example.com");
}

#[tokio::test]
async fn an_address_gets_few_mails_however_often_somebody_asks() {
    let auth = TestApp::start_with(&MAILBOX).await;
    for address in ["ann@example.com", "nobody@example.com"] {
        join_all((0..20).map(|_| auth.forgot(address))).await.into_iter().for_each(|answer| drop(answer.expect(200)));
        // Two, when a quarter of an hour ends meanwhile.
        assert!((1..=2).contains(&auth.db_mails(doc! {"about.email": address}).await.len()));
    }
}

#[tokio::test]
async fn what_is_asked_is_checked_as_at_a_sign_up() {
    let auth = TestApp::start_with(&MAILBOX).await;
    auth.sign_up_proven("ann@example.com", "correct horse").await;
    auth.forgot("ann").await.expect_errors(400, &[("Email must be valid", Some("email"))]);
    auth.app
        .post(None, "/api/users/reset", json!({}))
        .await
        .expect_errors(400, &[("Email must be valid", Some("email"))]);
    let token = link(&auth, "ann@example.com").await;
    let too_short = ("Password must be between 8 and 128 characters", Some("newPassword"));
    auth.reset(&token, "short").await.expect_errors(400, &[too_short]);
    auth.reset("made-up", "battery staple").await.expect_errors(400, &[NOT_VALID]);
    // None of these has used the link up.
    auth.reset(&token, "battery staple").await.expect(200);
}

#[tokio::test]
async fn a_reset_counts_as_an_attempt_of_its_caller() {
    let auth = TestApp::start_with(&[("credentials-per-minute", "2")]).await;
    auth.forgot("ann@example.com").await.expect(200);
    auth.reset("made-up", "battery staple").await.expect(400);
    auth.forgot("bob@example.com").await.expect(429);
}

#[tokio::test]
async fn whoever_has_set_the_password_is_signed_in_nowhere() {
    let auth = TestApp::start_with(&MAILBOX).await;
    let cookie = cookie_of(&auth.sign_up_proven("ann@example.com", "correct horse").await);
    let token = link(&auth, "ann@example.com").await;
    assert_eq!(auth.reset(&token, "battery staple").await.expect(200).header("set-cookie"), "");
    assert_eq!(auth.current_user(&cookie).await.expect(200).body, json!({"currentUser": null}));
}
