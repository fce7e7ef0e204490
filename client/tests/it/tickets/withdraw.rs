use common::testing::eventually;

use crate::app::TestApp;

#[tokio::test]
async fn a_seller_withdraws_a_listing_after_a_question() {
    let app = TestApp::whole().await;
    let ann = app.browser();
    ann.sign_up("ann").await;
    let ticket = ann.sell("Concert", "20").await;
    let withdraw = format!("{ticket}/withdraw");
    let question = ann.get(&withdraw).await.expect(200);
    assert_eq!(question.text("main form button"), "Withdraw");
    assert_eq!(ann.get(&ticket).await.status, 200, "a question withdraws nothing");
    let page = ann.post_and_follow(&withdraw, &[]).await.expect(200);
    assert_eq!(page.text(".listings .badge"), "Withdrawn");
    ann.get(&ticket).await.expect(404);
    assert_eq!(ann.post(&withdraw, &[]).await.expect(303).location(), "/selling");
}

#[tokio::test]
async fn a_reserved_ticket_stays_and_the_page_says_why() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let ticket = ann.sell("Concert", "20").await;
    bob.buy(&ticket).await;
    let withdraw = format!("{ticket}/withdraw");
    eventually("the ticket is reserved", async || (ann.get(&withdraw).await.status == 303).then_some(())).await;
    let page = ann.post(&withdraw, &[]).await.expect(400);
    assert_eq!(page.text(".refusal"), "Cannot withdraw a reserved ticket");
}

#[tokio::test]
async fn nobody_withdraws_somebody_elses_listing() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let withdraw = format!("{}/withdraw", ann.sell("Concert", "20").await);
    bob.get(&withdraw).await.expect(403);
    bob.post(&withdraw, &[]).await.expect(403);
}
