use common::money::Money;
use common::testing::User;

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
