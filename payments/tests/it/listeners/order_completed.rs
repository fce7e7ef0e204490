use crate::app::TestApp;
use crate::order::TestOrder;

#[tokio::test]
async fn money_that_is_held_for_the_order_is_taken() {
    let payments = TestApp::start().await;
    let order = payments.paid_order().await;
    payments.publish(&order.completed()).await;
    payments.wait_for_status(&order, "captured").await;
    assert_eq!(payments.db_charge(&order).await, "captured");
}

#[tokio::test]
async fn handled_twice_it_takes_the_money_once() {
    let payments = TestApp::start().await;
    let order = payments.paid_order().await;
    payments.stream.publish(&order.completed()).await;
    payments.publish(&order.completed()).await;
    let captured = payments.wait_for_status(&order, "captured").await;
    payments.publish(&order.completed()).await;
    assert_eq!(payments.db_payment(&order).await.get("version"), captured.get("version"));
}

#[tokio::test]
async fn an_order_without_a_payment_of_ours_is_only_remembered() {
    let payments = TestApp::start().await;
    let order = TestOrder::new();
    payments.publish(&order.completed()).await;
    let mut remembered = order.replica("complete");
    remembered.remove("expiresAt");
    assert_eq!(payments.db_order(order.id).await.unwrap(), remembered);
    assert!(payments.db_payments(&order).await.is_empty());
}
