//! Looking for a ticket.

use e2e::person::Person;

use super::Gallery;
use crate::browser::device::PHONE;
use crate::browser::stage::play_with;

#[tokio::test]
async fn every_page_of_finding_looks_right() {
    play_with(&[], async |stage| {
        let gallery = Gallery::of(&["landing", "failure"]);
        let window = stage.open(PHONE).await;
        gallery.visit(&window, "/", "landing", "empty").await;
        let seller = Person::sign_up(&stage.site()).await;
        for number in 1..=12 {
            seller.offer(&format!("Concert {number}"), 20.5).await.expect(201);
        }
        gallery.visit(&window, "/", "landing", "full").await;

        gallery.visit(&window, "/nowhere", "failure", "not-found").await;
        let ticket = seller.offer("Opera", 20.0).await.expect(201).id();
        let stranger = Person::sign_up(&stage.site()).await;
        window.sign_in(&stranger).await;
        gallery.visit(&window, &format!("/tickets/{ticket}/edit"), "failure", "not-yours").await;
        stage.platform.fleet.take_away("orders").await.unwrap();
        gallery.visit(&window, "/orders", "failure", "unavailable").await;
        gallery.end();
    })
    .await;
}
