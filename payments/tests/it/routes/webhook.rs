use std::time::Duration;

use common::events::PaymentCreated;
use common::testing::{Answer, App};
use common::timestamp::Timestamp;
use mongodb::bson::Document;
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{TestApp, payment_left_behind};
use crate::order::TestOrder;
use crate::stripe_double::{Fault, Operation, StripeDouble, sign};

const SECRET: &str = "whsec_of_the_tests";

async fn start(double: &StripeDouble) -> TestApp {
    double.payments_with(&[("stripe-webhook-secret", SECRET)]).await
}

/// Posts a body with this header `Stripe-Signature`, as Stripe does: without a session.
async fn post(payments: &TestApp, signature: &str, body: impl Into<String>) -> Answer {
    let request = payments.app.request(Method::POST, "/api/payments/webhook").header("stripe-signature", signature);
    App::send(request.header("content-type", "application/json; charset=utf-8").body(body.into())).await
}

/// Stripe says that something happened to this object.
async fn tell(payments: &TestApp, kind: &str, object: &Value) -> Answer {
    let event = json!({"id": "evt_1", "object": "event", "type": kind, "data": {"object": object}}).to_string();
    post(payments, &sign(SECRET, event.as_bytes(), Timestamp::now()), event).await
}

/// An order whose buyer has just confirmed its payment in the page of the bank, and the id of its intent.
async fn confirmed(double: &StripeDouble, payments: &TestApp) -> (TestOrder, String) {
    let order = payments.order().await;
    let answer = payments.pay(&order, "tok_threeDSecure2Required").await.expect(402);
    double.confirm_as_buyer(answer.body["clientSecret"].as_str().unwrap(), true);
    let intent = payments.db_payment(&order).await.get_str("stripeId").unwrap().to_owned();
    (order, intent)
}

fn text<'a>(document: &'a Document, field: &str) -> &'a str {
    document.get_str(field).unwrap_or_default()
}

#[tokio::test]
async fn a_payment_that_was_confirmed_in_the_browser_is_taken_at_once() {
    let double = StripeDouble::start().await;
    let payments = start(&double).await;
    let (order, intent) = confirmed(&double, &payments).await;
    let object = json!({"id": intent, "object": "payment_intent", "status": "requires_capture"});
    tell(&payments, "payment_intent.amount_capturable_updated", &object).await.expect(200);
    assert_eq!(text(&payments.db_payment(&order).await, "status"), "authorised");
    payments.stream.wait_for::<PaymentCreated>(1, |event| event.order_id == order.id).await;
}

#[tokio::test]
async fn the_same_event_again_and_an_old_one_change_nothing() {
    let double = StripeDouble::start().await;
    let payments = start(&double).await;
    let (order, intent) = confirmed(&double, &payments).await;
    for kind in [
        "payment_intent.amount_capturable_updated",
        "payment_intent.amount_capturable_updated",
        "payment_intent.requires_action",
        "payment_intent.created",
        "payment_intent.canceled",
    ] {
        tell(&payments, kind, &json!({"id": intent, "status": "of another time"})).await.expect(200);
    }
    assert_eq!(text(&payments.db_payment(&order).await, "status"), "authorised");
    assert_eq!(double.holds(), 1);
    let created: Vec<PaymentCreated> = payments.stream.published().await;
    assert_eq!(created.len(), 1);
}

#[tokio::test]
async fn what_the_event_claims_is_not_believed() {
    let double = StripeDouble::start().await;
    let payments = start(&double).await;
    let order = payments.order().await;
    payments.pay(&order, "tok_threeDSecure2Required").await.expect(402);
    let intent = payments.db_payment(&order).await.get_str("stripeId").unwrap().to_owned();
    let claim = json!({"id": intent, "status": "requires_capture", "amount_capturable": 1250});
    tell(&payments, "payment_intent.amount_capturable_updated", &claim).await.expect(200);
    assert_eq!(text(&payments.db_payment(&order).await, "status"), "pending");
}

#[tokio::test]
async fn a_dispute_is_stored_with_its_payment() {
    let double = StripeDouble::start().await;
    let payments = start(&double).await;
    let order = payments.paid_order().await;
    payments.publish(&order.completed()).await;
    let captured = payments.wait_for_status(&order, "captured").await;
    let dispute = json!({
        "id": "dp_1", "object": "dispute", "charge": "ch_1", "payment_intent": text(&captured, "stripeId"), "reason": "fraudulent",
    });
    for _ in 0..2 {
        tell(&payments, "charge.dispute.created", &dispute).await.expect(200);
    }
    let disputed = payments.db_payment(&order).await;
    assert_eq!(text(disputed.get_document("dispute").unwrap(), "reason"), "fraudulent");
    assert_eq!(text(&disputed, "status"), "captured");
    assert_eq!(disputed.get_i32("version").unwrap(), captured.get_i32("version").unwrap() + 1);
}

