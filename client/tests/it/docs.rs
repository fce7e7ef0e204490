use reqwest::Method;
use reqwest::header::{ETAG, IF_NONE_MATCH};

use crate::app::TestApp;

#[tokio::test]
async fn the_page_of_the_api_names_only_what_is_served_here() {
    let app = TestApp::alone().await;
    let page = app.browser().get("/docs").await.expect(200);
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("http"), "{policy}");
    let named: Vec<&str> = page.html.split('"').filter(|part| part.starts_with('/')).collect();
    assert!(named.contains(&"/docs/openapi.json") && named.contains(&"/docs/swagger-ui-bundle.js"), "{named:?}");
    assert!(!page.html.contains("://"), "{}", page.html);
    for path in named {
        app.browser().request(Method::GET, path).send().await.unwrap().error_for_status().unwrap();
    }
    app.browser().get("/docs/index.html").await.expect(404);
}

#[tokio::test]
async fn the_contract_is_served_as_it_is_committed_and_not_sent_twice() {
    let app = TestApp::alone().await;
    let contract = app.browser().request(Method::GET, "/docs/openapi.json").send().await.unwrap();
    let tag = contract.headers()[ETAG].clone();
    assert_eq!(contract.text().await.unwrap(), include_str!("../../../contracts/openapi.json"));
    let again = app.browser().request(Method::GET, "/docs/openapi.json").header(IF_NONE_MATCH, tag);
    assert_eq!(again.send().await.unwrap().status(), 304);
}

#[tokio::test]
async fn every_page_leads_to_the_api() {
    let app = TestApp::alone().await;
    assert!(app.browser().get("/terms").await.has("footer a[href='/docs']"));
}
