use crate::app::TestApp;

#[tokio::test]
async fn search_engines_are_kept_from_what_is_ones_own_and_led_to_the_sitemap() {
    let app = TestApp::alone_with(&[("public-url", "https://ticketing.example")]).await;
    let robots = app.browser().get("/robots.txt").await.expect(200);
    assert_eq!(robots.header("content-type"), "text/plain; charset=utf-8");
    for line in ["Disallow: /orders", "Disallow: /account", "Sitemap: https://ticketing.example/sitemap.xml"] {
        assert!(robots.html.lines().any(|other| other == line), "{line} in {}", robots.html);
    }
}
