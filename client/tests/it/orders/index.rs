use crate::app::TestApp;

#[tokio::test]
async fn without_orders_the_page_leads_to_what_is_for_sale() {
    let app = TestApp::whole().await;
    let browser = app.browser();
    browser.sign_up("ann").await;
    let page = browser.get("/orders").await.expect(200);
    assert_eq!(page.attribute("main p a", "href"), "/");
    assert_eq!(page.header("cache-control"), "no-store");
}

#[tokio::test]
async fn orders_are_listed_newest_first_with_their_state() {
    let app = TestApp::whole().await;
    let (ann, bob) = (app.browser(), app.browser());
    ann.sign_up("ann").await;
    bob.sign_up("bob").await;
    let concert = bob.buy(&ann.sell("Concert", "20").await).await;
    bob.buy(&ann.sell("Opera", "30").await).await;
    bob.post(&format!("{concert}/cancel"), &[]).await.expect(303);
    let page = bob.get("/orders").await.expect(200);
    assert_eq!(page.texts(".list a"), ["Opera", "Concert"]);
    assert_eq!(page.attribute(".list li:last-child a", "href"), concert);
    let states = page.texts(".list .state");
    assert!(states[0].starts_with("To be paid within 14 min "), "{states:?}");
    assert_eq!(states[1], "Cancelled");
    assert!(!ann.get("/orders").await.has(".list"));
}
