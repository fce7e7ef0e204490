use common::testing::eventually;
use serde_json::json;

use crate::person::{Person, id};
use crate::site::Site;

/// A ticket is sold once and paid once, through the API.
///
/// # Panics
/// When anything in it is not as the contract says.
pub async fn sale(site: &Site) {
    let (seller, buyer, rival) =
        (Person::sign_up(site).await, Person::sign_up(site).await, Person::sign_up(site).await);

    let ticket = seller.offer("Concert", 20.5).await;
    assert!(buyer.sees_for_sale(&ticket).await);
    seller.order(&ticket).await.expect_refusal("Cannot order your own ticket");

    let order = id(&buyer.order(&ticket).await.expect(201));
    eventually("the ticket is reserved", async || (seller.holder(&ticket).await? == order).then_some(())).await;
    assert!(!rival.sees_for_sale(&ticket).await);
    rival.order(&ticket).await.expect_refusal("Ticket is already reserved");
    let dearer = json!({"title": "Concert", "price": 99});
    seller.put(&format!("/api/tickets/{ticket}"), dearer).await.expect_refusal("Cannot edit a reserved ticket");

    buyer.delete(&format!("/api/orders/{order}")).await.expect(204);
    eventually("the ticket is free", async || seller.holder(&ticket).await.is_none().then_some(())).await;
    assert!(rival.sees_for_sale(&ticket).await);
    buyer.pay(&order, "tok_visa").await.expect_refusal("Cannot pay for a cancelled order");

    let order = id(&buyer.order(&ticket).await.expect(201));
    buyer.pay(&order, "tok_chargeDeclined").await.expect_refusal("Your card was declined");
    assert_eq!(rival.pay(&order, "tok_visa").await.status, 401);
    let payment = id(&buyer.pay(&order, "tok_visa").await.expect(201));
    assert_eq!(id(&buyer.pay(&order, "tok_visa").await.expect(201)), payment, "never a second charge");
    eventually("the order is complete", async || (buyer.order_status(&order).await == "complete").then_some(())).await;
    let refused = buyer.delete(&format!("/api/orders/{order}")).await;
    refused.expect_refusal("Cannot cancel a completed order");
    assert_eq!(seller.holder(&ticket).await.as_ref(), Some(&order));
    assert!(!rival.sees_for_sale(&ticket).await);
}
