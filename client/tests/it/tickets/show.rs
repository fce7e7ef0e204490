use common::testing::eventually;

use crate::app::TestApp;

#[tokio::test]
async fn a_visitor_without_a_session_signs_in_and_comes_back_to_the_ticket() {
    let app = TestApp::whole().await;
    let seller = app.browser();
    seller.sign_up("ann").await;
    let ticket = seller.sell("Concert", "20").await;
    let page = app.browser().get(&ticket).await.expect(200);
    assert_eq!(page.text("main a.button"), "Sign in to buy");
    assert_eq!(page.attribute("main a.button", "href"), format!("/auth/signin?next={ticket}"));
}

#[tokio::test]
async fn a_ticket_shows_each_visitor_what_it_is_to_them() {
    let app = TestApp::whole().await;
    let [ann, bob, eve] = app.visitors(["ann", "bob", "eve"]).await;
    let ticket = ann.sell("Concert", "20").await;
    let own = ann.get(&ticket).await.expect(200);
    assert_eq!(own.text(".state"), "This is your ticket. It is for sale.");
    assert_eq!(own.attribute("main a.button", "href"), format!("{ticket}/edit"));
    assert_eq!(bob.get(&ticket).await.text("main form button"), "Buy");

    let order = bob.buy(&ticket).await;
    let reserved = async || {
        let page = eve.get(&ticket).await;
        page.has(".state").then_some(page)
    };
    let page = eventually("the ticket is reserved", reserved).await;
    assert_eq!(page.text(".state"), "This ticket is reserved or sold.");
    assert!(!page.has("main form"));
    let page = bob.get(&ticket).await;
    assert_eq!(page.text(".state"), "You have reserved this ticket.");
    assert_eq!(page.attribute("main a.button", "href"), order);
    let page = ann.get(&ticket).await;
    assert_eq!(page.text(".state"), "This is your ticket. It is reserved or sold, so it cannot be changed.");
    assert_eq!(app.browser().get(&ticket).await.text(".state"), "This ticket is reserved or sold.");
}

#[tokio::test]
async fn a_ticket_that_does_not_exist_is_not_found() {
    let app = TestApp::whole().await;
    let page = app.browser().get("/tickets/65a1b2c3d4e5f60718293a4b").await.expect(404);
    assert_eq!(page.text("h1"), "Not found");
}
