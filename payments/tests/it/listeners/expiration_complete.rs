use std::time::Duration;

use common::events::{ExpirationComplete, PaymentClosed, PaymentCreated};
use common::id::Id;
use common::testing::eventually;
use common::timestamp::Timestamp;
use mongodb::bson::doc;

use crate::app::{Environment, TestApp, claim_left_behind, payment_left_behind};
use crate::idle::SharedStores;
use crate::order::TestOrder;
use crate::stripe_double::StripeDouble;

async fn wait_for_closed(payments: &TestApp, count: usize, order: Id) {
    payments.stream.wait_for::<PaymentClosed>(count, |event| event.order_id == order).await;
}

#[tokio::test]
async fn an_order_that_was_not_paid_in_time_is_closed_and_no_card_is_charged_for_it_any_more() {
    let payments = TestApp::start().await;
    let order = TestOrder::late();
    payments.publish(&order.created()).await;
    payments.publish(&order.expired()).await;
    wait_for_closed(&payments, 1, order.id).await;
    let closed = payments.db_payment(&order).await;
    assert_eq!(closed.get_str("status").unwrap(), "closed");
    assert!(!closed.contains_key("amount") && !closed.contains_key("stripeId"), "it has no money: {closed}");
    payments.pay(&order, "tok_visa").await.expect_errors(400, &[("The time to pay is over", None)]);
    assert!(payments.db_sandbox(&order).await.is_empty(), "no card was touched");
}

#[tokio::test]
async fn an_unknown_order_is_closed_too() {
    let payments = TestApp::start().await;
    let order = TestOrder::late();
    payments.publish(&order.expired()).await;
    wait_for_closed(&payments, 1, order.id).await;
    payments.publish(&order.created()).await;
    payments.pay(&order, "tok_visa").await.expect_errors(400, &[("The time to pay is over", None)]);
}

#[tokio::test]
async fn each_time_it_comes_it_is_answered() {
    let payments = TestApp::start().await;
    let order = TestOrder::late();
    for count in 1..4 {
        payments.publish(&order.expired()).await;
        wait_for_closed(&payments, count, order.id).await;
    }
    assert_eq!(payments.db_payments(&order).await.len(), 1);
}

#[tokio::test]
async fn a_payment_in_time_is_a_promise_and_is_published_again() {
    let payments = TestApp::start().await;
    let order = payments.paid_order().await;
    let mut event = order.expired();
    event.expires_at = Some(Timestamp::from_millis(0));
    payments.publish(&event).await;
    payments.stream.wait_for::<PaymentCreated>(2, |created| created.order_id == order.id).await;
    assert_eq!(payments.db_payment(&order).await.get_str("status").unwrap(), "authorised");
    payments.pay(&order, "tok_visa").await.expect(201);
    assert!(payments.stream.published::<PaymentClosed>().await.is_empty());
}

#[tokio::test]
async fn what_holds_the_slot_is_what_is_answered_each_time() {
    let mut idle = SharedStores::new().await.idle(&[]).await;
    for (status, replica, subject) in [
        ("authorised", "created", "payment.created"),
        ("capturing", "complete", "payment.created"),
        ("captured", "complete", "payment.created"),
        ("failed", "complete", "payment.failed"),
        ("voiding", "cancelled", "payment.closed"),
        ("voided", "cancelled", "payment.closed"),
        ("refunding", "cancelled", "payment.closed"),
        ("refunded", "cancelled", "payment.closed"),
        ("closed", "created", "payment.closed"),
    ] {
        let order = TestOrder::late();
        idle.database.collection("orders").insert_one(order.replica(replica)).await.unwrap();
        idle.database.collection("payments").insert_one(payment_left_behind(&order, status)).await.unwrap();
        for _ in 0..2 {
            idle.payments.expire(order.id).await.unwrap();
            assert_eq!(idle.published(), [subject], "{status}");
            assert_eq!(idle.statuses(&order).await, [status]);
        }
    }
}

