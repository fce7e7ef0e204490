//! The payments service is killed when the provider has carried out a call and before the answer arrives. All other faults of the
//! provider are tried in the tests of payments.

use std::time::Duration;

use e2e::acknowledged::Write;
use e2e::invariants::EventLog;

use super::market::Market;
use super::stripe::{KEY, Stripe};
use crate::platform::Platform;

const SETTLED_WITHIN: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_kill_after_the_intent_was_created_charges_once() {
    kill_at("payment_intents").await;
}

#[tokio::test]
async fn a_kill_after_the_card_was_confirmed_charges_once() {
    kill_at("confirm").await;
}

#[tokio::test]
async fn a_kill_after_the_money_was_captured_charges_once() {
    kill_at("capture").await;
}

/// One buyer tries again after the kill, another one gives up.
async fn kill_at(call: &'static str) {
    let stripe = Stripe::start().await;
    let platform = Platform::begin(|options| {
        let options = options.with_all("EXPIRATION_WINDOW_SECONDS", "10");
        let options = options.with("payments", "PAYMENT_PROVIDER", "stripe").with("payments", "STRIPE_KEY", KEY);
        options.with("payments", "STRIPE_API_BASE", &stripe.url)
    })
    .await
    .ready()
    .await;
    let market = Market::open(&platform).await;
    let mut orders = Vec::new();
    for tries_again in [true, false] {
        // One after the other: the kill and the start take part of the time to pay.
        let [order] = market.orders().await;
        stripe.hold_back(call);
        let (answer, ()) = tokio::join!(market.buyer.pay(order.id, "tok_visa"), async {
            stripe.has_held_back().await;
            platform.fleet.kill("payments").await.unwrap();
        });
        let mut answers = vec![answer];
        platform.fleet.wait_ready(Duration::from_secs(60)).await.unwrap();
        if tries_again {
            let answer = market.buyer.pay(order.id, "tok_visa").await;
            // 400: the time to pay is over.
            assert!([201, 400, 503].contains(&answer.status), "{} {}", answer.status, answer.body);
            answers.push(answer);
        }
        if answers.iter().any(|answer| answer.status == 201) {
            market.acknowledged.note(order.id, Write::Paid);
        }
        orders.push(order);
    }

    market.ended(&platform, EventLog::default, SETTLED_WITHIN).await;
    for order in &orders {
        let intents = stripe.intents(&order.id.to_string());
        let charged = intents.iter().filter(|status| *status == "succeeded").count();
        let is_complete = market.status(order).await == "complete";
        assert_eq!(charged, usize::from(is_complete), "captured if and only if complete: {intents:?}");
        assert!(!intents.iter().any(|status| status == "requires_capture"), "nothing is held: {intents:?}");
    }
    platform.stop().await;
}