#[tokio::test]
async fn a_refund_that_failed_after_it_had_succeeded_is_stored_with_its_payment() {
    let double = StripeDouble::start().await;
    let payments = start(&double).await;
    let order = TestOrder::new();
    let refunded = payment_left_behind(&order, "refunded");
    payments.db_insert("payments", refunded.clone()).await;
    let refund = json!({
        "id": "re_1", "object": "refund", "payment_intent": text(&refunded, "stripeId"), "status": "failed",
        "failure_reason": "lost_or_stolen_card",
    });
    tell(&payments, "refund.failed", &refund).await.expect(200);
    assert_eq!(text(&payments.db_payment(&order).await, "refundFailed"), "lost_or_stolen_card");
}

#[tokio::test]
async fn events_about_others_and_of_kinds_that_nobody_knows_are_taken_and_ignored() {
    let double = StripeDouble::start().await;
    let payments = start(&double).await;
    for (kind, object) in [
        ("payment_intent.succeeded", json!({"id": "pi_of_another_shop"})),
        ("charge.dispute.created", json!({"id": "dp_1", "payment_intent": "pi_of_another_shop", "reason": "general"})),
        ("charge.dispute.created", json!({"id": "dp_1"})),
        ("refund.failed", json!({"id": "re_1", "charge": "ch_of_another_shop"})),
        ("customer.created", json!({"id": "cus_1"})),
        ("of_next_year", json!({"id": "x", "payment_intent": {"id": "pi_1"}})),
        ("balance.available", json!({"object": "balance"})),
    ] {
        tell(&payments, kind, &object).await.expect(200);
    }
    post(&payments, &sign(SECRET, b"?", Timestamp::now()), "?").await.expect(200);
}

#[tokio::test]
async fn only_a_body_with_a_fresh_signature_is_taken() {
    let double = StripeDouble::start().await;
    let payments = start(&double).await;
    let (order, intent) = confirmed(&double, &payments).await;
    let event = json!({"type": "payment_intent.succeeded", "data": {"object": {"id": intent}}}).to_string();
    let (body, now) = (event.as_bytes(), Timestamp::now());
    let minutes_ago = Timestamp::from_millis(now.millis() - 301_000);
    let version = payments.db_payment(&order).await.get_i32("version").unwrap();
    for signature in [
        String::new(),
        "t=0,v1=00".to_owned(),
        sign("whsec_of_another", body, now),
        sign(SECRET, b"{}", now),
        sign(SECRET, body, minutes_ago),
        sign(SECRET, body, now.after(Duration::from_secs(310))),
    ] {
        post(&payments, &signature, event.clone()).await.expect_errors(400, &[("Signature is invalid", None)]);
    }
    let request = payments.app.request(Method::POST, "/api/payments/webhook").body(event);
    App::send(request).await.expect_errors(400, &[("Signature is invalid", None)]);
    assert_eq!(payments.db_payment(&order).await.get_i32("version").unwrap(), version);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let double = StripeDouble::start().await;
    let payments = start(&double).await;
    let long = " ".repeat(65 * 1024);
    let signature = sign(SECRET, long.as_bytes(), Timestamp::now());
    post(&payments, &signature, long).await.expect_errors(413, &[("Body is larger than 64 KiB", None)]);
}

#[tokio::test]
async fn while_the_provider_does_not_answer_the_event_is_refused_so_that_it_comes_again() {
    let double = StripeDouble::start().await;
    let payments = start(&double).await;
    let (order, intent) = confirmed(&double, &payments).await;
    double.fail_next(Operation::Look, Fault::Unavailable, 1);
    let object = json!({"id": intent});
    tell(&payments, "payment_intent.amount_capturable_updated", &object).await.expect(503);
    tell(&payments, "payment_intent.amount_capturable_updated", &object).await.expect(200);
    assert_eq!(text(&payments.db_payment(&order).await, "status"), "authorised");
}

#[tokio::test]
async fn without_a_secret_it_is_not_there() {
    let payments = TestApp::start().await;
    post(&payments, &sign(SECRET, b"{}", Timestamp::now()), "{}").await.expect_errors(404, &[("Not found", None)]);
}