#[tokio::test]
async fn an_order_whose_money_an_operator_gave_back_is_paid_for_and_never_closed() {
    let mut idle = SharedStores::new().await.idle(&[]).await;
    for (status, published) in
        [("refunding", &["payment.created"][..]), ("refunded", &["payment.created", "payment.refunded"])]
    {
        // The orders service has forgotten that it is complete: its database was restored.
        for replica in ["complete", "created"] {
            let order = TestOrder::late();
            let mut payment = payment_left_behind(&order, status);
            payment.insert("givenBackBy", doc! {"operator": Id::generate().to_string()});
            idle.database.collection("orders").insert_one(order.replica(replica)).await.unwrap();
            idle.database.collection("payments").insert_one(payment).await.unwrap();
            for _ in 0..2 {
                idle.payments.expire(order.id).await.unwrap();
                assert_eq!(idle.published(), published, "{status}");
                assert_eq!(idle.statuses(&order).await, [status]);
            }
        }
    }
}

#[tokio::test]
async fn a_mere_claim_becomes_the_closing_entry() {
    let environment = Environment::new().await;
    let order = TestOrder::late();
    let mut claim = claim_left_behind(&order);
    claim.remove("dueAt");
    environment.db_insert("orders", order.replica("created")).await;
    environment.db_insert("payments", claim).await;
    let payments = environment.start().await;
    payments.publish(&order.expired()).await;
    wait_for_closed(&payments, 1, order.id).await;
    assert_eq!(payments.db_payment(&order).await.get_str("status").unwrap(), "closed");
}

#[tokio::test]
async fn an_attempt_that_waits_for_the_buyer_is_ended_and_the_order_is_closed() {
    let stripe = StripeDouble::start().await;
    let payments = stripe.payments().await;
    let order = payments.order().await;
    payments.pay(&order, "tok_threeDSecure2Required").await.expect(402);
    let mut event = order.expired();
    event.expires_at = Some(Timestamp::from_millis(0));
    payments.publish(&event).await;
    wait_for_closed(&payments, 1, order.id).await;
    let declined = async || (stripe.intents() == [("canceled".to_owned(), 1250)]).then_some(());
    eventually("its intent is cancelled", declined).await;
}

#[tokio::test]
async fn an_attempt_that_the_buyer_has_confirmed_is_paid_in_time() {
    let stripe = StripeDouble::start().await;
    let payments = stripe.payments().await;
    let order = payments.order().await;
    let answer = payments.pay(&order, "tok_threeDSecure2Required").await.expect(402);
    stripe.confirm_as_buyer(answer.body["clientSecret"].as_str().unwrap(), true);
    let mut event = order.expired();
    event.expires_at = Some(Timestamp::from_millis(0));
    payments.publish(&event).await;
    payments.stream.wait_for::<PaymentCreated>(1, |created| created.order_id == order.id).await;
    payments.wait_for_status(&order, "authorised").await;
    assert!(payments.stream.published::<PaymentClosed>().await.is_empty());
}

#[tokio::test]
async fn what_comes_too_early_waits_for_the_deadline() {
    let payments = TestApp::start().await;
    let order = TestOrder::expiring_in(Duration::from_secs(2));
    payments.stream.publish(&order.created()).await;
    payments.stream.publish(&order.expired()).await;
    wait_for_closed(&payments, 1, order.id).await;
    assert!(Timestamp::now() >= order.expires_at);
}

#[tokio::test]
async fn without_a_deadline_in_the_message_that_of_the_order_counts() {
    let payments = TestApp::start().await;
    let (early, unknown) = (TestOrder::expiring_in(Duration::from_secs(2)), TestOrder::new());
    payments.publish(&early.created()).await;
    for order in [&early, &unknown] {
        payments.stream.publish(&ExpirationComplete { order_id: order.id, expires_at: None }).await;
    }
    wait_for_closed(&payments, 1, unknown.id).await;
    wait_for_closed(&payments, 1, early.id).await;
    assert!(Timestamp::now() >= early.expires_at);
}
