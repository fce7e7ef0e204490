use crate::app::TestApp;

#[tokio::test]
async fn the_sign_in_page_leads_to_the_form_and_the_form_back() {
    let app = TestApp::alone().await;
    let page = app.browser().get("/auth/signin").await.expect(200);
    assert!(page.links("main a").contains(&"/auth/forgot".to_owned()));
    let page = app.browser().get("/auth/forgot").await.expect(200);
    assert_eq!(page.attribute("#email", "autocomplete"), "username");
    assert_eq!(page.attribute("main p:last-child a", "href"), "/auth/signin");
}

#[tokio::test]
async fn the_answer_is_the_same_for_known_and_unknown_addresses() {
    let app = TestApp::with_auth().await;
    app.browser().sign_up("ann").await;
    let mut pages = Vec::new();
    for name in ["ann", "zoe"] {
        let page = app.browser().post("/auth/forgot", &[("email", &format!("{name}@example.com"))]).await.expect(200);
        assert_eq!(page.text("h1"), "Look at your mail");
        pages.push(page.html.replace(name, "NAME"));
    }
    assert_eq!(pages[0], pages[1]);
}

#[tokio::test]
async fn what_is_no_address_is_refused_beside_the_field() {
    let app = TestApp::with_auth().await;
    let page = app.browser().post("/auth/forgot", &[("email", "ann\"<b>")]).await.expect(400);
    assert_eq!(page.text("#email-message"), "Email must be valid");
    assert_eq!(page.attribute("#email", "value"), "ann\"<b>");
}
