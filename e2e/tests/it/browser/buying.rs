//! Buying when not everything goes straight on.

use common::testing::eventually;
use e2e::person::Person;
use serde_json::Value;

use super::device::{DESKTOP, Device, PHONE};
use super::stage::play;

#[tokio::test]
async fn who_comes_too_late_is_shown_what_else_there_is() {
    play(async |stage| {
        let site = stage.site();
        let [seller, buyer, rival] =
            [Person::sign_up(&site).await, Person::sign_up(&site).await, Person::sign_up(&site).await];
        let ticket = seller.offer("Die Fledermaus", 40.0).await.expect(201).id();
        seller.offer("Die Fledermaus", 45.0).await.expect(201);
        for device in [DESKTOP, PHONE.without_scripts()] {
            let window = stage.open(device).await;
            window.sign_in(&buyer).await;
            window.visit(&format!("/tickets/{ticket}")).await;
            let order = rival.order(ticket).await.expect(201).id();
            window.submit(&format!("/tickets/{ticket}/buy")).await;
            window.sees("Somebody was faster").await;
            window.sees("$45").await;
            rival.cancel(order).await.expect(204);
            let is_free = async || seller.holder(ticket).await.is_none().then_some(());
            eventually("the ticket is free again", is_free).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_double_click_orders_and_pays_once() {
    play(async |stage| {
        for device in [DESKTOP, DESKTOP.without_scripts()] {
            let buyer = buy_by_double_clicks(stage, device).await;
            let orders = buyer.http.get("/api/orders").await.expect(200).body;
            let statuses: Vec<&Value> = orders.as_array().unwrap().iter().map(|order| &order["status"]).collect();
            assert_eq!(statuses, ["complete"]);
        }
    })
    .await;
}

async fn buy_by_double_clicks(stage: &super::stage::Stage<'_>, device: Device) -> Person {
    let site = stage.site();
    let (seller, buyer) = (Person::sign_up(&site).await, Person::sign_up(&site).await);
    let ticket = seller.offer("Il barbiere di Siviglia", 40.0).await.expect(201).id();
    let window = stage.open(device).await;
    window.sign_in(&buyer).await;
    window.visit(&format!("/tickets/{ticket}")).await;
    window.submit_twice(&format!("/tickets/{ticket}/buy")).await;
    window.is_at("/orders/").await;
    window.choose("token", "tok_visa").await;
    let order = window.path().await;
    window.submit_twice(&format!("{order}/pay")).await;
    window.sees("The ticket is yours").await;
    buyer
}

#[tokio::test]
async fn the_way_back_after_paying_shows_the_paid_order() {
    play(async |stage| {
        for device in [PHONE, PHONE.without_scripts()] {
            let (buyer, order) = stage.ordered().await;
            let path = format!("/orders/{order}");
            let window = stage.open(device).await;
            window.sign_in(&buyer).await;
            window.visit("/orders").await;
            window.visit(&path).await;
            window.choose("token", "tok_visa").await;
            window.submit(&format!("{path}/pay")).await;
            window.sees("The ticket is yours").await;
            window.visit("/orders").await;
            window.back().await;
            window.is_at(&path).await;
            window.sees("The ticket is yours").await;
            assert!(!window.offers(&format!("{path}/pay")).await);
            window.reload().await;
            window.sees("The ticket is yours").await;
        }
    })
    .await;
}
