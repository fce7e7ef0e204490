use client::routes::routes;
use common::testing::{JWT_KEY, User};
use reqwest::Method;
use reqwest::header::SET_COOKIE;

use crate::app::TestApp;
use crate::browser::Shown;

/// Accounts that are giving up the key of the tests.
async fn rotating() -> TestApp {
    TestApp::with_auth_flags(&[("jwt-key", &format!("a-new-key-that-has-at-least-32-bytes,{JWT_KEY}"))]).await
}

async fn ask(app: &TestApp, cookie: &str, method: Method, path: &str) -> Shown {
    let browser = app.browser();
    browser.send(browser.request(method, path).header("cookie", cookie)).await
}

#[tokio::test]
async fn while_a_key_is_replaced_every_page_carries_the_session_on() {
    let (app, old) = (rotating().await, User::new().cookie);
    for (path, status) in [("/tickets/new", 200), ("/nothing", 404), ("/", 503), ("/tickets/1/buy", 404)] {
        let page = ask(&app, &old, Method::GET, path).await.expect(status);
        let renewed = page.header("set-cookie").split(';').next().unwrap();
        assert!(renewed.starts_with("session=") && renewed != old, "{path}: {renewed}");
        let again = ask(&app, renewed, Method::GET, path).await.expect(status);
        assert!(again.headers.get(SET_COOKIE).is_none(), "{path}");
        assert_eq!(again.has("header nav form"), page.has("header nav form"));
    }
}

#[tokio::test]
async fn while_a_key_is_replaced_signing_out_still_ends_the_session() {
    let (app, old) = (rotating().await, User::new().cookie);
    let answer = ask(&app, &old, Method::POST, "/auth/signout").await.expect(303);
    let cookies = answer.headers.get_all(SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap());
    let cookies: Vec<_> = cookies.filter(|cookie| !cookie.starts_with("done=")).collect();
    let ended = [
        "session=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; httponly",
        "__Host-session=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; httponly; secure",
    ];
    assert_eq!(cookies, ended);
}

#[tokio::test]
async fn a_form_that_another_site_posts_is_refused() {
    let app = TestApp::with_auth().await;
    app.browser().sign_up("ann").await;
    let credentials = [("email", "ann@example.com"), ("password", "correct horse")];
    for (method, path) in routes().table().iter().filter(|(method, _)| *method != Method::GET) {
        let path = path.replace("{id}", "65a1b2c3d4e5f60718293a4b");
        for (name, value) in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.example"),
            ("origin", "null"),
        ] {
            let browser = app.browser();
            let request = browser.request(method.clone(), &path).form(&credentials).header(name, value);
            let page = browser.send(request).await.expect(403);
            assert!(page.headers.get(SET_COOKIE).is_none(), "{path}");
            let text = "Not allowed from another site. Please use the form on this one.";
            assert_eq!(page.text("main p:first-of-type"), text, "{path}");
        }
    }
    for (name, value) in [("sec-fetch-site", "same-origin"), ("origin", app.client.url.as_str())] {
        let browser = app.browser();
        let request = browser.request(Method::POST, "/auth/signin").form(&credentials).header(name, value);
        assert!(browser.send(request).await.expect(303).headers.contains_key(SET_COOKIE), "{name}");
    }
}

#[tokio::test]
async fn an_asset_asks_no_service_and_sets_no_cookie() {
    let (app, old) = (rotating().await, User::new().cookie);
    let asset = ask(&app, &old, Method::GET, "/assets/icon.svg").await.expect(200);
    assert!(asset.headers.get(SET_COOKIE).is_none());
}
