use common::testing::eventually;

use crate::app::TestApp;

#[tokio::test]
async fn a_seller_without_listings_is_told_how_to_begin() {
    let app = TestApp::whole().await;
    let ann = app.browser();
    ann.sign_up("ann").await;
    let page = ann.get("/selling").await.expect(200);
    assert!(page.has(".empty") && !page.has(".figures"));
    assert_eq!(page.attribute(".actions a", "href"), "/tickets/new");
    assert_eq!(app.browser().get("/selling").await.expect(303).location(), "/auth/signin?next=/selling");
}

#[tokio::test]
async fn a_listing_shows_its_state_as_it_changes() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let ticket = ann.sell("Concert", "20").await;
    ann.sell("Opera", "30").await;
    let states = async || ann.get("/selling").await.texts(".listings .badge");
    assert_eq!(states().await, ["On sale", "On sale"]);
    let order = bob.buy(&ticket).await;
    eventually("the ticket is reserved", async || states().await[1].starts_with("Reserved until").then_some(())).await;
    let page = ann.get("/selling").await;
    assert!(
        page.has("local-time time[datetime$=Z]")
            && page.texts(".listings li:last-child .links a") == ["Attach the file"]
    );
    bob.post(&format!("{order}/pay"), &[("token", "tok_visa")]).await.expect(303);
    eventually("the ticket is sold", async || (states().await[1] == "Sold for $20").then_some(())).await;
    let page = ann.get("/selling").await;
    assert_eq!(page.texts(".figures dd"), ["1", "1", "$20"]);
    assert!(page.text(".notice").starts_with("A buyer waits for a ticket"), "{}", page.html);
}

#[tokio::test]
async fn a_withdrawn_listing_is_offered_again_with_everything_that_it_said() {
    let app = TestApp::whole().await;
    let ann = app.browser();
    ann.sign_up("ann").await;
    let ticket = ann.sell_with(&[("title", "Concert"), ("price", "20"), ("city", "Ulm"), ("row", "7")]).await;
    ann.post(&format!("{ticket}/withdraw"), &[]).await.expect(303);
    let again = ann.get("/selling").await.attribute(".listings .links a", "href");
    let form = ann.get(&again).await.expect(200);
    for (id, value) in [("title", "Concert"), ("price", "20"), ("city", "Ulm"), ("row", "7")] {
        assert_eq!(form.attribute(&format!("#{id}"), "value"), value);
    }
    ann.fill_in(&form, "/tickets/new", &[]).await.expect(303);
    assert_eq!(ann.get("/selling").await.texts(".listings .badge"), ["On sale", "Withdrawn"]);
}

#[tokio::test]
async fn only_ones_own_listings_are_offered_again() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let ticket = ann.sell("Concert", "20").await;
    let id = ticket.rsplit('/').next().unwrap();
    bob.get(&format!("/tickets/new?from={id}")).await.expect(404);
    bob.get("/tickets/new?from=1&event=x").await.expect(200);
}
