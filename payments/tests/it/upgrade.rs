//! What an earlier version left behind.

use std::time::Duration;

use common::error::ApiError;
use common::id::Id;
use common::testing::eventually;
use common::timestamp::Timestamp;
use mongodb::IndexModel;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{DateTime, Document, doc};
use mongodb::options::IndexOptions;

use crate::app::{Environment, charge_left_behind, claim_left_behind, payment_left_behind};
use crate::idle::{Idle, SharedStores, cancelled};
use crate::order::TestOrder;
use crate::stripe_double::StripeDouble;

/// An attempt whose answer of the provider got lost.
fn attempt_of_before(order: &TestOrder, age: Duration) -> Document {
    let mut attempt = claim_left_behind(order);
    attempt.remove("number");
    let seconds = u32::try_from(Timestamp::now().millis() / 1000).unwrap() - u32::try_from(age.as_secs()).unwrap();
    let id = [&seconds.to_be_bytes()[..], &ObjectId::new().bytes()[4..]].concat().try_into().unwrap();
    attempt.insert("_id", ObjectId::from_bytes(id));
    attempt
}

fn id(payment: &Document) -> Id {
    payment.get_object_id("_id").unwrap().into()
}

/// A service over an attempt of this age.
async fn idle_service(stripe: &StripeDouble, age: Duration) -> (Idle, TestOrder, Id) {
    let idle = SharedStores::new().await.idle(&stripe.flags()).await;
    let order = idle.order().await;
    let attempt = attempt_of_before(&order, age);
    let id = id(&attempt);
    idle.database.collection("payments").insert_one(attempt).await.unwrap();
    (idle, order, id)
}

#[tokio::test]
async fn the_indexes_and_due_times_of_an_earlier_version_are_taken_away() {
    let environment = Environment::new().await;
    let order = TestOrder::new();
    let mut left = payment_left_behind(&order, "captured");
    left.insert("dueAt", DateTime::from_millis(0));
    left.remove("number");
    environment.db_insert("payments", left).await;
    let collection = environment.database.collection::<Document>("payments");
    for (name, keys) in [("live", doc! {"orderId": 1}), ("overdue", doc! {"dueAt": 1})] {
        let captured = doc! {"status": "captured"};
        let options = IndexOptions::builder().name(name.to_owned()).partial_filter_expression(captured).build();
        collection.create_index(IndexModel::builder().keys(keys).options(options).build()).await.unwrap();
    }
    let payments = environment.start().await;
    let names = payments.database.collection::<Document>("payments").list_index_names().await.unwrap();
    let has = |name: &str| names.iter().any(|stored| stored == name);
    assert!(has("slot") && has("due") && !has("live") && !has("overdue"), "{names:?}");
    assert!(!payments.db_payment(&order).await.contains_key("dueAt"));
}

#[tokio::test]
async fn several_payments_of_an_order_that_were_voided_or_refunded_do_not_share_its_slot() {
    let environment = Environment::new().await;
    let orders = [(TestOrder::new(), "voided"), (TestOrder::new(), "refunded")];
    for (order, status) in &orders {
        environment.db_insert("orders", order.replica("created")).await;
        for _ in 0..2 {
            let mut left = payment_left_behind(order, status);
            left.remove("number");
            environment.db_insert("payments", left).await;
        }
    }
    let payments = environment.start().await;
    for (order, _) in &orders {
        payments.pay(order, "tok_visa").await.expect_errors(400, &[("Cannot pay for a cancelled order", None)]);
        assert_eq!(payments.db_payments(order).await.len(), 2);
    }
}

#[tokio::test]
async fn money_that_an_attempt_holds_whose_answer_got_lost_is_found_at_its_intent() {
    let stripe = StripeDouble::start().await;
    let (mut idle, order, id) = idle_service(&stripe, Duration::from_secs(60)).await;
    stripe.intent_of_before(order.id, Id::generate(), "requires_payment_method");
    stripe.intent_of_before(order.id, id, "requires_capture");
    idle.sweep(&order).await;
    assert_eq!(idle.statuses(&order).await, ["authorised"]);
    assert_eq!(idle.published()[0], "payment.created");
    idle.payments.apply(cancelled(&order, 1)).await.unwrap();
    idle.work().await;
    assert_eq!((idle.statuses(&order).await, stripe.holds()), (vec!["voided".to_owned()], 0));
}

#[tokio::test]
async fn an_attempt_keeps_the_slot_until_its_intent_would_surely_be_there() {
    let stripe = StripeDouble::start().await;
    let (mut young, order, _) = idle_service(&stripe, Duration::from_secs(300)).await;
    for token in ["tok_visa", "tok_mastercard"] {
        let answer = young.pay(&order, token).await;
        assert!(matches!(answer, Err(ApiError::Unavailable(_))), "{answer:?}");
    }
    young.payments.expire(order.id).await.unwrap();
    young.work().await;
    assert_eq!((young.statuses(&order).await, young.published()), (vec!["pending".to_owned()], vec![]));
    let (mut old, order, _) = idle_service(&stripe, Duration::from_secs(601)).await;
    old.payments.expire(order.id).await.unwrap();
    old.work().await;
    assert_eq!(old.statuses(&order).await, ["declined", "closed"]);
    assert_eq!(old.published(), ["payment.closed"]);
}

#[tokio::test]
async fn reconciliation_gives_an_attempt_its_intent() {
    let stripe = StripeDouble::start().await;
    let payments = stripe.payments().await;
    let order = payments.order().await;
    let payments = payments.kill().await;
    let attempt = attempt_of_before(&order, Duration::from_secs(60));
    stripe.intent_of_before(order.id, id(&attempt), "requires_capture");
    payments.db_insert("payments", attempt).await;
    let output = payments.reconcile().await;
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 adopted"), "{output:?}");
    let payments = payments.restart().await;
    payments.pay(&order, "tok_visa").await.expect(201);
    assert_eq!(stripe.intents().len(), 1);
}

#[tokio::test]
async fn the_sandbox_remembers_such_an_attempt_too() {
    let environment = Environment::new().await;
    let order = TestOrder::new();
    let attempt = attempt_of_before(&order, Duration::from_secs(60));
    let mut charge = charge_left_behind(&payment_left_behind(&order, "pending"), "authorised");
    charge.insert("_id", format!("{}-authorise", id(&attempt)));
    charge.remove("number");
    environment.db_insert("orders", order.replica("created")).await;
    environment.db_insert("sandbox", charge).await;
    environment.db_insert("payments", attempt).await;
    let payments = environment.start().await;
    payments.wait_for_status(&order, "authorised").await;
    eventually("it is paid", async || (payments.pay(&order, "tok_visa").await.status == 201).then_some(())).await;
}
