use crate::app::TestApp;

#[tokio::test]
async fn with_nothing_on_sale_the_page_asks_for_the_first_ticket() {
    let app = TestApp::whole().await;
    let page = app.browser().get("/").await.expect(200);
    assert_eq!(page.text("title"), "Tickets for what you want to see · Ticketing");
    assert_eq!(page.text(".empty h2"), "Nothing is on sale at the moment");
    assert_eq!(page.links(".empty a"), ["/tickets/new"]);
}

#[tokio::test]
async fn when_nothing_matches_the_page_says_what_to_leave_out_and_what_is_on() {
    let app = TestApp::whole().await;
    let [ann] = app.visitors(["ann"]).await;
    ann.sell_with(&[("title", "Tosca"), ("price", "80"), ("city", "Berlin")]).await;
    let page = app.browser().get("/?q=tosca&city=Paris").await.expect(200);
    assert_eq!(page.text(".empty h2"), "Nothing matches all of that");
    assert_eq!(page.texts(".empty .chip"), ["without Paris"]);
    assert_eq!(page.links(".empty .chip"), ["/?q=tosca"]);
    assert_eq!(page.texts(".card h3"), ["Tosca"]);
}
