use reqwest::Method;
use reqwest::header::{ACCEPT_ENCODING, IF_NONE_MATCH};

use crate::app::TestApp;

#[tokio::test]
async fn a_page_for_nobody_is_not_sent_again_while_it_is_the_same() {
    let app = TestApp::with_auth().await;
    let browser = app.browser();
    for path in ["/auth/signin", "/terms", "/preview.png", "/assets/style.css"] {
        let first = browser.get(path).await.expect(200);
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with("W/\""), "{path}: {tag}");
        let again = browser.send(browser.request(Method::GET, path).header(IF_NONE_MATCH, &tag)).await;
        assert_eq!((again.status, again.html.as_str(), again.header("etag")), (304, "", tag.as_str()), "{path}");
        assert_eq!(again.header("cache-control"), first.header("cache-control"), "{path}");
        let other = browser.send(browser.request(Method::GET, path).header(IF_NONE_MATCH, "W/\"0\"")).await;
        assert_eq!(other.status, 200, "{path}");
    }
    let german = browser.request(Method::GET, "/terms").header("accept-language", "de");
    let tag = browser.get("/terms").await.header("etag").to_owned();
    assert_eq!(browser.send(german.header(IF_NONE_MATCH, tag)).await.status, 200);
}

#[tokio::test]
async fn what_somebody_sees_who_is_signed_in_has_no_tag() {
    let app = TestApp::with_auth().await;
    let browser = app.browser();
    browser.sign_up("ann").await;
    assert_eq!(browser.get("/terms").await.expect(200).header("etag"), "");
}

#[tokio::test]
async fn pages_and_assets_are_compressed_as_the_browser_wants_it() {
    let app = TestApp::alone().await;
    let browser = app.browser();
    for path in ["/auth/signin", "/nothing", "/assets/style.css", "/assets/art.svg", "/assets/live-list.js"] {
        for encoding in ["br", "gzip"] {
            let answer = browser.send(browser.request(Method::GET, path).header(ACCEPT_ENCODING, encoding));
            // The bytes are no text, so only the headers are looked at.
            let answer = answer.await;
            assert_eq!(answer.header("content-encoding"), encoding, "{path}");
            let vary: Vec<_> = answer.headers.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect();
            assert!(vary.join(", ").contains("accept-encoding"), "{path}: {vary:?}");
        }
        assert_eq!(browser.get(path).await.header("content-encoding"), "");
    }
}
