use reqwest::Method;

use crate::app::TestApp;

#[tokio::test]
async fn every_page_carries_the_headers_that_protect_it() {
    let app = TestApp::with_auth().await;
    let browser = app.browser();
    for path in ["/terms", "/auth/signin", "/nothing"] {
        let page = browser.get(path).await;
        assert_eq!(
            page.header("content-security-policy"),
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
             base-uri 'none'; frame-ancestors 'none'"
        );
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("referrer-policy"), "same-origin");
        assert_eq!(page.header("cache-control"), "no-cache");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert!(page.html.starts_with("<!DOCTYPE html><html lang=\"en\">"), "{}", page.html);
        assert!(!page.html.contains("<!>") && !page.html.contains("<!--"), "{}", page.html);
        assert!(!page.has("script:not([src])") && !page.html.contains(" style="), "{}", page.html);
    }
    browser.sign_up("ann").await;
    assert_eq!(browser.get("/tickets/new").await.header("cache-control"), "no-store");
}

#[tokio::test]
async fn every_page_has_a_title_a_description_and_the_colours_of_its_header() {
    let app = TestApp::alone().await;
    for path in ["/auth/signin", "/terms", "/nothing"] {
        let page = app.browser().get(path).await;
        assert!(page.text("title").ends_with(" · Ticketing"));
        assert!(page.attribute("meta[name=description]", "content").len() > 40);
        assert_eq!(page.texts("meta[name=theme-color]").len(), 2);
        assert_eq!(
            page.has("meta[property='og:image']"),
            path == "/terms",
            "only pages that are shared have a preview"
        );
    }
}

#[tokio::test]
async fn browsers_are_told_which_pages_they_may_load_ahead() {
    let app = TestApp::alone().await;
    let header = app.browser().get("/terms").await.header("speculation-rules").to_owned();
    let rules = app.browser().get(header.trim_matches('"')).await.expect(200);
    assert_eq!(rules.header("content-type"), "application/speculationrules+json");
    let rules: serde_json::Value = serde_json::from_str(&rules.html).unwrap();
    assert_eq!(rules["prefetch"][0]["eagerness"], "moderate");
}

#[tokio::test]
async fn every_answer_tells_the_browser_what_it_may_do_with_it() {
    let app = TestApp::with_auth().await;
    let browser = app.browser();
    for path in [
        "/terms",
        "/nothing",
        "/tickets/1",
        "/orders",
        "/feed.xml",
        "/robots.txt",
        "/preview.png",
        "/assets/style.css",
        "/assets/art.svg",
        "/assets/time-left.js",
        "/assets/nothing",
        "/tickets/new",
    ] {
        let answer = browser.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; ") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert!(answer.header("permissions-policy").contains("geolocation=()"), "{path}");
        assert_ne!(answer.header("cache-control"), "", "{path}");
        assert_eq!(answer.header("strict-transport-security"), "", "{path}");
        let over_https = browser.request(Method::GET, path).header("x-forwarded-proto", "https");
        assert_eq!(browser.send(over_https).await.header("strict-transport-security"), "max-age=31536000", "{path}");
    }
}

#[tokio::test]
async fn a_browser_comes_back_over_https_alone_where_that_is_forced() {
    let app = TestApp::alone_with(&[("secure-cookies", "true")]).await;
    assert_eq!(app.browser().get("/terms").await.header("strict-transport-security"), "max-age=31536000");
}
