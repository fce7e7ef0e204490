use common::testing::eventually;

use crate::app::TestApp;

#[tokio::test]
async fn a_cancelled_order_says_so_and_its_ticket_is_for_sale_again() {
    let app = TestApp::whole().await;
    let [ann, bob, eve] = app.visitors(["ann", "bob", "eve"]).await;
    let ticket = ann.sell("Concert", "20").await;
    let order = bob.buy(&ticket).await;
    let page = bob.post_and_follow(&format!("{order}/cancel"), &[]).await.expect(200);
    assert_eq!(page.text("[data-state]"), "You cancelled this order");
    assert!(!page.has("main form"));
    assert_eq!(page.header("refresh"), "");
    eventually("it is for sale", async || {
        eve.get(&ticket).await.has(&format!("form[action='{ticket}/buy']")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn somebody_elses_order_is_not_theirs_to_cancel() {
    let app = TestApp::whole().await;
    let (ann, bob) = (app.browser(), app.browser());
    ann.sign_up("ann").await;
    bob.sign_up("bob").await;
    let order = bob.buy(&ann.sell("Concert", "20").await).await;
    ann.post(&format!("{order}/cancel"), &[]).await.expect(403);
    assert!(bob.get(&order).await.has(&format!("form[action='{order}/pay']")));
}
