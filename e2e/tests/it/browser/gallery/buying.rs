//! Buying a ticket.

use common::id::Id;
use common::testing::eventually;
use e2e::person::Person;

use super::Gallery;
use crate::browser::device::PHONE;
use crate::browser::stage::play;

#[tokio::test]
async fn every_page_of_a_ticket_looks_right() {
    play(async |stage| {
        let gallery = Gallery::of(&["ticket"]);
        let site = stage.site();
        let (seller, buyer, rival) =
            (Person::sign_up(&site).await, Person::sign_up(&site).await, Person::sign_up(&site).await);
        let ticket = seller.offer("Nozze di Figaro", 85.0).await.expect(201).id();
        let path = format!("/tickets/{ticket}");
        let window = stage.open(PHONE).await;
        gallery.visit(&window, &path, "ticket", "nobody").await;
        gallery.visit(&window, &format!("/tickets/{}", Id::generate()), "ticket", "gone").await;
        window.sign_in(&buyer).await;
        gallery.visit(&window, &path, "ticket", "buyer").await;
        window.sign_in(&seller).await;
        gallery.visit(&window, &path, "ticket", "seller").await;

        let order = buyer.order(ticket).await.expect(201).id();
        eventually("the ticket is reserved", async || seller.holder(ticket).await).await;
        gallery.visit(&window, &path, "ticket", "own-held").await;
        window.sign_in(&rival).await;
        gallery.visit(&window, &path, "ticket", "held").await;
        window.sign_in(&buyer).await;
        gallery.visit(&window, &path, "ticket", "own").await;
        buyer.pay(order, "tok_visa").await.expect(201);
        eventually("the order is complete", async || buyer.sees_order(order, "complete").await).await;
        window.sign_in(&rival).await;
        gallery.visit(&window, &path, "ticket", "sold").await;
        gallery.end();
    })
    .await;
}

#[tokio::test]
async fn every_page_of_an_order_looks_right() {
    play(async |stage| {
        let gallery = Gallery::of(&["order", "orders"]);
        let site = stage.site();
        let (seller, buyer) = (Person::sign_up(&site).await, Person::sign_up(&site).await);
        let window = stage.open(PHONE).await;
        window.sign_in(&buyer).await;
        gallery.visit(&window, "/orders", "orders", "empty").await;

        let order = ordered(&seller, &buyer).await;
        let path = format!("/orders/{order}");
        gallery.visit(&window, &path, "order", "open").await;
        stage.set_time_left(order, 119).await;
        gallery.visit(&window, &path, "order", "two-minutes").await;
        window.choose("token", "tok_chargeDeclined").await;
        window.submit(&format!("{path}/pay")).await;
        window.sees("declined").await;
        gallery.show(&window, "order", "declined").await;
        window.choose("token", "tok_threeDSecure2Required").await;
        window.submit(&format!("{path}/pay")).await;
        window.sees("your bank").await;
        gallery.show(&window, "order", "bank").await;
        window.visit(&path).await;
        window.choose("token", "tok_visa").await;
        window.submit(&format!("{path}/pay")).await;
        window.sees("the ticket is yours").await;
        gallery.show(&window, "order", "paid").await;

        let order = ordered(&seller, &buyer).await;
        let path = format!("/orders/{order}");
        window.visit(&path).await;
        window.submit(&format!("{path}/cancel")).await;
        window.sees("you cancelled this order").await;
        gallery.show(&window, "order", "cancelled").await;
        gallery.visit(&window, "/orders", "orders", "full").await;
        gallery.end();
    })
    .await;
}

/// An order of a new ticket.
async fn ordered(seller: &Person, buyer: &Person) -> Id {
    let ticket = seller.offer("Nozze di Figaro", 85.0).await.expect(201).id();
    buyer.order(ticket).await.expect(201).id()
}
