use common::money::Money;
use common::testing::User;
use serde_json::json;

use crate::app::TestApp;

#[tokio::test]
async fn a_refund_is_noted_and_the_status_stays() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.cancel(&buyer, order).await.expect(204);
    orders.refund(order, Money::from_cents(2000)).await;
    let stored = orders.db_order(order).await;
    assert_eq!((stored.get_str("status").unwrap(), stored.get_i32("refunded").unwrap()), ("cancelled", 20));
    assert_eq!(stored.get_i32("version").unwrap(), 2);
}

#[tokio::test]
async fn a_complete_order_whose_money_an_operator_gave_back_stays_complete_and_says_so() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.pay(order).await;
    orders.refund(order, Money::from_cents(2000)).await;
    // Payments publishes it again for an order of which it knows no end.
    orders.pay(order).await;
    let shown = orders.show(&buyer, order).await.expect(200).body;
    assert_eq!((&shown["status"], &shown["refunded"]), (&json!("complete"), &json!(20)));
    assert_eq!(orders.app.get(Some(&buyer), "/api/orders").await.expect(200).body, json!([shown]));
    assert_eq!(orders.ends(order).await, ["complete"]);
    let ticket = shown["ticket"]["id"].as_str().unwrap().parse().unwrap();
    orders.order(&User::new(), ticket).await.expect_errors(400, &[("Ticket is already reserved", None)]);
}

/// The database of orders was restored to before the payment: payments publishes both again when the order is overdue.
#[tokio::test]
async fn a_refund_and_its_payment_end_in_the_same_state_in_both_orders_of_arrival() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    for is_refunded_first in [false, true] {
        let order = orders.some_order(&buyer).await;
        if is_refunded_first {
            orders.refund(order, Money::from_cents(2000)).await;
        }
        orders.pay(order).await;
        orders.refund(order, Money::from_cents(2000)).await;
        let shown = orders.show(&buyer, order).await.expect(200).body;
        assert_eq!((&shown["status"], &shown["refunded"]), (&json!("complete"), &json!(20)));
    }
}

#[tokio::test]
async fn a_refund_that_is_told_twice_is_noted_once() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.cancel(&buyer, order).await.expect(204);
    orders.refund(order, Money::from_cents(2000)).await;
    orders.refund(order, Money::from_cents(2000)).await;
    assert_eq!(orders.db_order(order).await.get_i32("version").unwrap(), 2);
}

#[tokio::test]
async fn a_refund_is_told_to_nobody() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    orders.cancel(&buyer, order).await.expect(204);
    orders.refund(order, Money::from_cents(2000)).await;
    assert_eq!(orders.published_ends(order).await, ["cancelled"]);
}
