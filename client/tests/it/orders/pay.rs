use common::testing::eventually;

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
    assert_eq!(page.text(".state[role=status]"), "Paid. The ticket is yours.");
    assert!(!page.has("main form") && page.header("refresh").is_empty());
    assert_eq!(bob.get("/orders").await.text(".list .state"), "Paid");
    let bought = async || (bob.get(&ticket).await.text(".state") == "You have bought this ticket.").then_some(());
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
    let pay = format!("{order}/pay");
    for (token, words) in [
        ("tok_chargeDeclined", "Your card was declined"),
        ("tok_chargeDeclinedInsufficientFunds", "Your card has insufficient funds"),
        ("tok_chargeDeclinedExpiredCard", "Your card has expired"),
    ] {
        let page = bob.post(&pay, &[("token", token)]).await.expect(400);
        assert_eq!(page.texts(".refusal[role=alert]"), [words]);
        assert_eq!(page.attribute("input[name=token][checked]", "value"), token);
        assert!(page.header("refresh").ends_with(&format!("; url={order}")));
    }
    let page = bob.post(&pay, &[]).await.expect(400);
    assert_eq!(page.text("fieldset .refusal"), "Token is required");
    bob.post(&pay, &[("token", "tok_mastercard")]).await.expect(303);
}

#[tokio::test]
async fn every_card_that_is_offered_does_what_its_name_says() {
    let app = TestApp::whole().await;
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
        let status = match page.text(&card) {
            name if name.contains("wants your confirmation") => 402,
            name if name.ends_with("succeeds") => 303,
            _ => 400,
        };
        bob.post(&format!("{order}/pay"), &[("token", &token)]).await.expect(status);
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
        let page = bob.post(&format!("{cancelled}/pay"), &[("token", "tok_visa")]).await;
        (page.text(".refusal") == "Cannot pay for a cancelled order").then_some(page)
    };
    let page = eventually("payments has handled the cancellation", refused).await.expect(400);
    assert_eq!(page.text(".state"), "This order was cancelled. You are not charged for it.");
    let paid = bob.buy(&ann.sell("Opera", "20").await).await;
    bob.post(&format!("{paid}/pay"), &[("token", "tok_visa")]).await.expect(303);
    let page = bob.post(&format!("{paid}/cancel"), &[]).await.expect(400);
    assert_eq!(page.text(".refusal"), "Cannot cancel a completed order");
    assert_eq!(page.text(".state"), "Paid. The ticket is yours.");
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
async fn until_the_orders_service_has_handled_a_payment_the_page_waits_for_it() {
    let app = TestApp::whole().await;
    let (ann, bob) = (app.browser(), app.browser());
    ann.sign_up("ann").await;
    bob.sign_up("bob").await;
    let order = bob.buy(&ann.sell("Concert", "20").await).await;
    let page = bob.get(&format!("{order}?paid")).await.expect(200);
    assert_eq!(page.text(".state"), "Your payment was taken. The order is being completed …");
    assert_eq!(page.header("refresh"), format!("1; url={order}?paid"));
    assert!(!page.has("main form"));
}
