use std::time::Duration;

use common::events::{ORDER, PaymentCreated, PaymentFailed, PaymentRefunded, StateRequested};
use common::testing::eventually;
use common::timestamp::Timestamp;
use mongodb::IndexModel;
use mongodb::bson::{DateTime, Document, doc};
use mongodb::options::IndexOptions;
use serde_json::json;

use crate::app::{Environment, TestApp, charge_left_behind, claim_left_behind, payment_left_behind};
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
async fn a_mere_claim_is_dropped_without_asking_the_provider() {
    let order = TestOrder::new();
    let environment = Environment::new().await;
    environment.db_insert("orders", order.replica("created")).await;
    environment.db_insert("payments", claim_left_behind(&order)).await;
    let payments = environment.start().await;
    payments.wait_for_status(&order, "declined").await;
    assert!(payments.db_sandbox(&order).await.is_empty());
}

#[tokio::test]
async fn an_attempt_that_was_never_confirmed_is_ended_at_the_provider() {
    let order = TestOrder::new();
    let payments = inherit(&order, "created", "pending", Some("unconfirmed")).await;
    payments.wait_for_status(&order, "declined").await;
    assert_eq!(payments.db_charge(&order).await, "voided");
}

#[tokio::test]
async fn an_attempt_that_waits_for_the_buyer_stays_as_long_as_the_order_can_be_paid() {
    for (order, ends_as) in [(TestOrder::new(), "pending"), (TestOrder::late(), "declined")] {
        let payments = inherit(&order, "created", "pending", Some("needs-action")).await;
        eventually("the sweep has looked", async || {
            let payment = payments.db_payment(&order).await;
            (payment.get_i32("tries").unwrap() > 0 || ends_as != "pending").then_some(())
        })
        .await;
        payments.wait_for_status(&order, ends_as).await;
    }
}

