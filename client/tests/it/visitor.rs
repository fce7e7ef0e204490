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
    let cookies: Vec<_> = answer.headers.get_all(SET_COOKIE).iter().collect();
    assert_eq!(cookies, ["session=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; httponly"]);
}

#[tokio::test]
async fn an_asset_asks_no_service_and_sets_no_cookie() {
    let (app, old) = (rotating().await, User::new().cookie);
    let asset = ask(&app, &old, Method::GET, "/assets/icon.svg").await.expect(200);
    assert!(asset.headers.get(SET_COOKIE).is_none());
}
