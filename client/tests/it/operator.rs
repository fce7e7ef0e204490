use common::testing::{User, eventually};

use crate::app::TestApp;

#[tokio::test]
async fn for_everybody_but_an_operator_there_is_no_such_page() {
    let operator = User::new();
    let app = TestApp::whole_with_operator(&operator).await;
    let [ann] = app.visitors(["ann"]).await;
    let id = "65a1b2c3d4e5f60718293a4b";
    for path in
        ["/operator".to_owned(), format!("/operator/tickets/{id}/takedown"), format!("/operator/orders/{id}/refund")]
    {
        assert_eq!(ann.get(&path).await.expect(404).text("h1"), "Not found");
        app.browser().get(&path).await.expect(404);
    }
    for path in ["takedown", "dismiss"] {
        ann.post(&format!("/operator/tickets/{id}/{path}"), &[("reason", "x")]).await.expect(404);
    }
    ann.post(&format!("/operator/orders/{id}/refund"), &[]).await.expect(404);
    app.browser_of(&operator).get("/operator").await.expect(200);
}

#[tokio::test]
async fn an_order_or_a_listing_is_looked_up_by_its_id() {
    let user = User::new();
    let app = TestApp::whole_with_operator(&user).await;
    let operator = app.browser_of(&user);
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let ticket = ann.sell("Concert", "20").await;
    let order = bob.buy(&ticket).await;
    let id = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let page = operator.get(&format!("/operator?id={}", id(&ticket))).await.expect(200);
    assert_eq!(page.text("#listing h3"), "Concert");
    let page = operator.get(&format!("/operator?id=+{}+", id(&order))).await.expect(200);
    assert_eq!(
        (page.text("#order strong"), page.text("#order .badge")),
        ("Concert".to_owned(), "Not paid yet".to_owned())
    );
    assert!(!page.has("#order a.button"), "there is nothing to refund");
    for nothing in ["65a1b2c3d4e5f60718293a4b", "concert", "%22"] {
        let page = operator.get(&format!("/operator?id={nothing}")).await.expect(200);
        assert!(page.text("[role=status]").starts_with("There is no order and no listing"), "{}", page.html);
    }
}

#[tokio::test]
async fn reports_are_shown_until_they_are_dismissed() {
    let user = User::new();
    let app = TestApp::whole_with_operator(&user).await;
    let operator = app.browser_of(&user);
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    assert_eq!(operator.get("/operator").await.expect(200).text("#reports p"), "Nothing is reported.");
    let ticket = ann.sell("Concert", "20").await;
    bob.post(&format!("{ticket}/report"), &[("reason", "It is a <b>forgery</b>")]).await.expect(200);
    let page = operator.get("/operator").await.expect(200);
    assert_eq!(page.text("#reports .title"), "Concert");
    assert!(page.text("#reports .reports li").starts_with("It is a <b>forgery</b>"), "{}", page.html);
    let dismiss = format!("/operator{}/dismiss", ticket);
    operator.fill_in(&page, &dismiss, &[]).await.expect(303);
    assert!(!operator.get("/operator").await.has("#reports .title"));
    ann.get(&ticket).await.expect(200);
}

#[tokio::test]
async fn a_listing_is_taken_down_with_a_reason_that_its_seller_reads() {
    let user = User::new();
    let app = TestApp::whole_with_operator(&user).await;
    let operator = app.browser_of(&user);
    let [ann] = app.visitors(["ann"]).await;
    let ticket = ann.sell("Concert", "20").await;
    let path = format!("/operator{ticket}/takedown");
    let form = operator.get(&path).await.expect(200);
    let page = operator.fill_in(&form, &path, &[("reason", " ")]).await.expect(400);
    assert_eq!(page.text("#reason-message"), "Reason is required");
    operator.fill_in(&form, &path, &[("reason", "A forgery")]).await.expect(303);
    app.browser().get(&ticket).await.expect(404);
    let page = ann.get("/selling").await.expect(200);
    assert_eq!(page.text(".listings .badge"), "Taken down");
    assert_eq!(page.text(".listings .message"), "The operator took it down: A forgery");
}

#[tokio::test]
async fn a_paid_order_is_refunded_after_a_question() {
    let user = User::new();
    let app = TestApp::whole_with_operator(&user).await;
    let operator = app.browser_of(&user);
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let order = bob.buy(&ann.sell("Concert", "20").await).await;
    bob.post(&format!("{order}/pay"), &[("token", "tok_visa")]).await.expect(303);
    let found = format!("/operator?id={}", order.rsplit('/').next().unwrap());
    let paid = async || {
        let page = operator.get(&found).await.expect(200);
        page.has("#order a.danger").then_some(page)
    };
    let page = eventually("the order is paid", paid).await;
    let refund = page.attribute("#order a.danger", "href");
    let question = operator.get(&refund).await.expect(200);
    assert_eq!(question.text("main form button"), "Refund $20");
    let refunded = async || {
        let answer = operator.fill_in(&question, &refund, &[]).await;
        (answer.status == 303).then_some(answer)
    };
    eventually("the refund is taken", refunded).await;
    let shown = async || (operator.get(&found).await.text("#order .badge") == "$20 refunded").then_some(());
    eventually("the order says so", shown).await;
    assert!(!operator.get(&found).await.has("#order a.danger"));
}
