use common::testing::{HttpClient, eventually};
use serde_json::json;

use crate::person::Person;

/// A ticket is sold once and paid once, through the API.
///
/// # Panics
/// When anything in it is not as the contract says.
pub async fn sale(site: &HttpClient) {
    let (seller, buyer, rival) =
        (Person::sign_up(site).await, Person::sign_up(site).await, Person::sign_up(site).await);

    let ticket = seller.offer("Concert", 20.5).await.expect(201).id();
    assert!(buyer.sees_for_sale(ticket).await);
    seller.order(ticket).await.expect_errors(400, &[("Cannot order your own ticket", None)]);

    let order = buyer.order(ticket).await.expect(201).id();
    eventually("the ticket is reserved", async || (seller.holder(ticket).await? == order).then_some(())).await;
    // One ticket and the list are read apart: a write that is not acknowledged yet may be in the one and not in the other.
    eventually("it is not for sale", async || (!rival.sees_for_sale(ticket).await).then_some(())).await;
    rival.order(ticket).await.expect_errors(400, &[("Ticket is already reserved", None)]);
    let dearer = json!({"title": "Concert", "price": 99});
    seller
        .http
        .put(&format!("/api/tickets/{ticket}"), dearer)
        .await
        .expect_errors(400, &[("Cannot edit a reserved ticket", None)]);

    buyer.cancel(order).await.expect(204);
    eventually("the ticket is free", async || seller.holder(ticket).await.is_none().then_some(())).await;
    eventually("it is for sale", async || rival.sees_for_sale(ticket).await.then_some(())).await;
    buyer.pay(order, "tok_visa").await.expect_errors(400, &[("Cannot pay for a cancelled order", None)]);

    let order = buyer.order(ticket).await.expect(201).id();
    buyer.pay(order, "tok_chargeDeclined").await.expect_errors(400, &[("Your card was declined", None)]);
    assert_eq!(rival.pay(order, "tok_visa").await.status, 401);
    let payment = buyer.pay(order, "tok_visa").await.expect(201).id();
    assert_eq!(buyer.pay(order, "tok_visa").await.expect(201).id(), payment, "never a second charge");
    eventually("the order is complete", async || buyer.sees_order(order, "complete").await).await;
    let refused = buyer.cancel(order).await;
    refused.expect_errors(400, &[("Cannot cancel a completed order", None)]);
    assert_eq!(seller.holder(ticket).await, Some(order));
    assert!(!rival.sees_for_sale(ticket).await);
}
