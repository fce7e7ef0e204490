use crate::app::TestApp;

#[tokio::test]
async fn every_page_leads_to_the_settings_and_only_whoever_is_signed_in_sees_them() {
    let app = TestApp::with_auth().await;
    let [ann] = app.visitors(["ann"]).await;
    let page = ann.get("/account").await.expect(200);
    assert!(page.has("header nav a[href='/account/settings']") && page.has("main a[href='/account/settings']"));
    let page = ann.get("/account/settings").await.expect(200);
    assert_eq!((page.text("h1"), page.text(".lead")), ("Settings".to_owned(), "ann@example.com".to_owned()));
    let nobody = app.browser();
    assert_eq!(nobody.get("/account/settings").await.expect(303).location(), "/auth/signin?next=/account/settings");
}

#[tokio::test]
async fn the_address_of_a_button_leads_to_the_settings() {
    let app = TestApp::with_auth().await;
    let [ann] = app.visitors(["ann"]).await;
    for path in ["address", "password", "sessions", "sessions/65a1b2c3d4e5f60718293a4b"] {
        let path = format!("/account/settings/{path}");
        assert_eq!(ann.get(&path).await.expect(303).location(), "/account/settings");
        let nobody = app.browser().post(&path, &[]).await.expect(303);
        assert_eq!(nobody.location(), format!("/auth/signin?next={path}"));
    }
}

#[tokio::test]
async fn while_accounts_are_unavailable_the_page_says_so() {
    let mut app = TestApp::with_auth().await;
    let cookie = {
        let [ann] = app.visitors(["ann"]).await;
        ann.request(reqwest::Method::GET, "/").build().unwrap().headers()["cookie"].clone()
    };
    app.stop_services().await;
    for path in ["/account/settings", "/account/delete"] {
        let request = app.browser().request(reqwest::Method::GET, path).header("cookie", cookie.clone());
        let page = app.browser().send(request).await.expect(503);
        assert_eq!(page.text("h1"), "Accounts are temporarily unavailable");
    }
}
