//! Selling a ticket.

use common::testing::eventually;
use e2e::person::Person;
use reqwest::Method;
use serde_json::json;

use super::Gallery;
use crate::browser::device::PHONE;
use crate::browser::stage::play;

/// A ticket as a file.
const PDF: &[u8] = b"%PDF-1.7\n% a ticket\nstartxref\n0\n%%EOF\n";

#[tokio::test]
async fn every_page_of_selling_looks_right() {
    play(async |stage| {
        let gallery = Gallery::of(&["sell", "edit", "selling", "file", "withdraw", "report"]);
        let seller = Person::sign_up(&stage.site()).await;
        let window = stage.open(PHONE).await;
        window.sign_in(&seller).await;
        gallery.visit(&window, "/selling", "selling", "empty").await;
        gallery.visit(&window, "/tickets/new", "sell", "empty").await;
        window.enter("title", "Nozze di Figaro").await;
        window.enter("price", "twelve").await;
        gallery.show(&window, "sell", "filled").await;
        window.submit("/tickets/new").await;
        window.sees("price must").await;
        gallery.show(&window, "sell", "errors").await;

        let ticket = seller.offer("Nozze di Figaro", 85.0).await.expect(201).id();
        let path = format!("/tickets/{ticket}");
        gallery.visit(&window, &format!("{path}/edit"), "edit", "own").await;
        gallery.visit(&window, &format!("{path}/file"), "file", "missing").await;
        let upload = seller.http.request(Method::PUT, &format!("/api{path}/file")).body(PDF);
        seller.http.send(upload).await.expect(200);
        gallery.visit(&window, &format!("{path}/file"), "file", "attached").await;
        gallery.visit(&window, &format!("{path}/withdraw"), "withdraw", "asks").await;

        sell_in_every_state(&seller, &Person::sign_up(&stage.site()).await).await;
        gallery.visit(&window, "/selling", "selling", "full").await;

        window.sign_in(&Person::sign_up(&stage.site()).await).await;
        gallery.visit(&window, &format!("{path}/report"), "report", "asks").await;
        window.enter("reason", "It is sold twice").await;
        window.submit(&format!("{path}/report")).await;
        window.sees("thank").await;
        gallery.show(&window, "report", "thanks").await;
        gallery.end();
    })
    .await;
}

/// Listings that are held, sold and withdrawn beside what is there.
async fn sell_in_every_state(seller: &Person, buyer: &Person) {
    let offer = async |title: &str| {
        let body = json!({"title": title, "price": 120, "venue": "Great Hall", "city": "Vienna", "quantity": 2,
            "startsAt": "2099-06-12T19:30:00+02:00", "section": "Parterre", "row": "7", "faceValue": 65});
        seller.http.post("/api/tickets", body).await.expect(201).id()
    };
    let (held, sold, withdrawn) = (offer("Spring Gala").await, offer("Summer Gala").await, offer("Winter Gala").await);
    buyer.order(held).await.expect(201);
    let order = buyer.order(sold).await.expect(201).id();
    buyer.pay(order, "tok_visa").await.expect(201);
    seller.http.delete(&format!("/api/tickets/{withdrawn}")).await.expect(204);
    let is_sold = async || {
        let own = seller.http.get("/api/tickets/mine").await.expect(200);
        own.body.as_array().unwrap().iter().any(|listing| listing["state"] == "sold").then_some(())
    };
    eventually("the sale has arrived", is_sold).await;
}
