use std::time::{Duration, Instant};

use reqwest::Method;

use crate::app::TestApp;

const ID: &str = "65a1b2c3d4e5f60718293a4b";

#[tokio::test]
async fn an_unknown_page_is_not_found() {
    let app = TestApp::alone().await;
    for path in
        ["/nothing", "/tickets", "/tickets/1", "/tickets/1/edit/2", "/?after=1", "/auth", "/assets", "/tickets/%ff"]
    {
        let page = app.browser().get(path).await.expect(404);
        assert_eq!(page.text("h1"), "Not found");
    }
}

#[tokio::test]
async fn an_unknown_method_is_not_found() {
    let app = TestApp::alone().await;
    for (method, path) in [(Method::POST, "/"), (Method::DELETE, "/orders"), (Method::PUT, "/auth/signin")] {
        let page = app.browser().send(app.browser().request(method, path)).await.expect(404);
        assert_eq!(page.text("h1"), "Not found");
    }
}

#[tokio::test]
async fn a_visitor_without_a_session_signs_in_first_and_comes_back() {
    let app = TestApp::with_auth().await;
    for path in [
        "/tickets/new",
        "/orders",
        "/orders?after=65a1b2c3d4e5f60718293a4b",
        &format!("/orders/{ID}"),
        &format!("/tickets/{ID}/edit"),
    ] {
        let next = path.replace('?', "%3F").replace('=', "%3D");
        assert_eq!(app.browser().get(path).await.expect(303).location(), format!("/auth/signin?next={next}"));
    }
    for path in [
        "/tickets/new",
        &format!("/tickets/{ID}/edit"),
        &format!("/tickets/{ID}/buy"),
        &format!("/orders/{ID}/pay"),
        &format!("/orders/{ID}/confirm"),
        &format!("/orders/{ID}/cancel"),
    ] {
        assert_eq!(app.browser().post(path, &[]).await.expect(303).location(), format!("/auth/signin?next={path}"));
    }
}

#[tokio::test]
async fn the_address_of_a_button_leads_back_to_its_page() {
    let app = TestApp::alone().await;
    for (path, page) in [
        (format!("/tickets/{ID}/buy"), format!("/tickets/{ID}")),
        (format!("/orders/{ID}/pay"), format!("/orders/{ID}")),
        (format!("/orders/{ID}/cancel"), format!("/orders/{ID}")),
    ] {
        assert_eq!(app.browser().get(&path).await.expect(303).location(), page);
    }
}

#[tokio::test]
async fn an_invalid_session_is_no_session() {
    let app = TestApp::with_auth().await;
    let request = app.browser().request(Method::GET, "/orders").header("cookie", "session=bm9uZQ==; theme=dark");
    assert_eq!(app.browser().send(request).await.expect(303).location(), "/auth/signin?next=/orders");
}

#[tokio::test]
async fn an_unavailable_service_is_named_with_503() {
    let app = TestApp::with_auth().await;
    let browser = app.browser();
    browser.sign_up("ann").await;
    for (path, part) in [("/", "Tickets"), ("/orders", "Orders"), (&format!("/tickets/{ID}"), "Tickets")] {
        let page = browser.get(path).await.expect(503);
        assert_eq!(page.text("h1"), format!("{part} are temporarily unavailable"));
        assert_eq!(page.header("retry-after"), "2");
        assert!(page.has("header nav form"), "the header still says who is signed in");
    }
    let page = browser.post(&format!("/orders/{ID}/pay"), &[("token", "tok_visa")]).await.expect(503);
    assert_eq!(page.text("h1"), "Payments are temporarily unavailable");
    let page = browser.post("/tickets/new", &[("title", "Concert"), ("price", "20")]).await.expect(503);
    assert_eq!(page.text("h1"), "Tickets are temporarily unavailable");
}

#[tokio::test]
async fn while_accounts_are_unavailable_forms_are_shown_and_say_so_when_posted() {
    let app = TestApp::alone().await;
    app.browser().get("/auth/signin").await.expect(200);
    let page = app
        .browser()
        .post("/auth/signin", &[("email", "ann@example.com"), ("password", "correct horse")])
        .await
        .expect(503);
    assert_eq!(page.text("h1"), "Accounts are temporarily unavailable");
}

#[tokio::test]
async fn while_accounts_are_unavailable_the_header_does_not_guess_who_is_signed_in() {
    let mut app = TestApp::with_auth().await;
    let browser_session = {
        let browser = app.browser();
        browser.sign_up("ann").await;
        browser.request(Method::GET, "/").build().unwrap().headers()["cookie"].clone()
    };
    app.stop_services().await;
    let browser = app.browser();
    let page =
        browser.send(browser.request(Method::GET, "/tickets/new").header("cookie", browser_session)).await.expect(200);
    assert!(!page.has("header nav"));
    assert_eq!(page.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_service_that_hangs_holds_a_page_up_for_seconds_only() {
    // The socket takes connections, and nobody ever answers.
    let hanging = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", hanging.local_addr().unwrap());
    let app = TestApp::alone_with(&[("auth-url", &url), ("tickets-url", &url)]).await;
    let browser = app.browser();
    let ask = |path| browser.send(browser.request(Method::GET, path).header("cookie", "session=e30="));
    let began = Instant::now();
    ask("/tickets/new").await.expect(200);
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert_eq!(ask("/").await.expect(503).text("h1"), "Tickets are temporarily unavailable");
    assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_form_that_cannot_be_read_is_a_page_of_its_own() {
    let app = TestApp::with_auth().await;
    let browser = app.browser();
    let post = || browser.request(Method::POST, "/auth/signin");
    for request in [
        post().body("email=a"),
        post().json(&["email"]),
        post().form(&[("email", "a"), ("email", "b")]),
        post().header("content-type", "multipart/form-data").body("--"),
    ] {
        let page = browser.send(request).await.expect(400);
        assert_eq!(page.text("main p:first-of-type"), "The form could not be read. Please go back and try again.");
    }
}

#[tokio::test]
async fn a_form_with_bytes_that_are_not_text_is_malformed() {
    let app = TestApp::with_auth().await;
    let browser = app.browser();
    let request =
        browser.request(Method::POST, "/auth/signin").header("content-type", "application/x-www-form-urlencoded");
    browser.send(request.body(&b"email=%ff%00&password=\xff&next=%00"[..])).await.expect(400);
}

#[tokio::test]
async fn a_form_over_the_limit_is_refused() {
    let app = TestApp::with_auth().await;
    let long = "a".repeat(65 * 1024);
    let page = app.browser().post("/auth/signin", &[("email", &long)]).await.expect(413);
    assert_eq!(page.text("h1"), "That did not work");
}

#[tokio::test]
async fn a_form_with_a_file_has_no_more_fields_than_another_form() {
    let app = TestApp::with_auth().await;
    let [ann] = app.visitors(["ann"]).await;
    let names: Vec<String> = (0..10_000).map(|number| format!("field-{number}")).collect();
    let fields: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    let page = ann.post_with_file("/tickets/new", &fields, None).await.expect(413);
    assert_eq!(page.text("h1"), "That did not work");
}