#[tokio::test]
async fn an_attempt_whose_answer_was_lost_is_authorised_once() {
    let order = TestOrder::new();
    let payments = inherit(&order, "created", "pending", Some("authorised")).await;
    payments.wait_for_status(&order, "authorised").await;
    assert_eq!(payments.db_charge(&order).await, "authorised");
    payments.stream.wait_for::<PaymentCreated>(1, |event| event.order_id == order.id).await;
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
async fn a_payment_whose_order_has_not_ended_is_published_again_and_its_order_is_requested() {
    let order = TestOrder::new();
    let payments = inherit(&order, "created", "authorised", Some("authorised")).await;
    payments.stream.wait_for::<PaymentCreated>(1, |event| event.order_id == order.id).await;
    let of_order = |event: &StateRequested| event.id == Some(order.id) && event.of == ORDER;
    payments.stream.wait_for::<StateRequested>(1, of_order).await;
    payments.stream.wait_for::<PaymentCreated>(2, |event| event.order_id == order.id).await;
    assert_eq!(payments.db_payment(&order).await.get_str("status").unwrap(), "authorised");
    assert_eq!(payments.db_charge(&order).await, "authorised");
}

#[tokio::test]
async fn a_failed_payment_is_published_again_until_its_order_is_known_to_be_cancelled() {
    let order = TestOrder::new();
    let payments = inherit(&order, "complete", "failed", None).await;
    payments.stream.wait_for::<PaymentFailed>(2, |event| event.order_id == order.id).await;
    let mut cancelled = order.cancelled();
    cancelled.version = 2;
    payments.publish(&cancelled).await;
    let payment = payments.db_payment(&order).await;
    assert_eq!((payment.get_str("status").unwrap(), payment.get("dueAt")), ("failed", None));
}

#[tokio::test]
async fn a_document_that_cannot_be_read_is_in_nobodys_way() {
    let environment = Environment::new().await;
    for number in 0..40 {
        let mut unreadable = payment_left_behind(&TestOrder::new(), "refunding");
        unreadable.insert("orderId", number);
        environment.db_insert("payments", unreadable).await;
    }
    let order = TestOrder::new();
    let mut left = payment_left_behind(&order, "refunding");
    left.insert("dueAt", DateTime::from_millis(1));
    environment.db_insert("orders", order.replica("cancelled")).await;
    environment.db_insert("sandbox", charge_left_behind(&left, "captured")).await;
    environment.db_insert("payments", left).await;
    let payments = environment.start().await;
    payments.wait_for_status(&order, "refunded").await;
}

#[tokio::test]
async fn what_is_not_settled_is_counted_with_its_age() {
    let environment = Environment::new().await;
    let long_ago = DateTime::from_millis(Timestamp::now().millis() - 90_000);
    for status in ["authorised", "capturing"] {
        let mut left = payment_left_behind(&TestOrder::new(), status);
        left.extend(doc! {"changedAt": long_ago, "dueAt": DateTime::MAX});
        environment.db_insert("payments", left).await;
    }
    let payments = environment.start().await;
    let metrics = eventually("it is counted", async || {
        let metrics = payments.app.metrics().await;
        metrics.contains("payment_oldest_seconds{").then_some(metrics)
    })
    .await;
    for line in [
        "payments{status=\"authorised\"} 1",
        "payments{status=\"capturing\"} 1",
        "payments{status=\"refunding\"} 0",
        "payment_oldest_seconds{status=\"authorised\"} 9",
        "payments_authorised_unsettled 1",
    ] {
        assert!(metrics.contains(line), "{line} is missing in\n{metrics}");
    }
}

#[tokio::test]
async fn the_indexes_and_due_times_of_an_earlier_version_are_taken_away() {
    let environment = Environment::new().await;
    let order = TestOrder::new();
    let mut left = payment_left_behind(&order, "captured");
    left.insert("dueAt", DateTime::from_millis(0));
    environment.db_insert("payments", left).await;
    let collection = environment.database.collection::<Document>("payments");
    for (name, keys) in [("live", doc! {"orderId": 1}), ("overdue", doc! {"dueAt": 1})] {
        let captured = doc! {"status": "captured"};
        let options = IndexOptions::builder().name(name.to_owned()).partial_filter_expression(captured).build();
        collection.create_index(IndexModel::builder().keys(keys).options(options).build()).await.unwrap();
    }
    let payments = environment.start().await;
    let mut names = payments.database.collection::<Document>("payments").list_index_names().await.unwrap();
    names.sort();
    assert_eq!(names, ["_id_", "attempt", "due", "intent", "order", "outbox", "slot"]);
    assert!(!payments.db_payment(&order).await.contains_key("dueAt"));
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
async fn a_provider_that_is_unavailable_is_answered_503_and_the_sweep_decides_the_attempt() {
    let stripe = StripeDouble::start().await;
    let payments = stripe.payments().await;
    let order = payments.order().await;
    stripe.fail_next(Operation::Confirm, Fault::DoneButUnanswered, 1);
    stripe.fail_next(Operation::Look, Fault::Unavailable, 1);
    let answer = payments.pay(&order, "tok_visa").await;
    assert_eq!(answer.header("retry-after"), "2");
    answer.expect_errors(503, &[("The service is unavailable, try again in a few seconds", None)]);
    assert_eq!(payments.db_payment(&order).await.get_str("status").unwrap(), "pending");
    payments.wait_for_status(&order, "authorised").await;
    assert_eq!(stripe.intents(), [("requires_capture".to_owned(), 1250)]);
}

#[tokio::test]
async fn an_answer_that_was_lost_is_found_at_the_intent() {
    let stripe = StripeDouble::start().await;
    let payments = stripe.payments().await;
    let order = payments.order().await;
    stripe.fail_next(Operation::Confirm, Fault::DoneButUnanswered, 1);
    payments.pay(&order, "tok_visa").await.expect(201);
    assert_eq!(stripe.intents().len(), 1);
}

#[tokio::test]
async fn a_refund_counts_when_the_provider_says_that_it_succeeded() {
    let stripe = StripeDouble::start().await;
    let payments = stripe.payments().await;
    let order = payments.paid_order().await;
    payments.publish(&order.completed()).await;
    payments.wait_for_status(&order, "captured").await;
    stripe.refunds_begin("pending");
    let mut cancelled = order.cancelled();
    cancelled.version = 2;
    payments.publish(&cancelled).await;
    eventually("it is under way", async || (stripe.refunds() == ["pending"]).then_some(())).await;
    assert_eq!(payments.db_payment(&order).await.get_str("status").unwrap(), "refunding");
    stripe.settle_refunds("succeeded");
    payments.wait_for_status(&order, "refunded").await;
}

#[tokio::test]
async fn a_refund_that_failed_is_stored_and_asked_for_again_only_rarely() {
    let stripe = StripeDouble::start().await;
    let payments = stripe.payments().await;
    let order = payments.paid_order().await;
    payments.publish(&order.completed()).await;
    payments.wait_for_status(&order, "captured").await;
    stripe.refunds_begin("failed");
    let mut cancelled = order.cancelled();
    cancelled.version = 2;
    payments.publish(&cancelled).await;
    let failed = eventually("it is stored", async || {
        let payment = payments.db_payment(&order).await;
        payment.contains_key("refundFailed").then_some(payment)
    })
    .await;
    assert_eq!(failed.get_str("status").unwrap(), "refunding");
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
