use std::time::Duration;

use common::events::PaymentRefunded;
use common::money::Money;
use common::testing::eventually;
use mongodb::bson::{DateTime, Document};

use crate::app::{
    Environment, TestApp, charge_left_behind, claim_left_behind, payment_left_behind, payment_of_the_original,
};
use crate::order::TestOrder;
use crate::stripe_double::{Fault, Operation, StripeDouble};

#[tokio::test]
async fn money_that_is_held_for_the_order_is_released() {
    let payments = TestApp::start().await;
    let order = payments.paid_order().await;
    payments.publish(&order.cancelled()).await;
    payments.wait_for_status(&order, "voided").await;
    assert_eq!(payments.db_charge(&order).await, "voided");
    let answer = payments.pay(&order, "tok_visa").await;
    answer.expect_errors(400, &[("Cannot pay for a cancelled order", None)]);
    assert!(payments.refunds(&order).await.is_empty(), "nothing was taken, so nothing goes back");
}

#[tokio::test]
async fn money_that_was_taken_for_the_order_goes_back() {
    let environment = Environment::new().await;
    let order = TestOrder::new();
    let captured = payment_left_behind(&order, "captured");
    environment.db_insert("orders", order.replica("created")).await;
    environment.db_insert("payments", captured.clone()).await;
    environment.db_insert("sandbox", charge_left_behind(&captured, "captured")).await;
    let payments = environment.start().await;
    payments.publish(&order.cancelled()).await;
    payments.wait_for_status(&order, "refunded").await;
    assert_eq!(payments.db_charge(&order).await, "refunded");
    let refunds = payments.stream.wait_for::<PaymentRefunded>(1, |event| event.order_id == order.id).await;
    let expected = PaymentRefunded {
        id: captured.get_object_id("_id").unwrap().into(),
        order_id: order.id,
        stripe_id: captured.get_str("stripeId").unwrap().to_owned(),
        amount: Money::from_cents(1250),
    };
    assert_eq!(refunds, [expected]);
}

#[tokio::test]
async fn money_that_the_node_original_took_goes_back_by_the_price_of_its_order() {
    let environment = Environment::new().await;
    let order = TestOrder::new();
    let charged = payment_of_the_original(&order);
    environment.db_insert("orders", order.replica("created")).await;
    environment.db_insert("payments", charged.clone()).await;
    let payments = environment.start().await;
    payments.publish(&order.cancelled()).await;
    let stored = payments.wait_for_status(&order, "refunded").await;
    assert_eq!(stored.get_i32("__v").unwrap(), 0, "what we do not know stays");
    let refunds = payments.stream.wait_for::<PaymentRefunded>(1, |event| event.order_id == order.id).await;
    assert_eq!((refunds[0].amount, refunds[0].stripe_id.as_str()), (Money::from_cents(1250), "ch_3NvPXJ2eZvKYlo2C"));
}

#[tokio::test]
async fn every_charge_of_an_order_that_the_node_original_charged_twice_goes_back() {
    let environment = Environment::new().await;
    let order = TestOrder::new();
    environment.db_insert("orders", order.replica("created")).await;
    environment.db_insert("payments", payment_of_the_original(&order)).await;
    environment.db_insert("payments", payment_of_the_original(&order)).await;
    let payments = environment.start().await;
    payments.publish(&order.cancelled()).await;
    payments.stream.wait_for::<PaymentRefunded>(2, |event| event.order_id == order.id).await;
}

#[tokio::test]
async fn handled_twice_it_gives_the_money_back_once() {
    let environment = Environment::new().await;
    let order = TestOrder::new();
    environment.db_insert("orders", order.replica("created")).await;
    environment.db_insert("payments", payment_of_the_original(&order)).await;
    let payments = environment.start().await;
    payments.publish(&order.cancelled()).await;
    payments.publish(&order.cancelled()).await;
    payments.wait_for_status(&order, "refunded").await;
    payments.publish(&order.cancelled()).await;
    payments.stream.wait_for::<PaymentRefunded>(1, |event| event.order_id == order.id).await;
    assert_eq!(payments.refunds(&order).await.len(), 1);
}

#[tokio::test]
async fn an_attempt_that_is_undecided_is_ended_and_no_card_is_charged_any_more() {
    for (attempt, charge) in [(claim_left_behind as fn(&TestOrder) -> Document, None), (pending, Some("unconfirmed"))] {
        let environment = Environment::new().await;
        let order = TestOrder::new();
        let mut left = attempt(&order);
        // Not due for the sweep: the listener alone has to do it.
        left.insert("dueAt", DateTime::MAX);
        if let Some(state) = charge {
            environment.db_insert("sandbox", charge_left_behind(&left, state)).await;
        }
        environment.db_insert("orders", order.replica("created")).await;
        environment.db_insert("payments", left).await;
        let payments = environment.start().await;
        payments.publish(&order.cancelled()).await;
        eventually("the order is closed", async || {
            let stored = payments.db_payments(&order).await;
            let has = |status: &str| stored.iter().any(|payment| payment.get_str("status").unwrap() == status);
            (has("closed") && !has("pending") && !has("ending")).then_some(())
        })
        .await;
    }
}

fn pending(order: &TestOrder) -> Document {
    payment_left_behind(order, "pending")
}

#[tokio::test]
async fn an_unknown_order_is_closed_before_it_can_be_paid_for() {
    let payments = TestApp::start().await;
    let order = TestOrder::new();
    payments.publish(&order.cancelled()).await;
    payments.publish(&order.created()).await;
    payments.pay(&order, "tok_visa").await.expect_errors(400, &[("Cannot pay for a cancelled order", None)]);
    assert_eq!(payments.db_payment(&order).await.get_str("status").unwrap(), "closed");
}

#[tokio::test]
async fn an_order_that_is_cancelled_during_its_capture_is_refunded_after_it() {
    let stripe = StripeDouble::start().await;
    let payments = stripe.payments().await;
    let order = payments.paid_order().await;
    stripe.fail_next(Operation::Capture, Fault::DoneLate(Duration::from_millis(500)), 1);
    payments.stream.publish(&order.completed()).await;
    let asked = async || (!stripe.calls_of(Operation::Capture).is_empty()).then_some(());
    eventually("the money is being taken", asked).await;
    let mut cancelled = order.cancelled();
    cancelled.version = 2;
    payments.publish(&cancelled).await;
    payments.wait_for_status(&order, "refunded").await;
    assert_eq!(stripe.refunds(), ["succeeded"]);
}
