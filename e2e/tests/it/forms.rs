use common::testing::eventually;
use infra_local::Fleet;
use tokio::sync::Mutex;

use crate::browser::Browser;
use crate::platform::Platform;

async fn sign_up(fleet: &Fleet, email: &str) -> Browser {
    let mut browser = Browser::open(fleet);
    let form = browser.visit("/auth/signup").await.expect(200, "Sign Up");
    let entered = [("email", email), ("password", "correct horse")];
    browser.submit(&form, "/auth/signup", &entered).await.expect(200, "Sign Out");
    browser
}

#[tokio::test]
async fn a_sale_works_through_forms_without_any_script() {
    let platform = Platform::start(&[]).await;
    let fleet = &platform.fleet;

    // What is refused comes back with what was entered and the message beside it.
    let mut stranger = Browser::open(fleet);
    let form = stranger.visit("/auth/signup").await;
    let refused = stranger.submit(&form, "/auth/signup", &[("email", "nobody"), ("password", "short")]).await;
    assert_eq!(refused.value("/auth/signup", "email"), "nobody");
    refused.expect(400, "Email must be valid").expect(400, "Password must be between 8 and 128 characters");

    let mut seller = sign_up(fleet, "seller@example.com").await;
    let form = seller.visit("/tickets/new").await.expect(200, "Title");
    let listed = seller.submit(&form, "/tickets/new", &[("title", "Opera <b>night</b>"), ("price", "20.50")]).await;
    listed.expect(200, "Opera <b>night</b>");

    let mut buyer = sign_up(fleet, "buyer@example.com").await;
    let ticket = {
        let list = buyer.visit("/").await.expect(200, "Opera <b>night</b>").expect(200, "$20.50");
        list.first_link("/tickets/").expect("a link to the ticket")
    };
    let page = buyer.visit(&ticket).await;
    let order = buyer.submit(&page, &format!("{ticket}/buy"), &[]).await.expect(200, "Test mode");
    let order_path = order.path.clone();

    let mut rival = sign_up(fleet, "rival@example.com").await;
    let rival = Mutex::new(&mut rival);
    eventually("the ticket is shown as reserved", async || {
        let page = rival.lock().await.visit(&ticket).await;
        page.text().to_lowercase().contains("reserved").then_some(())
    })
    .await;

    // Cancel, and buy it again.
    buyer.submit(&order, &format!("{order_path}/cancel"), &[]).await.expect(200, "cancelled");
    let buyer = Mutex::new(buyer);
    let page = eventually("the ticket is free again", async || {
        let page = buyer.lock().await.visit(&ticket).await;
        page.has_form(&format!("{ticket}/buy")).then_some(page)
    })
    .await;
    let mut buyer = buyer.into_inner();
    let order = buyer.submit(&page, &format!("{ticket}/buy"), &[]).await.expect(200, "Test mode");
    let pay = format!("{}/pay", order.path);
    let declined = buyer.submit(&order, &pay, &[("token", "tok_chargeDeclined")]).await;
    let declined = declined.expect(400, "Your card was declined");
    let paid = buyer.submit(&declined, &pay, &[("token", "tok_visa")]).await;
    assert_eq!(paid.status, 200, "{}", paid.text());
    let buyer = Mutex::new(buyer);
    eventually("the order is shown as complete", async || {
        let page = buyer.lock().await.visit(&order.path).await;
        page.text().to_lowercase().contains("paid").then_some(())
    })
    .await;
    buyer.lock().await.visit("/orders").await.expect(200, "Opera");
    eventually("the ticket is off the list", async || {
        let page = buyer.lock().await.visit("/").await;
        (!page.text().contains("Opera")).then_some(())
    })
    .await;
    platform.stop().await;
}
