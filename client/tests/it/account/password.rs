use crate::app::TestApp;

const PATH: &str = "/account/settings/password";

#[tokio::test]
async fn a_changed_password_signs_every_other_device_out() {
    let app = TestApp::with_auth().await;
    let [ann] = app.visitors(["ann"]).await;
    let other = app.browser();
    other.post("/auth/signin", &[("email", "ann@example.com"), ("password", "correct horse")]).await.expect(303);
    let page = ann.get("/account/settings").await.expect(200);
    assert_eq!(page.attribute("#password", "autocomplete"), "current-password");
    assert_eq!(page.attribute("#newPassword", "autocomplete"), "new-password");
    assert_eq!(page.attribute("input[autocomplete=username]", "value"), "ann@example.com");
    let entered = [("password", "correct horse"), ("newPassword", "battery staple")];
    let answer = ann.fill_in(&page, PATH, &entered).await.expect(303);
    assert_eq!(answer.location(), "/account/settings");
    let page = ann.get("/account/settings").await.expect(200);
    assert_eq!(page.text("#done"), "Your password is changed. All other devices are signed out.");
    let answer = other.get("/account").await.expect(303);
    assert_eq!(answer.location(), "/auth/signin?next=/account");
    assert!(other.get(answer.location()).await.has("#done"), "the page says why");
    let old = [("email", "ann@example.com"), ("password", "correct horse")];
    app.browser().post("/auth/signin", &old).await.expect(400);
    let new = [("email", "ann@example.com"), ("password", "battery staple")];
    app.browser().post("/auth/signin", &new).await.expect(303);
}

#[tokio::test]
async fn a_refusal_stands_beside_its_field_and_changes_nothing() {
    let app = TestApp::with_auth().await;
    let [ann] = app.visitors(["ann"]).await;
    let wrong = [("password", "wrong horse"), ("newPassword", "battery staple")];
    let page = ann.post(PATH, &wrong).await.expect(400);
    assert_eq!(page.text("#password-message"), "This is not your password");
    assert!(page.has("#password[autofocus]") && page.has("#devices"));
    assert!(!page.html.contains("wrong horse") && !page.html.contains("battery staple"));
    let short = [("password", "correct horse"), ("newPassword", "short")];
    let page = ann.post(PATH, &short).await.expect(400);
    assert_eq!(page.text("#newPassword-message"), "Password must be between 8 and 128 characters");
    app.browser()
        .post("/auth/signin", &[("email", "ann@example.com"), ("password", "correct horse")])
        .await
        .expect(303);
}
