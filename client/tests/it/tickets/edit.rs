use common::testing::eventually;

use crate::app::TestApp;

#[tokio::test]
async fn a_seller_changes_what_a_listing_says() {
    let app = TestApp::whole().await;
    let browser = app.browser();
    browser.sign_up("ann").await;
    let ticket = browser.sell_with(&[("title", "Concert"), ("price", "20.5"), ("city", "Ulm"), ("seat", "4")]).await;
    let edit = format!("{ticket}/edit");
    let form = browser.get(&edit).await.expect(200);
    for (id, value) in [("title", "Concert"), ("price", "20.50"), ("city", "Ulm"), ("seat", "4")] {
        assert_eq!(form.attribute(&format!("#{id}"), "value"), value);
    }
    let changed = [("title", "Opera"), ("price", "30"), ("seat", "")];
    let answer = browser.fill_in(&form, &edit, &changed).await.expect(303);
    let page = browser.get(answer.location()).await.expect(200);
    assert_eq!((page.text("h1"), page.text(".amount")), ("Opera".to_owned(), "$30".to_owned()));
    assert!(page.texts(".line").iter().any(|line| line == "Ulm") && !page.has(".facts"), "{}", page.html);
    let page = browser.fill_in(&form, &edit, &[("price", "0")]).await.expect(400);
    assert_eq!(page.text("#price-message"), "Price must be greater than 0");
    assert_eq!(page.attribute("#listing", "action"), edit);
}

#[tokio::test]
async fn a_preview_of_a_change_changes_nothing() {
    let app = TestApp::whole().await;
    let browser = app.browser();
    browser.sign_up("ann").await;
    let ticket = browser.sell("Concert", "20").await;
    let entered = [("title", "Opera"), ("price", "30"), ("preview", "yes")];
    let page = browser.post(&format!("{ticket}/edit"), &entered).await.expect(200);
    assert_eq!((page.text("aside h3"), page.text("aside .amount")), ("Opera".to_owned(), "$30".to_owned()));
    assert_eq!(browser.get(&ticket).await.text("h1"), "Concert");
}

#[tokio::test]
async fn somebody_elses_ticket_is_not_theirs_to_change() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
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
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let ticket = ann.sell("Concert", "20").await;
    let edit = format!("{ticket}/edit");
    bob.buy(&ticket).await;
    eventually("the ticket is reserved", async || (ann.get(&edit).await.status == 303).then_some(())).await;
    assert_eq!(ann.get(&edit).await.location(), ticket);
    let page = ann.post(&edit, &[("title", "Opera"), ("price", "30")]).await.expect(400);
    assert_eq!(page.text(".refusal"), "Cannot edit a reserved ticket");
    assert_eq!(page.attribute("#title", "value"), "Opera");
}
