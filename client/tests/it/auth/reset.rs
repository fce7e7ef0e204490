use crate::app::TestApp;

#[tokio::test]
async fn the_token_of_the_link_leaves_the_page_by_its_form_alone() {
    let app = TestApp::alone().await;
    let page = app.browser().get("/reset?token=a-secret").await.expect(200);
    assert_eq!(page.attribute("main input[name=token]", "value"), "a-secret");
    assert_eq!(page.attribute("#newPassword", "autocomplete"), "new-password");
    assert_eq!((page.header("referrer-policy"), page.header("cache-control")), ("strict-origin", "no-store"));
    assert_eq!((page.header("etag"), page.attribute("meta[name=robots]", "content").as_str()), ("", "noindex, follow"));
    assert!(page.links("a").iter().all(|link| !link.contains("a-secret")), "{}", page.html);
}

#[tokio::test]
async fn a_link_that_is_not_whole_or_not_valid_leads_to_a_new_one() {
    let app = TestApp::with_auth().await;
    let browser = app.browser();
    let form = [("token", "a-secret"), ("newPassword", "battery staple")];
    for page in [
        browser.get("/reset").await,
        browser.get("/reset?token=").await,
        browser.get("/reset?token=a&token=b").await,
        browser.post("/reset", &form).await,
    ] {
        let page = page.expect(400);
        assert_eq!(page.text("h1"), "This link does not work");
        assert_eq!(page.attribute("main a.button", "href"), "/auth/forgot");
        assert!(!page.html.contains("battery staple"));
    }
}
