use std::collections::BTreeSet;

use common::events::{PaymentClosed, PaymentRefunded};
use common::id::Id;
use common::money::Money;
use common::testing::{Answer, eventually};
use futures::future::join_all;
use mongodb::bson::doc;
use serde_json::json;

use crate::app::{Environment, TestApp, charge_left_behind, operator, payment_left_behind, payment_of_the_original};
use crate::order::TestOrder;
use crate::stripe_double::{Fault, Operation, StripeDouble};

const NOTHING_TAKEN: (&str, Option<&str>) = ("No money was taken for this order", None);

/// A service over an order and its payment.
async fn with(replica: &str, status: &str, charge: Option<&str>) -> (TestApp, TestOrder) {
    let (environment, order) = (Environment::new().await, TestOrder::new());
    let left = payment_left_behind(&order, status);
    environment.db_insert("orders", order.replica(replica)).await;
    if let Some(state) = charge {
        environment.db_insert("sandbox", charge_left_behind(&left, state)).await;
    }
    environment.db_insert("payments", left).await;
    (environment.start().await, order)
}

fn status(answer: &Answer) -> &str {
    answer.body["status"].as_str().unwrap()
}

#[tokio::test]
async fn the_money_of_a_complete_order_goes_back_and_the_order_stays_paid() {
    let payments = TestApp::start().await;
    let order = payments.complete_order().await;
    let paid = payments.pay(&order, "tok_visa").await.expect(201).body;
    let answer = payments.give_back(&order).await.expect(200);
    assert_eq!(answer.body, json!({"id": paid["id"], "orderId": order.id, "status": "refunded", "amount": 12.5}));
    let stored = payments.db_payment(&order).await;
    assert_eq!(stored.get_document("givenBackBy").unwrap(), &doc! {"operator": operator().id.to_string()});
    assert_eq!(payments.db_charge(&order).await, "refunded");
    let refunds = payments.stream.wait_for::<PaymentRefunded>(1, |event| event.order_id == order.id).await;
    assert_eq!((refunds[0].amount, json!(refunds[0].id)), (Money::from_cents(1250), paid["id"].clone()));
    assert_eq!(payments.pay(&order, "tok_visa").await.expect(201).body, paid);
    assert!(payments.stream.published::<PaymentClosed>().await.is_empty());
}

#[tokio::test]
async fn asked_again_it_answers_the_same_and_gives_nothing_back_twice() {
    let double = StripeDouble::start().await;
    let payments = double.payments().await;
    let order = payments.complete_order().await;
    let answers = join_all((0..20).map(|_| payments.give_back(&order))).await;
    let ids: BTreeSet<Id> = answers.into_iter().map(|answer| answer.expect(200).id()).collect();
    let answer = payments.give_back(&order).await.expect(200);
    assert_eq!((ids, status(&answer)), (BTreeSet::from([answer.id()]), "refunded"));
    assert_eq!((double.refunds().len(), payments.refunds(&order).await.len()), (1, 1));
}

#[tokio::test]
async fn an_unknown_order_is_not_found() {
    let payments = TestApp::start().await;
    let unknown = common::testing::caught_up(async || payments.give_back(&TestOrder::new()).await).await;
    unknown.expect_errors(404, &[("Not found", None)]);
    for id in ["1", "webhook", "%FF"] {
        let answer = payments.app.post(Some(&operator()), &format!("/api/payments/{id}/refund"), json!({})).await;
        answer.expect_errors(404, &[("Not found", None)]);
    }
}

#[tokio::test]
async fn an_order_without_money_has_none_to_give_back() {
    let payments = TestApp::start().await;
    let order = payments.order().await;
    payments.give_back(&order).await.expect_errors(400, &[NOTHING_TAKEN]);
    payments.pay(&order, "tok_chargeDeclined").await.expect(400);
    payments.give_back(&order).await.expect_errors(400, &[NOTHING_TAKEN]);
    for (replica, status) in [("cancelled", "closed"), ("cancelled", "voided"), ("cancelled", "failed")] {
        let (payments, order) = with(replica, status, None).await;
        payments.give_back(&order).await.expect_errors(400, &[NOTHING_TAKEN]);
        payments.wait_for_status(&order, status).await;
    }
}

#[tokio::test]
async fn money_that_goes_back_because_the_order_was_cancelled_is_answered_so() {
    let (payments, order) = with("cancelled", "captured", Some("captured")).await;
    payments.publish(&order.cancelled()).await;
    payments.wait_for_status(&order, "refunded").await;
    assert_eq!(status(&payments.give_back(&order).await.expect(200)), "refunded");
    assert!(!payments.db_payment(&order).await.contains_key("givenBackBy"));
}

#[tokio::test]
async fn money_that_is_about_to_be_taken_is_taken_first() {
    let (payments, order) = with("complete", "authorised", Some("authorised")).await;
    assert_eq!(status(&payments.give_back(&order).await.expect(200)), "refunded");
    assert_eq!(payments.db_charge(&order).await, "refunded");
}

#[tokio::test]
async fn an_order_that_is_not_complete_yet_keeps_its_money() {
    let payments = TestApp::start().await;
    let order = payments.paid_order().await;
    let answer = payments.give_back(&order).await;
    answer.expect_errors(400, &[("The money for this order is not taken yet, try again in a few seconds", None)]);
    payments.wait_for_status(&order, "authorised").await;
}

#[tokio::test]
async fn what_the_original_charged_goes_back_by_the_price_of_its_order() {
    let (environment, order) = (Environment::new().await, TestOrder::new());
    environment.db_insert("orders", order.replica("complete")).await;
    environment.db_insert("payments", payment_of_the_original(&order)).await;
    let payments = environment.start().await;
    let answer = payments.give_back(&order).await.expect(200);
    assert_eq!((status(&answer), &answer.body["amount"]), ("refunded", &json!(12.5)));
}

#[tokio::test]
async fn while_the_provider_is_unavailable_it_is_stored_and_done_later() {
    let double = StripeDouble::start().await;
    let payments = double.payments().await;
    let order = payments.complete_order().await;
    double.fail_next(Operation::Refund, Fault::Unavailable, 1);
    assert_eq!(status(&payments.give_back(&order).await.expect(200)), "refunding");
    let payments = payments.kill_and_restart().await;
    payments.wait_for_status(&order, "refunded").await;
    payments.stream.wait_for::<PaymentRefunded>(1, |event| event.order_id == order.id).await;
}

#[tokio::test]
async fn a_refund_that_is_under_way_at_the_provider_is_waited_for() {
    let double = StripeDouble::start().await;
    let payments = double.payments().await;
    let order = payments.complete_order().await;
    double.refunds_begin("pending");
    for _ in 0..2 {
        assert_eq!(status(&payments.give_back(&order).await.expect(200)), "refunding");
    }
    assert!(payments.refunds(&order).await.is_empty());
    double.settle_refunds("succeeded");
    payments.wait_for_status(&order, "refunded").await;
    assert_eq!(double.refunds().len(), 1);
}

#[tokio::test]
async fn a_refund_that_the_provider_cannot_send_is_told_to_the_operator() {
    let double = StripeDouble::start().await;
    let payments = double.payments().await;
    let order = payments.complete_order().await;
    double.refunds_begin("failed");
    let failed = async || {
        let answer = payments.give_back(&order).await.expect(200);
        (status(&answer) == "refunding").then(|| answer.body["refundFailed"].as_str().map(str::to_owned)).flatten()
    };
    assert_eq!(eventually("it is told", failed).await, "re_1 failed: lost_or_stolen_card");
    assert!(payments.refunds(&order).await.is_empty());
}
