use common::id::Id;
use common::testing::{HttpClient, eventually};

use crate::browser::{Browser, Page};
use crate::person::unless_limited;

/// The same sale through the pages and their forms, without any script.
///
/// # Panics
/// When a page does not say or offer what it should.
pub async fn pages(site: &HttpClient) {
    refused_sign_up(site).await;
    let title = format!("Opera <b>night</b> {}", Id::generate());
    let seller = sign_up(site, "seller").await;
    let form = seller.visit("/tickets/new").await.expect(200, "Title");
    seller.submit(&form, "/tickets/new", &[("title", &title), ("price", "20.50")]).await.expect(200, &title);

    let buyer = sign_up(site, "buyer").await;
    let search = buyer.visit(&format!("/?q={}", title.rsplit(' ').next().unwrap_or_default())).await;
    let event = search.expect(200, &title).expect(200, "$20.50").link(&title).expect("a link to the event");
    let ticket = buyer.visit(&event).await.expect(200, &title).link_in(".offers").expect("a link to the ticket");
    let page = buyer.visit(&ticket).await;
    let order = buyer.submit(&page, &format!("{ticket}/buy"), &[]).await.expect(200, "Test mode");
    let rival = sign_up(site, "rival").await;
    until(&rival, "the ticket is shown as reserved", &ticket, |page| shows(page, "reserved")).await;

    // Cancel, and buy it again.
    buyer.submit(&order, &format!("{}/cancel", order.path), &[]).await.expect(200, "cancelled");
    let buy = format!("{ticket}/buy");
    let page = until(&buyer, "the ticket is free again", &ticket, |page| page.form(&buy).is_some()).await;
    let order = buyer.submit(&page, &buy, &[]).await.expect(200, "Test mode");
    let pay = format!("{}/pay", order.path);
    let declined = buyer.submit(&order, &pay, &[("token", "tok_chargeDeclined")]).await;
    let declined = declined.expect(200, "Your card was declined");
    let paid = buyer.submit(&declined, &pay, &[("token", "tok_visa")]).await;
    assert_eq!(paid.status, 200, "{}", paid.text());
    until(&buyer, "the order is complete", &order.path, |page| shows(page, "paid")).await;
    buyer.visit("/orders").await.expect(200, &title);
    until(&buyer, "the ticket is off the list", &event, |page| page.status == 404).await;
}

/// What is refused comes back with what was entered and the message beside it.
async fn refused_sign_up(site: &HttpClient) {
    let stranger = Browser::open(site);
    let entered = [("email", "nobody"), ("password", "short")];
    let refused = submit_credentials(&stranger, &entered).await;
    assert_eq!(refused.form("/auth/signup").unwrap()["email"], "nobody");
    refused.expect(400, "Email must be valid").expect(400, "Password must be between 8 and 128 characters");
}

async fn sign_up(site: &HttpClient, role: &str) -> Browser {
    let browser = Browser::open(site);
    let email = format!("{role}-{}@example.com", Id::generate());
    let entered = [("email", email.as_str()), ("password", "correct horse")];
    submit_credentials(&browser, &entered).await.expect(200, "Sign out");
    browser
}

async fn submit_credentials(browser: &Browser, entered: &[(&str, &str)]) -> Page {
    let form = browser.visit("/auth/signup").await.expect(200, "Sign up");
    unless_limited(async || browser.submit(&form, "/auth/signup", entered).await, |page| page.status).await
}

fn shows(page: &Page, text: &str) -> bool {
    page.text().to_lowercase().contains(&text.to_lowercase())
}

/// Visits a page again and again until it is as wanted.
async fn until(browser: &Browser, what: &str, path: &str, wanted: impl Fn(&Page) -> bool) -> Page {
    eventually(what, async || Some(browser.visit(path).await).filter(&wanted)).await
}
