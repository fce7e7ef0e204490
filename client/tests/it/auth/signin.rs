use crate::app::TestApp;
use crate::browser::Shown;

const CREDENTIALS: [(&str, &str); 2] = [("email", "ann@example.com"), ("password", "correct horse")];

#[tokio::test]
async fn signing_in_leads_to_the_page_that_asked_for_it() {
    let app = TestApp::with_auth().await;
    app.browser().sign_up("ann").await;
    let browser = app.browser();
    let page = browser.get("/auth/signin?next=/tickets/new%3Fa%3Db").await.expect(200);
    assert_eq!(page.attribute("main input[name=next]", "value"), "/tickets/new?a=b");
    assert_eq!(page.attribute("main p:last-child a", "href"), "/auth/signup?next=/tickets/new%3Fa%3Db");
    let form = [CREDENTIALS[0], CREDENTIALS[1], ("next", "/tickets/new")];
    assert_eq!(browser.post("/auth/signin", &form).await.expect(303).location(), "/tickets/new");
    browser.get("/tickets/new").await.expect(200);
}

#[tokio::test]
async fn signing_in_never_leads_to_another_site() {
    let app = TestApp::with_auth().await;
    app.browser().sign_up("ann").await;
    for next in
        ["//evil.example", "/\\evil.example", "https://evil.example/", "/\t/evil.example", "javascript:alert(1)"]
    {
        let form = [CREDENTIALS[0], CREDENTIALS[1], ("next", next)];
        assert_eq!(app.browser().post("/auth/signin", &form).await.expect(303).location(), "/", "{next:?}");
    }
    let page = app.browser().get("/auth/signin?next=//evil.example").await.expect(200);
    assert_eq!(page.attribute("main input[name=next]", "value"), "/");
}

#[tokio::test]
async fn a_wrong_password_is_named_above_the_form() {
    let app = TestApp::with_auth().await;
    app.browser().sign_up("ann").await;
    let page = app.browser().post("/auth/signin", &[CREDENTIALS[0], ("password", "wrong horse")]).await.expect(400);
    assert_eq!(page.text(".refusal[role=alert]"), "Invalid credentials");
    assert_eq!(page.attribute("#email", "value"), "ann@example.com");
    assert!(!page.html.contains("wrong horse"));
    assert!(page.has("#password[autofocus]"));
}

#[tokio::test]
async fn too_many_attempts_are_refused_at_the_form_with_the_time_to_wait() {
    let app = TestApp::with_auth_flags(&[("credentials-per-minute", "2")]).await;
    let mut page = app.browser().post("/auth/signin", &CREDENTIALS).await;
    for _ in 0..2 {
        page = app.browser().post("/auth/signin", &CREDENTIALS).await;
    }
    let page = page.expect(429);
    let seconds: u64 = page.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds));
    assert!(page.text("[role=alert]").starts_with("Too many attempts, try again in "), "{}", page.html);
    assert_eq!(page.attribute("#email", "value"), "ann@example.com");
}

#[tokio::test]
async fn attempts_count_for_the_address_that_the_ingress_saw() {
    let app = TestApp::with_auth_flags(&[("credentials-per-minute", "1")]).await;
    let browser = app.browser();
    let attempt = |address: &'static str| {
        let request = browser.request(reqwest::Method::POST, "/auth/signin").form(&CREDENTIALS);
        browser.send(request.header("x-forwarded-for", address))
    };
    attempt("192.0.2.1").await.expect(400);
    attempt("192.0.2.1").await.expect(429);
    attempt("6.6.6.6, 192.0.2.1").await.expect(429);
    attempt("192.0.2.2").await.expect(400);
}

#[tokio::test]
async fn the_browser_stays_the_device_on_which_it_signed_in() {
    let app = TestApp::with_auth().await;
    let browser = app.browser();
    let device = |shown: &Shown| {
        let mut cookies = shown.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap().to_owned());
        cookies.find(|cookie| cookie.starts_with("device=")).unwrap()
    };
    let first = device(&browser.sign_up("ann").await);
    browser.post("/auth/signout", &[]).await.expect(303);
    assert_eq!(device(&browser.post("/auth/signin", &CREDENTIALS).await.expect(303)), first);
}
