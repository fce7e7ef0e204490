use common::events::SessionEnded;
use common::testing::{App, HttpClient, User};
use futures::future::join_all;
use serde_json::{Value, json};

use crate::app::{TestApp, cookie_of};

async fn change(browser: &HttpClient, password: &str, new: &str) -> common::testing::Answer {
    browser.post("/api/users/password", json!({"password": password, "newPassword": new})).await
}

#[tokio::test]
async fn the_new_password_signs_in_and_the_old_one_does_not() {
    let auth = TestApp::start().await;
    let browser = auth.browser_of("ann@example.com").await;
    let answer = change(&browser, "correct horse", "battery staple").await.expect(200);
    assert_eq!(answer.body["email"], "ann@example.com");
    auth.sign_in("ann@example.com", "battery staple").await.expect(200);
    auth.sign_in("ann@example.com", "correct horse").await.expect_errors(400, &[("Invalid credentials", None)]);
}

#[tokio::test]
async fn every_other_session_ends_also_one_of_the_original() {
    let auth = TestApp::start().await;
    let (mine, other) = (auth.browser_of("ann@example.com").await, auth.another_browser_of("ann@example.com").await);
    let session = serde_json::from_value(TestApp::who(&auth.app, &mine.cookie()).await).unwrap();
    let original = User::with_session(&session);
    let copied = mine.cookie();
    change(&mine, "correct horse", "battery staple").await.expect(200);
    for cookie in [&other.cookie(), &original.cookie, &copied] {
        assert_eq!(TestApp::who(&auth.app, cookie).await, Value::Null);
    }
    assert_eq!(TestApp::who(&auth.app, &mine.cookie()).await["email"], "ann@example.com");
    assert_eq!(mine.get("/api/users/sessions").await.expect(200).body.as_array().unwrap().len(), 1);
    let again = HttpClient::new(&auth.app.url);
    again
        .post("/api/users/signin", json!({"email": "ann@example.com", "password": "battery staple"}))
        .await
        .expect(200);
    assert_eq!(TestApp::who(&auth.app, &again.cookie()).await["email"], "ann@example.com");
    let auth = auth.restart().await;
    assert_eq!(TestApp::who(&auth.app, &copied).await, Value::Null);
}

#[tokio::test]
async fn a_sign_in_with_the_old_password_that_takes_longer_than_the_change_begins_no_session() {
    let auth = TestApp::start().await;
    let mine = auth.browser_of("ann@example.com").await;
    // They are compared one after the other, the last ones long after the change, with what was read of the account before.
    let sign_ins = join_all((0..40).map(|_| auth.sign_in("ann@example.com", "correct horse")));
    let (answers, changed) = tokio::join!(sign_ins, change(&mine, "correct horse", "battery staple"));
    changed.expect(200);
    assert!(answers.iter().any(|answer| answer.status == 400), "none was slow");
    for answer in answers {
        match answer.status {
            200 => assert_eq!(TestApp::who(&auth.app, &cookie_of(&answer)).await, Value::Null),
            _ => answer.expect_errors(400, &[("Invalid credentials", None)]),
        }
    }
}

#[tokio::test]
async fn the_end_of_all_sessions_is_published_with_the_moment() {
    let auth = TestApp::start().await;
    let browser = auth.browser_of("ann@example.com").await;
    change(&browser, "correct horse", "battery staple").await.expect(200);
    let ended = auth.stream.wait_for::<SessionEnded>(1, |_| true).await;
    assert!(
        ended[0].session_id.is_none() && ended[0].before.is_some_and(|before| before.millis() % 1000 == 0),
        "{ended:?}"
    );
}

#[tokio::test]
async fn a_new_password_that_is_guessed_first_is_refused_at_its_field() {
    let auth = TestApp::start().await;
    let browser = auth.browser_of("ann@example.com").await;
    for new in ["password1", "Ann@example.com"] {
        let answer = change(&browser, "correct horse", new).await;
        answer.expect_errors(400, &[("Password is too common", Some("newPassword"))]);
    }
}

#[tokio::test]
async fn a_wrong_password_or_a_new_one_that_is_too_short_changes_nothing() {
    let auth = TestApp::start().await;
    let browser = auth.browser_of("ann@example.com").await;
    change(&browser, "wrong", "battery staple").await.expect_errors(400, &[("Invalid credentials", None)]);
    let too_short = ("Password must be between 8 and 128 characters", Some("newPassword"));
    change(&browser, "correct horse", "short").await.expect_errors(400, &[too_short]);
    let missing = ("You must supply a password", Some("password"));
    browser.post("/api/users/password", json!({})).await.expect_errors(400, &[missing, too_short]);
    auth.sign_in("ann@example.com", "correct horse").await.expect(200);
}

#[tokio::test]
async fn of_two_changes_at_once_one_wins() {
    let auth = TestApp::start().await;
    let browser = auth.browser_of("ann@example.com").await;
    let user = User { id: common::id::Id::generate(), cookie: browser.cookie() };
    let new = ["battery staple 1", "battery staple 2"];
    let answers = join_all(new.map(|new| {
        let body = json!({"password": "correct horse", "newPassword": new});
        auth.app.post(Some(&user), "/api/users/password", body)
    }))
    .await;
    let won: Vec<&str> =
        new.into_iter().zip(&answers).filter(|(_, answer)| answer.status == 200).map(|(new, _)| new).collect();
    assert_eq!(won.len(), 1, "{answers:?}");
    auth.sign_in("ann@example.com", won[0]).await.expect(200);
}

#[tokio::test]
async fn without_a_session_or_an_account_no_password_is_changed() {
    let auth = TestApp::start().await;
    let body = json!({"password": "correct horse", "newPassword": "battery staple"});
    for user in [None, Some(&User::new())] {
        let answer = auth.app.post(user, "/api/users/password", body.clone()).await;
        answer.expect_errors(401, &[("Not authorized", None)]);
    }
    App::send(auth.app.request(reqwest::Method::GET, "/api/users/password")).await.expect(404);
}
