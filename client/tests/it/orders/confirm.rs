use axum::Json;
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::json;
use tokio::net::TcpListener;

use crate::app::TestApp;
use crate::browser::{Browser, Shown};

const SUCCEEDS: &str = "tok_threeDSecure2Required";
const DECLINED: &str = "tok_threeDSecureRequiredChargeDeclined";

/// An order of the second visitor that was paid with this card.
async fn pay(ann: &Browser, bob: &Browser, token: &str) -> (String, Shown) {
    let order = bob.buy(&ann.sell("Concert", "20").await).await;
    let page = bob.pay(&order, token).await.expect(200);
    (order, page)
}

/// What the page's form sends, with this answer of the buyer.
fn fields(page: &Shown, confirm: &str) -> [(&'static str, String); 3] {
    let value = |name: &str| page.attribute(&format!("input[name={name}]"), "value");
    [("token", value("token")), ("client_secret", value("client_secret")), ("confirm", confirm.to_owned())]
}

async fn decide(bob: &Browser, page: &Shown, confirm: &str) -> Shown {
    let fields = fields(page, confirm);
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    bob.post(&page.attribute("main form", "action"), &fields).await.expect(303)
}

#[tokio::test]
async fn a_card_whose_bank_wants_its_owner_leads_to_a_page_that_asks_them() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let (order, page) = pay(&ann, &bob, SUCCEEDS).await;
    assert_eq!(page.text("h1"), "Your bank wants you to confirm this payment");
    assert!(page.text(".notice").starts_with("Test mode: no money moves"));
    assert_eq!(page.text(".amount"), "$20");
    assert_eq!(page.texts("main form button"), ["Confirm $20", "Refuse"]);
    assert_eq!(page.attribute("input[name=token]", "value"), SUCCEEDS);
    assert_eq!(page.attribute("main > p:last-child a", "href"), order);
}

#[tokio::test]
async fn a_buyer_who_confirms_lands_on_the_complete_order() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let (order, page) = pay(&ann, &bob, SUCCEEDS).await;
    assert_eq!(decide(&bob, &page, "yes").await.location(), order);
    assert_eq!(bob.get(&order).await.text("[data-state]"), "Paid. The ticket is yours.");
}

#[tokio::test]
async fn a_buyer_who_confirms_twice_pays_once() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let (order, page) = pay(&ann, &bob, SUCCEEDS).await;
    for _ in 0..2 {
        assert_eq!(decide(&bob, &page, "yes").await.location(), order);
    }
}

#[tokio::test]
async fn a_buyer_who_refuses_and_a_bank_that_declines_lead_back_to_the_cards_with_the_reason() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    for (token, confirm, words) in [
        (SUCCEEDS, "no", "We are unable to authenticate your payment method."),
        (SUCCEEDS, "", "We are unable to authenticate your payment method."),
        (DECLINED, "yes", "Your card was declined"),
    ] {
        let (order, page) = pay(&ann, &bob, token).await;
        assert_eq!(decide(&bob, &page, confirm).await.location(), order);
        let page = bob.get(&order).await.expect(200);
        assert!(page.text(".message[role=alert]").starts_with(words), "{}", page.html);
        assert_eq!(page.attribute("input[name=token][checked]", "value"), token);
        assert_eq!(bob.pay(&order, "tok_visa").await.text("[data-state]"), "Paid. The ticket is yours.");
    }
}

#[tokio::test]
async fn a_secret_that_is_none_confirms_nothing() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let (order, _) = pay(&ann, &bob, SUCCEEDS).await;
    let confirm = format!("{order}/confirm");
    let page = bob.post_and_follow(&confirm, &[("client_secret", "pi_1_secret_2"), ("confirm", "yes")]).await;
    assert_eq!(page.text(".message[role=alert]"), "There is no such payment");
    let page = bob.post_and_follow(&confirm, &[]).await;
    assert_eq!(page.text(".message[role=alert]"), "ClientSecret is required");
}

#[tokio::test]
async fn who_comes_back_after_paying_is_led_to_the_paid_order() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let (order, page) = pay(&ann, &bob, SUCCEEDS).await;
    decide(&bob, &page, "yes").await;
    assert_eq!(bob.get(&format!("{order}/confirm")).await.expect(303).location(), order);
}

/// A payments service whose bank always wants the buyer.
async fn payments_that_want_the_buyer() -> String {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    let answer =
        (StatusCode::PAYMENT_REQUIRED, Json(json!({"errors": [{"message": "x"}], "clientSecret": "pi_1_secret_2"})));
    let router = axum::Router::new().route("/api/payments", post(async || answer));
    tokio::spawn(async { axum::serve(socket, router).await.unwrap() });
    url
}

#[tokio::test]
async fn with_a_stripe_key_the_page_is_for_stripes_script_and_then_sends_the_same_payment_again() {
    let payments = payments_that_want_the_buyer().await;
    let flags = [("stripe-publishable-key", "pk_test_1"), ("payments-url", payments.as_str())];
    let app = TestApp::whole_with(&[], &flags).await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let (order, page) = pay(&ann, &bob, "pm_1").await;
    assert_eq!(page.attribute("confirm-payment", "key"), "pk_test_1");
    assert_eq!(page.attribute("confirm-payment", "secret"), "pi_1_secret_2");
    assert_eq!(page.attribute("main form", "action"), format!("{order}/pay"));
    assert_eq!(page.attribute("input[name=token]", "value"), "pm_1");
    assert!(page.has("noscript") && !page.html.contains("Test mode"));
    assert!(page.has("script[src^='/assets/confirm-payment.']"));
    assert!(page.header("content-security-policy").contains("frame-src https://js.stripe.com"));
}
