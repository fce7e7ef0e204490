use crate::app::TestApp;

#[tokio::test]
async fn a_visitor_reports_a_listing_with_a_reason() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let ticket = ann.sell("Concert", "20").await;
    let report = bob.get(&ticket).await.attribute("a[href$='/report']", "href");
    assert_eq!(report, format!("{ticket}/report"));
    assert!(!ann.get(&ticket).await.has("a[href$='/report']"), "one does not report oneself");
    let form = bob.get(&report).await.expect(200);
    let page = bob.fill_in(&form, &report, &[("reason", "")]).await.expect(400);
    assert!(page.has("#reason-message"), "{}", page.html);
    let page = bob.fill_in(&form, &report, &[("reason", "It is a forgery")]).await.expect(200);
    assert_eq!(page.text("h1"), "Thank you");
}
