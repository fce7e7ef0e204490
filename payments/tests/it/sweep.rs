use std::collections::HashSet;
use std::time::Duration;

use common::events::{ORDER, PaymentCreated, PaymentFailed, PaymentRefunded, StateRequested};
use common::id::Id;
use common::testing::eventually;
use common::timestamp::Timestamp;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{DateTime, doc};
use payments::models::payment::PaymentStatus;
use payments::models::payments::next_due;
use serde_json::json;

use crate::app::{Environment, TestApp, charge_left_behind, claim_left_behind, payment_left_behind};
use crate::idle::SharedStores;
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
    let of_order = |event: &StateRequested| event.id == Some(order.id) && event.of == ORDER;
    payments.stream.wait_for::<StateRequested>(1, of_order).await;
    payments.stream.wait_for::<PaymentCreated>(3, |event| event.order_id == order.id).await;
    assert_eq!(payments.db_payment(&order).await.get_str("status").unwrap(), "authorised");
    assert_eq!(payments.db_charge(&order).await, "authorised");
}

#[tokio::test]
async fn a_failed_payment_is_published_again_until_its_order_is_known_to_be_cancelled() {
    let order = TestOrder::new();
    let payments = inherit(&order, "complete", "failed", None).await;
    payments.stream.wait_for::<PaymentFailed>(3, |event| event.order_id == order.id).await;
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
    is_refunded_when_due(environment, "refunding", DateTime::from_millis(1)).await;
}

#[tokio::test]
async fn what_is_not_settled_is_counted_with_its_age() {
    let stores = SharedStores::new().await;
    let idle = stores.idle(&[]).await;
    let payments = stores.database.collection("payments");
    for (status, age_ms) in [("authorised", 90_000), ("authorised", 1_000), ("capturing", 30_000), ("captured", 90_000)]
    {
        let mut left = payment_left_behind(&TestOrder::new(), status);
        let changed = Timestamp::now().millis() - age_ms;
        // An id that is as old as the change.
        let id = u32::try_from(changed / 1000).unwrap().to_be_bytes();
        let id = [&id[..], &ObjectId::new().bytes()[4..]].concat().try_into().unwrap();
        left.extend(doc! {"_id": ObjectId::from_bytes(id), "changedAt": DateTime::from_millis(changed)});
        payments.insert_one(left).await.unwrap();
    }
    let mut found = idle.payments.unsettled().await.unwrap();
    found.sort_by_key(|found| found.count);
    let told = found.iter().map(|found| (found.status, found.count, found.oldest_ms / 10_000, found.long_held));
    let expected = [(PaymentStatus::Capturing, 1, 3, 0), (PaymentStatus::Authorised, 2, 9, 1)];
    assert_eq!(told.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn an_operator_sees_the_gauges() {
    let payments = TestApp::start().await;
    eventually("they are set", async || {
        let metrics = payments.app.metrics().await;
        let all = [
            "payments{status=\"voiding\"}",
            "payment_oldest_seconds{status=\"ending\"}",
            "payments_authorised_unsettled",
        ];
        all.iter().all(|name| metrics.contains(name)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_payment_that_was_captured_by_a_process_that_died_follows_its_order() {
    is_refunded_when_due(Environment::new().await, "captured", DateTime::from_millis(0)).await;
}

#[tokio::test]
async fn the_pauses_of_reminders_grow_to_five_minutes_and_those_of_what_moves_money_do_not() {
    let idle = SharedStores::new().await.idle(&[]).await;
    let payments = idle.database.collection("payments");
    for (status, tries, pause_seconds) in [
        ("authorised", 0, 3),
        ("authorised", 21, 30),
        ("authorised", 22, 300),
        ("failed", 99, 300),
        ("voiding", 99, 30),
    ] {
        let mut left = payment_left_behind(&TestOrder::new(), status);
        left.insert("tries", tries);
        payments.insert_one(left).await.unwrap();
        let due = next_due(&idle.payments.store).await.unwrap().unwrap();
        let due_at = idle.payments.store.find(due).await.unwrap().unwrap().due_at().unwrap();
        let pause = due_at.remaining(idle.payments.clock.read().await.unwrap());
        assert!(
            pause.abs_diff(Duration::from_secs(pause_seconds)) < Duration::from_secs(2),
            "{status} {tries}: {pause:?}"
        );
    }
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
    eventually("each is published", async || {
        // State that is published again is harmless.
        let refunds: Vec<PaymentRefunded> = payments.stream.published().await;
        let paid: HashSet<Id> = refunds.iter().map(|refund| refund.order_id).collect();
        (paid.len() == orders.len()).then_some(())
    })
    .await;
    for order in &orders {
        assert_eq!(payments.db_payment(order).await.get_i32("version").unwrap(), 4, "changed once");
    }
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
    for operation in [Operation::Capture, Operation::Cancel] {
        stripe.fail_next(operation, Fault::Unavailable, 1000);
    }
    payments.publish(&kept.completed()).await;
    payments.publish(&given_back.cancelled()).await;
    for (order, status) in [(&kept, "capturing"), (&given_back, "voiding")] {
        let payment = payments.wait_for_status(order, status).await;
        assert!(payment.contains_key("dueAt"), "the sweep comes back to it");
    }
    stripe.heal();
    payments.wait_for_status(&kept, "captured").await;
    payments.wait_for_status(&given_back, "voided").await;
    assert_eq!([stripe.status("pi_1"), stripe.status("pi_2")], ["succeeded", "canceled"]);
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

/// A payment of a cancelled order that was left behind like this gets its refund.
async fn is_refunded_when_due(environment: Environment, status: &str, due_at: DateTime) {
    let order = TestOrder::new();
    let mut left = payment_left_behind(&order, status);
    left.insert("dueAt", due_at);
    environment.db_insert("orders", order.replica("cancelled")).await;
    environment.db_insert("sandbox", charge_left_behind(&left, "captured")).await;
    environment.db_insert("payments", left).await;
    let payments = environment.start().await;
    payments.wait_for_status(&order, "refunded").await;
}
