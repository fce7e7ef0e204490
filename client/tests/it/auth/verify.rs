use crate::app::TestApp;

#[tokio::test]
async fn looking_at_the_link_proves_nothing_yet() {
    let app = TestApp::alone().await;
    let page = app.browser().get("/verify?token=a-secret").await.expect(200);
    assert_eq!(page.fields("/verify"), [("token".to_owned(), "a-secret".to_owned())]);
    assert_eq!((page.header("referrer-policy"), page.header("cache-control")), ("strict-origin", "no-store"));
    assert!(page.links("a").iter().all(|link| !link.contains("a-secret")), "{}", page.html);
}

#[tokio::test]
async fn a_link_that_is_not_valid_is_refused() {
    let app = TestApp::with_auth().await;
    for page in [app.browser().get("/verify").await, app.browser().post("/verify", &[("token", "a-secret")]).await] {
        assert_eq!(page.expect(400).text("h1"), "This link does not work");
    }
}
