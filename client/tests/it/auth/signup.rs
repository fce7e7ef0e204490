use crate::app::TestApp;

#[tokio::test]
async fn the_form_has_labels_and_helps_password_managers() {
    let app = TestApp::alone().await;
    let page = app.browser().get("/auth/signup").await.expect(200);
    assert_eq!(page.text("title"), "Sign up · Ticketing");
    assert_eq!(page.text("h1"), "Sign up");
    assert_eq!(page.attribute("html", "lang"), "en");
    assert_eq!(page.text("label[for=email]"), "E-mail address");
    assert_eq!(page.attribute("#email", "autocomplete"), "username");
    assert_eq!(page.attribute("#password", "autocomplete"), "new-password");
    assert_eq!(page.attribute("#password", "aria-describedby"), "password-hint");
    assert!(page.has("#email[autofocus]") && !page.has("#password[autofocus]"));
}

#[tokio::test]
async fn the_form_and_its_refusals_are_in_the_visitors_language() {
    let app = TestApp::with_auth().await;
    let browser = app.browser();
    let request = browser.request(reqwest::Method::POST, "/auth/signup").header("accept-language", "de-AT");
    let page = browser.send(request.form(&[("email", "ann@example.com"), ("password", "short")])).await.expect(400);
    assert_eq!(page.text("h1"), "Registrieren");
    assert_eq!(page.text("label[for=password]"), "Passwort");
    assert_eq!(page.text("#password-message"), "Das Passwort muss 8 bis 128 Zeichen lang sein");
    assert!(page.has("#password[autofocus]") && !page.has("#email[autofocus]"));
}

#[tokio::test]
async fn signing_up_signs_in_and_leads_to_the_landing_page() {
    let app = TestApp::with_auth().await;
    let browser = app.browser();
    let answer = browser.sign_up("ann").await;
    assert_eq!(answer.location(), "/");
    assert!(answer.header("set-cookie").contains("HttpOnly; SameSite=Lax"));
    let page = browser.get("/tickets/new").await.expect(200);
    assert_eq!(page.texts("header nav a"), ["Sell tickets", "My orders", "My listings", "My account", "Settings"]);
    assert_eq!(page.text("header nav button"), "Sign out");
}

#[tokio::test]
async fn over_https_the_cookie_is_secure() {
    let app = TestApp::with_auth().await;
    let browser = app.browser();
    let form = [("email", "ann@example.com"), ("password", "correct horse")];
    let request = browser.request(reqwest::Method::POST, "/auth/signup").form(&form);
    let answer = browser.send(request.header("x-forwarded-proto", "https")).await.expect(303);
    assert!(answer.header("set-cookie").ends_with("; Secure"));
}

#[tokio::test]
async fn a_refusal_stands_beside_its_field_with_what_was_entered_but_the_password() {
    let app = TestApp::with_auth().await;
    let page = app.browser().post("/auth/signup", &[("email", "ann\"<b>"), ("password", "s3cret")]).await.expect(400);
    assert_eq!(page.text("#email-message"), "Email must be valid");
    assert_eq!(page.attribute("#email", "aria-invalid"), "true");
    assert_eq!(page.attribute("#email", "aria-describedby"), "email-message");
    assert_eq!(page.attribute("#email", "value"), "ann\"<b>");
    assert_eq!(page.text("#password-message"), "Password must be between 8 and 128 characters");
    assert_eq!(page.attribute("#password-message", "role"), "alert");
    assert_eq!(page.attribute("#password", "aria-describedby"), "password-message password-hint");
    assert_eq!(page.attribute("#password", "value"), "");
    assert!(!page.html.contains("s3cret"));
}

#[tokio::test]
async fn an_address_in_use_is_named_and_the_form_still_leads_on() {
    let app = TestApp::with_auth().await;
    app.browser().sign_up("ann").await;
    let form = [("email", "ann@example.com"), ("password", "correct horse"), ("next", "/orders")];
    let page = app.browser().post("/auth/signup", &form).await.expect(400);
    assert_eq!(page.texts("[role=alert]"), ["Email in use"]);
    assert_eq!(page.attribute("main input[name=next]", "value"), "/orders");
}

#[tokio::test]
async fn the_service_names_missing_fields() {
    let app = TestApp::with_auth().await;
    let page = app.browser().post("/auth/signup", &[]).await.expect(400);
    assert_eq!(page.texts("[role=alert]"), ["Email must be valid", "Password must be between 8 and 128 characters"]);
}
