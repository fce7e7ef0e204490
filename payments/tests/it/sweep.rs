use std::time::Duration;

use common::events::{PaymentCreated, PaymentRefunded};
use common::testing::eventually;
use serde_json::json;
use tokio::time::sleep;

use crate::app::{Environment, TestApp, charge_left_behind, payment_left_behind};
use crate::order::TestOrder;
use crate::stripe_double::{Fault, Operation, StripeDouble};

/// A service that starts over what another one left behind when it died.
async fn inherit(order: &TestOrder, replica: &str, payment: &str, charge: Option<&str>) -> TestApp {
    let environment = Environment::new().await;
    let left = payment_left_behind(order, payment);
    environment.db_insert("orders", order.replica(replica)).await;
    if let Some(state) = charge {
        environment.db_insert("sandbox", charge_left_behind(&left, state)).await;
    }
    environment.db_insert("payments", left).await;
    environment.start().await
}

#[tokio::test]
async fn an_attempt_that_the_provider_never_got_is_authorised() {
    let order = TestOrder::new();
    let payments = inherit(&order, "created", "pending", None).await;
    payments.wait_for_status(&order, "authorised").await;
    assert_eq!(payments.db_charge(&order).await, "authorised");
    payments.stream.wait_for::<PaymentCreated>(1, |event| event.order_id == order.id).await;
}

#[tokio::test]
async fn an_attempt_whose_answer_was_lost_is_authorised_once() {
    let order = TestOrder::new();
    let payments = inherit(&order, "created", "pending", Some("authorised")).await;
    payments.wait_for_status(&order, "authorised").await;
    assert_eq!(payments.db_charge(&order).await, "authorised");
}

#[tokio::test]
async fn an_attempt_whose_order_was_cancelled_in_the_meantime_ends_voided() {
    let order = TestOrder::new();
    let payments = inherit(&order, "cancelled", "pending", Some("authorised")).await;
    payments.wait_for_status(&order, "voided").await;
    assert_eq!(payments.db_charge(&order).await, "voided");
}

#[tokio::test]
async fn a_payment_whose_order_ended_before_its_intent_was_stored_follows_it() {
    for (replica, status) in [("complete", "captured"), ("cancelled", "voided")] {
        let order = TestOrder::new();
        let payments = inherit(&order, replica, "authorised", Some("authorised")).await;
        payments.wait_for_status(&order, status).await;
        assert_eq!(payments.db_charge(&order).await, status);
    }
}

#[tokio::test]
async fn an_intent_is_carried_out_whether_or_not_the_provider_had_done_it_before() {
    for (replica, intent, before, after) in [
        ("complete", "capturing", "authorised", "captured"),
        ("complete", "capturing", "captured", "captured"),
        ("cancelled", "voiding", "authorised", "voided"),
        ("cancelled", "voiding", "voided", "voided"),
        ("cancelled", "refunding", "captured", "refunded"),
        ("cancelled", "refunding", "refunded", "refunded"),
    ] {
        let order = TestOrder::new();
        let payments = inherit(&order, replica, intent, Some(before)).await;
        payments.wait_for_status(&order, after).await;
        assert_eq!(payments.db_charge(&order).await, after);
        if after == "refunded" {
            payments.stream.wait_for::<PaymentRefunded>(1, |event| event.order_id == order.id).await;
        }
    }
}

#[tokio::test]
async fn a_payment_whose_order_has_not_ended_is_left_alone() {
    let order = TestOrder::new();
    let payments = inherit(&order, "created", "authorised", Some("authorised")).await;
    let looked_at = async || payments.db_payment(&order).await.get_i32("tries").unwrap() > 0;
    eventually("the sweep has looked", async || looked_at().await.then_some(())).await;
    sleep(Duration::from_millis(200)).await;
    assert_eq!(payments.db_payment(&order).await.get_str("status").unwrap(), "authorised");
    assert_eq!(payments.db_charge(&order).await, "authorised");
}

#[tokio::test]
async fn two_replicas_sweep_many_payments_and_each_ends_once() {
    let environment = Environment::new().await;
    let orders: Vec<TestOrder> = (0..100).map(|_| TestOrder::new()).collect();
    for order in &orders {
        let left = payment_left_behind(order, "refunding");
        environment.db_insert("orders", order.replica("cancelled")).await;
        environment.db_insert("sandbox", charge_left_behind(&left, "captured")).await;
        environment.db_insert("payments", left).await;
    }
    let payments = environment.start().await;
    let _second = payments.replica().await;
    for order in &orders {
        payments.wait_for_status(order, "refunded").await;
    }
    let refunds = payments.stream.wait_for::<PaymentRefunded>(orders.len(), |_| true).await;
    assert_eq!(refunds.len(), orders.len());
}

