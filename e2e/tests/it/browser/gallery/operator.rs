//! What only an operator sees.

use common::testing::{JWT_KEY, User};
use e2e::person::Person;
use serde_json::json;

use super::Gallery;
use crate::browser::device::PHONE;
use crate::browser::stage::play_with;

#[tokio::test]
async fn every_page_of_an_operator_looks_right() {
    let operator = User::new();
    let id = operator.id.to_string();
    play_with(&[("JWT_KEY", JWT_KEY), ("ADMIN_IDS", &id)], async |stage| {
        let gallery = Gallery::of(&["operator"]);
        let window = stage.open(PHONE).await;
        window.sign_in_with(&operator.cookie).await;
        gallery.visit(&window, "/operator", "operator", "empty").await;

        let site = stage.site();
        let (seller, buyer) = (Person::sign_up(&site).await, Person::sign_up(&site).await);
        let ticket = seller.offer("Nozze di Figaro", 85.0).await.expect(201).id();
        let reason = json!({"reason": "The price is above that on the ticket"});
        buyer.http.post(&format!("/api/tickets/{ticket}/report"), reason).await.expect(201);
        gallery.visit(&window, "/operator", "operator", "reports").await;
        gallery.visit(&window, &format!("/operator?id={ticket}"), "operator", "listing").await;
        gallery.visit(&window, &format!("/operator/tickets/{ticket}/takedown"), "operator", "takedown").await;

        let order = buyer.order(ticket).await.expect(201).id();
        buyer.pay(order, "tok_visa").await.expect(201);
        gallery.visit(&window, &format!("/operator/orders/{order}/refund"), "operator", "refund").await;
        window.submit(&format!("/operator/orders/{order}/refund")).await;
        window.is_at("/operator?id=").await;
        gallery.show(&window, "operator", "refunded").await;
        gallery.end();
    })
    .await;
}
