use reqwest::Method;
use reqwest::header::IF_NONE_MATCH;

use crate::app::TestApp;

#[tokio::test]
async fn the_feed_has_the_newest_tickets_first() {
    let app = TestApp::whole_with(&[], &[("public-url", "https://ticketing.example")]).await;
    let [ann] = app.visitors(["ann"]).await;
    ann.sell_with(&[("title", "Tosca & co"), ("price", "80"), ("city", "Berlin")]).await;
    let newest = ann.sell("Concert", "12.5").await;
    let feed = app.browser().get("/feed.xml").await.expect(200);
    assert_eq!(feed.header("content-type"), "application/atom+xml; charset=utf-8");
    assert_eq!(feed.texts("entry > title"), ["Concert", "Tosca & co"]);
    assert_eq!(feed.texts("entry > summary"), ["$12.50", "Berlin · $80"]);
    assert_eq!(feed.texts("entry > id")[0], format!("https://ticketing.example{newest}"));
    assert_eq!(feed.links("link[rel=self]"), ["https://ticketing.example/feed.xml"]);
    let request = app.browser().request(Method::GET, "/feed.xml").header(IF_NONE_MATCH, feed.header("etag"));
    assert_eq!(app.browser().send(request).await.status, 304);
}

#[tokio::test]
async fn every_page_names_the_feed() {
    let app = TestApp::alone().await;
    let page = app.browser().get("/auth/signin").await.expect(200);
    assert_eq!(page.links("link[type='application/atom+xml']"), ["/feed.xml"]);
}
