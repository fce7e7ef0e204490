//! Selling a ticket.

use e2e::person::Person;

use super::Gallery;
use crate::browser::device::PHONE;
use crate::browser::stage::play;

#[tokio::test]
async fn every_page_of_selling_looks_right() {
    play(async |stage| {
        let gallery = Gallery::of(&["sell", "edit"]);
        let seller = Person::sign_up(&stage.site()).await;
        let window = stage.open(PHONE).await;
        window.sign_in(&seller).await;
        gallery.visit(&window, "/tickets/new", "sell", "empty").await;
        window.enter("title", "Nozze di Figaro").await;
        window.enter("price", "twelve").await;
        gallery.show(&window, "sell", "filled").await;
        window.submit("/tickets/new").await;
        window.sees("price must").await;
        gallery.show(&window, "sell", "errors").await;

        let ticket = seller.offer("Nozze di Figaro", 85.0).await.expect(201).id();
        gallery.visit(&window, &format!("/tickets/{ticket}/edit"), "edit", "own").await;
        gallery.end();
    })
    .await;
}
