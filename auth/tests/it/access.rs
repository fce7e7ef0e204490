use auth::routes::routes;
use common::testing::{App, User, refuses_other_sites};
use reqwest::Method;
use serde_json::json;

use crate::app::TestApp;

#[tokio::test]
async fn nothing_is_changed_from_a_page_of_another_site() {
    let (auth, user) = (TestApp::start().await, User::new());
    let body = json!({"email": "ann@example.com", "password": "correct horse"});
    refuses_other_sites(&auth.app, &routes(), &user, user.id, &body).await;
    auth.sign_up("ann@example.com", "correct horse").await.expect(201);
}

#[tokio::test]
async fn too_many_changes_of_an_address_are_limited() {
    let auth = TestApp::start_with(&[("address-writes-per-minute", "2")]).await;
    let sign_out = async |address: &str| {
        let request = auth.app.request(Method::POST, "/api/users/signout").header("x-forwarded-for", address);
        App::send(request).await.status
    };
    assert_eq!([sign_out("192.0.2.1").await, sign_out("192.0.2.1").await], [200, 200]);
    assert_eq!([sign_out("192.0.2.1").await, sign_out("192.0.2.2").await], [429, 200]);
}

#[tokio::test]
async fn cookies_are_secure_where_that_is_forced_and_no_header_of_a_stranger_decides() {
    for (flags, secure) in [([("secure-cookies", "true")], true), ([("trusted-proxies", "192.0.2.1")], false)] {
        let auth = TestApp::start_with(&flags).await;
        let request = auth.app.request(Method::POST, "/api/users/signup").header("x-forwarded-proto", "https");
        let body = json!({"email": "ann@example.com", "password": "correct horse"});
        let answer = App::send(request.json(&body)).await.expect(201);
        assert_eq!(answer.header("set-cookie").ends_with("; Secure"), secure, "{answer:?}");
    }
}

#[tokio::test]
async fn attempts_count_for_who_connects_where_no_proxy_is_trusted_and_for_a_whole_network_of_ipv6() {
    let attempt = async |auth: &TestApp, address: &str| {
        let request = auth.app.request(Method::POST, "/api/users/signin").header("x-forwarded-for", address);
        App::send(request.json(&json!({}))).await.status
    };
    let limited = ("credentials-per-minute", "1");
    let auth = TestApp::start_with(&[limited, ("trusted-proxies", "")]).await;
    assert_eq!([attempt(&auth, "192.0.2.1").await, attempt(&auth, "192.0.2.2").await], [400, 429]);
    let auth = TestApp::start_with(&[limited]).await;
    assert_eq!([attempt(&auth, "2001:db8::1").await, attempt(&auth, "2001:db8::2").await], [400, 429]);
    assert_eq!(attempt(&auth, "6.6.6.6, 2001:db8:0:1::1, 10.0.0.1").await, 400);
}