#[tokio::test]
async fn a_provider_that_is_unavailable_is_answered_503_and_the_sweep_finishes_the_attempt() {
    let stripe = StripeDouble::start().await;
    let payments = stripe.payments().await;
    let order = payments.order().await;
    stripe.fail_next(Operation::Confirm, Fault::Unavailable, 1);
    let answer = payments.pay(&order, "tok_visa").await;
    assert_eq!(answer.header("retry-after"), "2");
    answer.expect_errors(503, &[("The service is unavailable, try again in a few seconds", None)]);
    assert_eq!(payments.db_payment(&order).await.get_str("status").unwrap(), "pending");
    payments.wait_for_status(&order, "authorised").await;
    assert_eq!(stripe.intents(), [("requires_capture".to_owned(), 1250)]);
}

#[tokio::test]
async fn a_payment_that_was_answered_503_and_is_sent_again_is_the_same_one() {
    let stripe = StripeDouble::start().await;
    let payments = stripe.payments().await;
    let order = payments.order().await;
    stripe.fail_next(Operation::Confirm, Fault::DoneButUnanswered, 1);
    payments.pay(&order, "tok_visa").await.expect(503);
    let id = payments.pay(&order, "tok_visa").await.expect(201).id();
    assert_eq!(payments.db_payment(&order).await.get_object_id("_id").unwrap(), id.into());
    assert_eq!(stripe.intents().len(), 1);
}

#[tokio::test]
async fn while_the_provider_is_unavailable_events_are_handled_and_their_intents_stand() {
    let stripe = StripeDouble::start().await;
    let payments = stripe.payments().await;
    let (kept, given_back) = (payments.paid_order().await, payments.paid_order().await);
    stripe.fail_next(Operation::Capture, Fault::Unavailable, 1);
    stripe.fail_next(Operation::Cancel, Fault::Unavailable, 1);
    payments.publish(&kept.completed()).await;
    payments.publish(&given_back.cancelled()).await;
    payments.wait_for_status(&kept, "captured").await;
    payments.wait_for_status(&given_back, "voided").await;
    let mut statuses: Vec<String> = stripe.intents().into_iter().map(|(status, _)| status).collect();
    statuses.sort();
    assert_eq!(statuses, ["canceled", "succeeded"]);
}

#[tokio::test]
async fn a_service_that_is_killed_while_the_provider_thinks_is_succeeded_by_another() {
    let stripe = StripeDouble::start().await;
    let payments = stripe.payments().await;
    let order = payments.order().await;
    stripe.fail_next(Operation::Confirm, Fault::Late(Duration::from_secs(1)), 1);
    let request = payments.app.request(reqwest::Method::POST, "/api/payments");
    let request = request.header("cookie", &order.buyer.cookie).header("content-type", "application/json");
    let body = json!({"token": "tok_visa", "orderId": order.id}).to_string();
    // The buyer gives up before the provider has answered, and the service dies.
    request.body(body).timeout(Duration::from_millis(300)).send().await.unwrap_err();
    let payments = payments.kill_and_restart().await;
    payments.wait_for_status(&order, "authorised").await;
    payments.publish(&order.completed()).await;
    payments.wait_for_status(&order, "captured").await;
    assert_eq!(stripe.intents(), [("succeeded".to_owned(), 1250)]);
}

#[tokio::test]
async fn a_service_that_is_killed_after_it_stored_its_intent_is_succeeded_by_another() {
    let stripe = StripeDouble::start().await;
    let payments = stripe.payments().await;
    let order = payments.paid_order().await;
    stripe.fail_next(Operation::Capture, Fault::Late(Duration::from_secs(1)), 1);
    payments.publish(&order.completed()).await;
    assert_eq!(payments.db_payment(&order).await.get_str("status").unwrap(), "capturing");
    let payments = payments.kill_and_restart().await;
    payments.wait_for_status(&order, "captured").await;
    assert_eq!(stripe.intents(), [("succeeded".to_owned(), 1250)]);
}
