use crate::app::TestApp;

#[tokio::test]
async fn without_orders_the_page_leads_to_what_is_for_sale() {
    let app = TestApp::whole().await;
    let browser = app.browser();
    browser.sign_up("ann").await;
    let page = browser.get("/orders").await.expect(200);
    assert_eq!(page.attribute("main .empty a", "href"), "/");
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
    assert_eq!(page.texts(".orders a"), ["Opera", "Concert"]);
    assert_eq!(page.attribute(".orders li:last-child a", "href"), concert);
    let states = page.texts(".orders .state");
    assert!(
        ["To be paid within 14 min ", "To be paid within 15 min 0 s"].iter().any(|open| states[0].starts_with(open)),
        "{states:?}"
    );
    assert_eq!(states[1], "Cancelled");
    assert!(!ann.get("/orders").await.has(".list"));
}
