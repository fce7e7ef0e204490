use axum::Json;
use axum::http::StatusCode;
use axum::routing::post;
use common::testing::eventually;
use serde_json::json;
use tokio::net::TcpListener;

use crate::app::TestApp;

#[tokio::test]
async fn a_paid_order_is_complete_and_its_ticket_the_buyers() {
    let app = TestApp::whole().await;
    let (ann, bob) = (app.browser(), app.browser());
    ann.sign_up("ann").await;
    bob.sign_up("bob").await;
    let ticket = ann.sell("Concert", "20").await;
    let order = bob.buy(&ticket).await;
    let answer = bob.post(&format!("{order}/pay"), &[("token", "tok_visa")]).await.expect(303);
    assert_eq!(answer.location(), order);
    let page = bob.get(&order).await.expect(200);
    assert_eq!(page.text("[data-state]"), "Paid. The ticket is yours.");
    assert!(!page.has("main form") && !page.has("[http-equiv=refresh]"));
    assert_eq!(bob.get("/orders").await.text(".orders .state"), "Paid, the seller adds the ticket");
    let bought = async || bob.get(&ticket).await.html.contains("You have bought this ticket").then_some(());
    eventually("the ticket's page says so", bought).await;
    assert!(!app.browser().get("/").await.has(".list"));
}

#[tokio::test]
async fn a_declined_card_is_named_in_the_banks_words_and_another_can_be_tried() {
    let app = TestApp::whole().await;
    let (ann, bob) = (app.browser(), app.browser());
    ann.sign_up("ann").await;
    bob.sign_up("bob").await;
    let order = bob.buy(&ann.sell("Concert", "20").await).await;
    for (token, words) in [
        ("tok_chargeDeclined", "Your card was declined"),
        ("tok_chargeDeclinedInsufficientFunds", "Your card has insufficient funds"),
        ("tok_chargeDeclinedExpiredCard", "Your card has expired"),
    ] {
        let page = bob.pay(&order, token).await.expect(200);
        assert_eq!(page.text(".message[role=alert]"), words);
        assert_eq!(page.attribute("input[name=token][checked]", "value"), token);
    }
    let page = bob.post_and_follow(&format!("{order}/pay"), &[]).await;
    assert_eq!(page.text("fieldset .message"), "Token is required");
    assert!(!bob.get(&order).await.has(".message"), "it is said once");
    assert_eq!(bob.pay(&order, "tok_mastercard").await.text("[data-state]"), "Paid. The ticket is yours.");
}

#[tokio::test]
async fn every_card_that_is_offered_does_what_its_name_says() {
    // Most cards leave the order unpaid.
    let app = TestApp::whole_with(&[("open-orders-per-buyer", "50")], &[]).await;
    let (ann, bob) = (app.browser(), app.browser());
    ann.sign_up("ann").await;
    bob.sign_up("bob").await;
    let order = bob.buy(&ann.sell("Concert", "20").await).await;
    let offered = bob.get(&order).await.texts("fieldset label").len();
    for number in 1..=offered {
        let order = bob.buy(&ann.sell("Concert", "20").await).await;
        let page = bob.get(&order).await;
        let card = format!("fieldset label:nth-of-type({number})");
        let token = page.attribute(&format!("{card} input"), "value");
        let shown = bob.pay(&order, &token).await;
        match page.text(&card) {
            name if name.contains("wants your confirmation") => {
                assert!(shown.has("input[name=client_secret]"), "{name}")
            }
            name if name.ends_with("succeeds") => assert_eq!(shown.text("[data-state]"), "Paid. The ticket is yours."),
            name => assert!(shown.has(".message[role=alert]"), "{name}"),
        }
    }
}

#[tokio::test]
async fn an_order_that_is_over_can_neither_be_paid_nor_cancelled() {
    let app = TestApp::whole().await;
    let (ann, bob) = (app.browser(), app.browser());
    ann.sign_up("ann").await;
    bob.sign_up("bob").await;
    let cancelled = bob.buy(&ann.sell("Concert", "20").await).await;
    bob.post(&format!("{cancelled}/cancel"), &[]).await.expect(303);
    let refused = async || {
        let page = bob.pay(&cancelled, "tok_visa").await;
        (page.texts(".refusal") == ["Cannot pay for a cancelled order"]).then_some(page)
    };
    let page = eventually("payments has handled the cancellation", refused).await;
    assert_eq!(page.text("[data-state]"), "You cancelled this order");
    let paid = bob.buy(&ann.sell("Opera", "20").await).await;
    bob.post(&format!("{paid}/pay"), &[("token", "tok_visa")]).await.expect(303);
    let page = bob.post_and_follow(&format!("{paid}/cancel"), &[]).await;
    assert_eq!(page.text(".refusal"), "Cannot cancel a completed order");
    assert_eq!(page.text("[data-state]"), "Paid. The ticket is yours.");
}

#[tokio::test]
async fn somebody_elses_order_is_not_theirs_to_pay() {
    let app = TestApp::whole().await;
    let (ann, bob) = (app.browser(), app.browser());
    ann.sign_up("ann").await;
    bob.sign_up("bob").await;
    let order = bob.buy(&ann.sell("Concert", "20").await).await;
    let page = ann.post(&format!("{order}/pay"), &[("token", "tok_visa")]).await.expect(403);
    assert_eq!(page.text("h1"), "Not yours");
}

#[tokio::test]
async fn a_link_cannot_make_an_order_look_paid() {
    let app = TestApp::whole().await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let order = bob.buy(&ann.sell("Concert", "20").await).await;
    let page = bob.get(&format!("{order}?paid")).await.expect(200);
    assert_eq!(page.text("[data-state]"), "Reserved for you");
}

/// A payments service that takes every payment, of which the orders service never hears.
async fn payments_that_take_everything() -> String {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    let answer = (StatusCode::CREATED, Json(json!({"id": "65a1b2c3d4e5f60718293a4b"})));
    let router = axum::Router::new().route("/api/payments", post(async || answer));
    tokio::spawn(async { axum::serve(socket, router).await.unwrap() });
    url
}

#[tokio::test]
async fn until_the_orders_service_has_handled_a_payment_the_page_waits_for_it() {
    let payments = payments_that_take_everything().await;
    let app = TestApp::whole_with(&[], &[("payments-url", payments.as_str())]).await;
    let [ann, bob] = app.visitors(["ann", "bob"]).await;
    let order = bob.buy(&ann.sell("Concert", "20").await).await;
    let page = bob.pay(&order, "tok_visa").await.expect(200);
    assert_eq!(page.text("[data-state]"), "Your payment was taken");
    assert!(!page.has("main form"));
    let refresh = page.html.split("http-equiv=\"refresh\" content=\"").nth(1).unwrap();
    assert!(refresh.starts_with(&format!("2; url={order}\"")), "{refresh}");
}
