use crate::app::TestApp;

#[tokio::test]
async fn buying_a_ticket_leads_to_the_order() {
    let app = TestApp::whole().await;
    let (ann, bob) = (app.browser(), app.browser());
    ann.sign_up("ann").await;
    bob.sign_up("bob").await;
    let ticket = ann.sell("Concert", "20").await;
    let page = bob.post_and_follow(&format!("{ticket}/buy"), &[]).await.expect(200);
    assert_eq!(page.text("h1"), "Order: Concert");
}

#[tokio::test]
async fn a_refusal_stands_on_the_tickets_page() {
    let app = TestApp::whole().await;
    let [ann, bob, eve] = app.visitors(["ann", "bob", "eve"]).await;
    let ticket = ann.sell("Concert", "20").await;
    let page = ann.post(&format!("{ticket}/buy"), &[]).await.expect(400);
    assert_eq!(page.text(".refusal[role=alert]"), "Cannot order your own ticket");
    assert_eq!(page.text("h1"), "Concert");
    bob.buy(&ticket).await;
    let page = eve.post(&format!("{ticket}/buy"), &[]).await.expect(400);
    assert_eq!(page.text(".refusal[role=alert]"), "Ticket is already reserved");
}
