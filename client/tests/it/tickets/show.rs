use common::testing::eventually;

use crate::app::TestApp;

#[tokio::test]
async fn a_visitor_without_a_session_signs_in_and_comes_back_to_the_ticket() {
    let app = TestApp::whole().await;
    let seller = app.browser();
    seller.sign_up("ann").await;
    let ticket = seller.sell("Concert", "20").await;
    let page = app.browser().get(&ticket).await.expect(200);
    assert_eq!(page.text("aside a.button"), "Sign in to buy");
    assert_eq!(page.attribute("aside a.button", "href"), format!("/auth/signin?next={ticket}"));
}

#[tokio::test]
async fn a_ticket_shows_each_visitor_what_it_is_to_them() {
    let app = TestApp::whole().await;
    let [ann, bob, eve] = app.visitors(["ann", "bob", "eve"]).await;
    let ticket = ann.sell("Concert", "20").await;
    let own = ann.get(&ticket).await.expect(200);
    assert_eq!(own.text(".state"), "This is your ticket. It is on sale.");
    let actions = ["Edit", "Attach the file", "Withdraw"];
    assert_eq!(own.texts("aside .actions a"), actions);
    assert_eq!(bob.get(&ticket).await.text("aside form button"), "Buy");

    let order = bob.buy(&ticket).await;
    let reserved = async || {
        let page = eve.get(&ticket).await;
        page.has(".state").then_some(page)
    };
    let page = eventually("the ticket is reserved", reserved).await;
    assert_eq!(page.text("aside .state"), "Somebody else has reserved or bought this ticket.");
    assert!(!page.has("aside form"));
    let page = bob.get(&ticket).await;
    assert_eq!(page.text(".state"), "You have reserved this ticket.");
    assert_eq!(page.attribute("aside a.button", "href"), order);
    let page = ann.get(&ticket).await;
    assert_eq!(page.text(".state"), "This is your ticket. It is reserved or sold, so it cannot be changed.");
    let page = app.browser().get(&ticket).await;
    assert_eq!(page.text("aside .state"), "Somebody else has reserved or bought this ticket.");
}

#[tokio::test]
async fn a_ticket_that_is_taken_leads_to_others() {
    let app = TestApp::whole().await;
    let [ann, bob, eve] = app.visitors(["ann", "bob", "eve"]).await;
    let taken = ann.sell_with(&[("title", "Tosca"), ("price", "20"), ("city", "Berlin")]).await;
    let same_event = ann.sell_with(&[("title", "Tosca"), ("price", "90"), ("city", "Berlin")]).await;
    let same_city = ann.sell_with(&[("title", "Football"), ("price", "10"), ("city", "Berlin")]).await;
    bob.buy(&taken).await;
    let similar = async || {
        let page = eve.get(&taken).await.expect(200);
        page.has(".similar").then_some(page)
    };
    let page = eventually("the ticket is reserved", similar).await;
    assert_eq!(page.links(".similar .list a"), [same_event, same_city]);
}

#[tokio::test]
async fn a_ticket_that_is_not_there_any_more_leads_to_what_is() {
    let app = TestApp::whole().await;
    let browser = app.browser();
    browser.sign_up("ann").await;
    let other = browser.sell("Concert", "20").await;
    let withdrawn = browser.sell("Opera", "20").await;
    browser.post(&format!("{withdrawn}/withdraw"), &[]).await.expect(303);
    for path in [withdrawn.as_str(), "/tickets/65a1b2c3d4e5f60718293a4b"] {
        let page = app.browser().get(path).await.expect(404);
        assert_eq!(page.text("h1"), "This ticket is not here any more");
        assert_eq!(page.links(".similar .list a"), std::slice::from_ref(&other));
    }
    assert_eq!(app.browser().get("/tickets/1").await.expect(404).text("h1"), "Not found");
}
