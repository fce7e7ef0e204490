use crate::app::TestApp;

#[tokio::test]
async fn opening_the_page_does_not_sign_out() {
    let app = TestApp::with_auth().await;
    let browser = app.browser();
    browser.sign_up("ann").await;
    let page = browser.get("/auth/signout").await.expect(200);
    assert_eq!(page.attribute("main form", "action"), "/auth/signout");
    assert_eq!(page.attribute("main form", "method"), "post");
    browser.get("/tickets/new").await.expect(200);
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let app = TestApp::with_auth().await;
    let browser = app.browser();
    browser.sign_up("ann").await;
    assert_eq!(browser.post("/auth/signout", &[]).await.expect(303).location(), "/");
    assert_eq!(browser.get("/tickets/new").await.expect(303).location(), "/auth/signin?next=/tickets/new");
}
