use crate::app::TestApp;

#[tokio::test]
async fn every_page_carries_the_headers_that_protect_it() {
    let app = TestApp::with_auth().await;
    let browser = app.browser();
    for path in ["/", "/auth/signin", "/nothing"] {
        let page = browser.get(path).await;
        assert_eq!(
            page.header("content-security-policy"),
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("referrer-policy"), "same-origin");
        assert_eq!(page.header("cache-control"), "no-cache");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert!(page.html.starts_with("<!DOCTYPE html><html lang=\"en\">"), "{}", page.html);
        assert!(!page.html.contains("<!>") && !page.html.contains("<!--"), "{}", page.html);
        assert!(!page.has("script:not([src^='/assets/'])") && !page.html.contains(" style="), "{}", page.html);
    }
    browser.sign_up("ann").await;
    assert_eq!(browser.get("/tickets/new").await.header("cache-control"), "no-store");
}
