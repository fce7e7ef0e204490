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

#[tokio::test]
async fn what_was_typed_is_shown_again_as_it_was_and_is_no_part_of_the_page() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let report = format!("{}/report", ann.sell("Concert", "20").await);
    let form = bob.get(&report).await.expect(200);
    let typed = format!("</textarea><script>alert(1)</script> &lt; {}", "a".repeat(500));
    let page = bob.fill_in(&form, &report, &[("reason", &typed)]).await.expect(400);
    assert!(page.fields(&report).contains(&("reason".to_owned(), typed)), "{}", page.html);
}
