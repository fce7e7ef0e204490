use crate::app::TestApp;

#[tokio::test]
async fn a_long_list_comes_in_pages() {
    let app = TestApp::whole().await;
    let browser = app.browser();
    browser.sign_up("ann").await;
    for number in 0..101 {
        browser.sell(&format!("Seat {number}"), "20").await;
    }
    let first = app.browser().get("/").await.expect(200);
    assert_eq!(first.texts(".list a").len(), 100);
    assert_eq!(first.texts(".paging a"), ["More tickets"]);
    let second = app.browser().get(&first.attribute(".paging a", "href")).await.expect(200);
    assert_eq!(second.texts(".list a"), ["Seat 0"]);
    assert_eq!(second.texts(".paging a"), ["Newest tickets"]);
}
