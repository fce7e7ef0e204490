use crate::app::TestApp;

#[tokio::test]
async fn a_seller_puts_a_ticket_on_sale_and_sees_it() {
    let app = TestApp::whole().await;
    let browser = app.browser();
    browser.sign_up("ann").await;
    let form = browser.get("/tickets/new").await.expect(200);
    assert_eq!(form.attribute("#price", "inputmode"), "decimal");
    let page = browser.post_and_follow("/tickets/new", &[("title", "Concert"), ("price", "12.5")]).await.expect(200);
    assert_eq!((page.text("h1"), page.text(".amount")), ("Concert".to_owned(), "$12.50".to_owned()));
}

#[tokio::test]
async fn a_refusal_stands_beside_its_field_with_what_was_entered() {
    let app = TestApp::whole().await;
    let browser = app.browser();
    browser.sign_up("ann").await;
    let page = browser.post("/tickets/new", &[("title", " "), ("price", "-5 $")]).await.expect(400);
    assert_eq!(page.text("#title-message"), "Title is required");
    assert_eq!(page.text("#price-message"), "Price must be greater than 0");
    assert_eq!(page.attribute("#price", "aria-describedby"), "price-message price-hint");
    assert_eq!(page.attribute("#price", "value"), "-5 $");
    browser.post("/tickets/new", &[]).await.expect(400);
}
