use common::events::PaymentRefunded;
use common::money::Money;
use mongodb::bson::DateTime;

use crate::app::{Environment, TestApp, charge_left_behind, payment_left_behind, payment_of_the_original};
use crate::order::TestOrder;

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
async fn an_attempt_that_is_still_pending_is_left_to_whoever_finishes_it() {
    let environment = Environment::new().await;
    let order = TestOrder::new();
    let mut left = payment_left_behind(&order, "pending");
    left.insert("dueAt", DateTime::MAX);
    environment.db_insert("orders", order.replica("created")).await;
    environment.db_insert("payments", left).await;
    let payments = environment.start().await;
    payments.publish(&order.cancelled()).await;
    assert_eq!(payments.db_payment(&order).await.get_str("status").unwrap(), "pending");
}
