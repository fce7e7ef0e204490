use common::testing::eventually;

use crate::app::TestApp;

#[tokio::test]
async fn a_seller_changes_title_and_price() {
    let app = TestApp::whole().await;
    let browser = app.browser();
    browser.sign_up("ann").await;
    let ticket = browser.sell("Concert", "20").await;
    let edit = format!("{ticket}/edit");
    let form = browser.get(&edit).await.expect(200);
    assert_eq!(form.attribute("#title", "value"), "Concert");
    assert_eq!(form.attribute("#price", "value"), "20.00");
    let page = browser.post_and_follow(&edit, &[("title", "Opera"), ("price", "30")]).await.expect(200);
    assert_eq!((page.text("h1"), page.text(".amount")), ("Opera".to_owned(), "$30.00".to_owned()));
    let page = browser.post(&edit, &[("title", "Opera"), ("price", "0")]).await.expect(400);
    assert_eq!(page.text("#price-message"), "Price must be greater than 0");
    assert_eq!(page.attribute("main form", "action"), edit);
}

#[tokio::test]
async fn somebody_elses_ticket_is_not_theirs_to_change() {
    let app = TestApp::whole().await;
    let (ann, bob) = (app.browser(), app.browser());
    ann.sign_up("ann").await;
    bob.sign_up("bob").await;
    let edit = format!("{}/edit", ann.sell("Concert", "20").await);
    for page in [bob.get(&edit).await, bob.post(&edit, &[("title", "Mine"), ("price", "1")]).await] {
        let page = page.expect(403);
        assert_eq!(page.text("h1"), "Not yours");
        assert!(page.text("main p:first-of-type").contains("bob@example.com"));
    }
}

#[tokio::test]
async fn a_reserved_ticket_cannot_be_changed() {
    let app = TestApp::whole().await;
    let (ann, bob) = (app.browser(), app.browser());
    ann.sign_up("ann").await;
    bob.sign_up("bob").await;
    let ticket = ann.sell("Concert", "20").await;
    let edit = format!("{ticket}/edit");
    bob.buy(&ticket).await;
    eventually("the ticket is reserved", async || (ann.get(&edit).await.status == 303).then_some(())).await;
    assert_eq!(ann.get(&edit).await.location(), ticket);
    let page = ann.post(&edit, &[("title", "Opera"), ("price", "30")]).await.expect(400);
    assert_eq!(page.text(".refusal"), "Cannot edit a reserved ticket");
    assert_eq!(page.attribute("#title", "value"), "Opera");
}
