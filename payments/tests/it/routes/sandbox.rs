use common::testing::{Answer, User};
use serde_json::{Value, json};

use crate::app::TestApp;
use crate::order::TestOrder;
use crate::stripe_double::StripeDouble;

const SUCCEEDS: &str = "tok_threeDSecure2Required";
const DECLINED: &str = "tok_threeDSecureRequiredChargeDeclined";

async fn post(payments: &TestApp, user: &User, body: Value) -> Answer {
    payments.app.post(Some(user), "/api/payments/sandbox/confirm", body).await
}

/// The secret that the buyer gets for this card.
async fn secret(payments: &TestApp, order: &TestOrder, token: &str) -> String {
    let answer = payments.pay(order, token).await.expect(402);
    assert_eq!(answer.body["errors"], json!([{"message": "Your bank wants you to confirm this payment"}]));
    answer.body["clientSecret"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_payment_that_its_buyer_confirms_is_taken_when_it_is_posted_again() {
    let payments = TestApp::start().await;
    let order = payments.order().await;
    let secret = secret(&payments, &order, SUCCEEDS).await;
    payments.pay(&order, SUCCEEDS).await.expect(402);
    post(&payments, &order.buyer, json!({"clientSecret": secret, "confirm": true})).await.expect(200);
    payments.pay(&order, SUCCEEDS).await.expect(201);
    assert_eq!(payments.db_charge(&order).await, "authorised");
}

#[tokio::test]
async fn a_buyer_who_refuses_and_a_bank_that_declines_are_told_and_may_use_another_card() {
    let payments = TestApp::start().await;
    for (token, confirm, words) in [
        (
            SUCCEEDS,
            false,
            "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
        ),
        (DECLINED, true, "Your card was declined"),
    ] {
        let order = payments.order().await;
        let secret = secret(&payments, &order, token).await;
        let answer = post(&payments, &order.buyer, json!({"clientSecret": secret, "confirm": confirm})).await;
        answer.expect_errors(400, &[(words, None)]);
        payments.pay(&order, "tok_visa").await.expect(201);
        let held = payments.db_sandbox(&order).await;
        assert_eq!(held.iter().filter(|entry| entry.get_str("state").unwrap() == "authorised").count(), 1);
    }
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let payments = TestApp::start().await;
    let errors =
        [("ClientSecret is required", Some("clientSecret")), ("Confirm must be true or false", Some("confirm"))];
    post(&payments, &User::new(), json!({})).await.expect_errors(400, &errors);
    let unknown = json!({"clientSecret": "sandbox_1_secret_2", "confirm": true});
    post(&payments, &User::new(), unknown).await.expect_errors(400, &[("There is no such payment", None)]);
}

#[tokio::test]
async fn with_stripe_it_is_not_there() {
    let payments = StripeDouble::start().await.payments().await;
    let body = json!({"clientSecret": "pi_1_secret_2", "confirm": true});
    post(&payments, &User::new(), body).await.expect_errors(404, &[("Not found", None)]);
}
