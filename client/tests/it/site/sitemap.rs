use crate::app::TestApp;

#[tokio::test]
async fn the_sitemap_leads_to_every_event_page_by_page() {
    let app = TestApp::whole_with(&[], &[("public-url", "https://ticketing.example")]).await;
    let [ann] = app.visitors(["ann"]).await;
    for number in 0..201 {
        ann.sell(&format!("Evening {number}"), "20").await;
    }
    let index = app.browser().get("/sitemap.xml").await.expect(200);
    assert_eq!(index.header("content-type"), "application/xml; charset=utf-8");
    let pages = index.texts("sitemapindex loc");
    assert_eq!(pages.len(), 2, "{}", index.html);
    let mut urls = Vec::new();
    for page in &pages {
        let path = page.strip_prefix("https://ticketing.example").unwrap();
        urls.extend(app.browser().get(path).await.expect(200).texts("urlset loc"));
    }
    let events = urls.iter().filter(|url| url.starts_with("https://ticketing.example/events/")).count();
    assert_eq!((urls.len(), events), (204, 201));
    app.browser().get("/sitemap.xml?after=1").await.expect(404);
}

#[tokio::test]
async fn with_nothing_on_sale_the_sitemap_has_the_pages_that_are_always_there() {
    let app = TestApp::whole().await;
    assert_eq!(app.browser().get("/sitemap.xml").await.expect(200).texts("loc").len(), 1);
    let page = app.browser().get("/sitemap.xml?after=start").await.expect(200);
    assert_eq!(page.texts("loc").len(), 3);
}

#[tokio::test]
async fn the_index_is_read_once_for_everybody_who_asks_within_a_minute() {
    let mut app = TestApp::whole().await;
    let index = app.browser().get("/sitemap.xml").await.expect(200).html;
    app.stop_services().await;
    assert_eq!(app.browser().get("/sitemap.xml").await.expect(200).html, index);
    app.browser().get("/sitemap.xml?after=start").await.expect(503);
}
