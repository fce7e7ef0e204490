//! The page of an order while somebody looks at it.

use super::device::{DESKTOP, PHONE};
use super::stage::{play, play_with};

#[tokio::test]
async fn the_time_that_is_left_is_the_servers_on_a_device_whose_clock_is_an_hour_off() {
    play(async |stage| {
        let (buyer, order) = stage.ordered().await;
        for minutes_ahead in [60, -60] {
            let window = stage.open(PHONE.minutes_ahead(minutes_ahead)).await;
            window.sign_in(&buyer).await;
            window.visit(&format!("/orders/{order}")).await;
            window.sees("Time left to pay: 14 min").await;
        }
    })
    .await;
}

#[tokio::test]
async fn the_last_two_minutes_are_announced_while_somebody_looks() {
    play(async |stage| {
        let (buyer, order) = stage.ordered().await;
        stage.set_time_left(order, 125).await;
        let window = stage.open(DESKTOP).await;
        window.sign_in(&buyer).await;
        window.visit(&format!("/orders/{order}")).await;
        window.sees("Time left to pay: 2 min").await;
        window.sees("Less than two minutes left to pay").await;
        let live = "return document.querySelector('[role=status].late').textContent";
        assert!(window.run(live, vec![]).await.as_str().unwrap().starts_with("Less than two minutes"));
    })
    .await;
}

#[tokio::test]
async fn an_order_that_expires_while_somebody_looks_says_so() {
    play_with(&[("EXPIRATION_WINDOW_SECONDS", "12")], async |stage| {
        let (buyer, order) = stage.ordered().await;
        for device in [PHONE, PHONE.without_scripts()] {
            let window = stage.open(device).await;
            window.sign_in(&buyer).await;
            window.visit(&format!("/orders/{order}")).await;
            window.sees("The time to pay ran out").await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_happens_to_an_order_elsewhere_is_shown() {
    play(async |stage| {
        let (buyer, order) = stage.ordered().await;
        let window = stage.open(DESKTOP).await;
        window.sign_in(&buyer).await;
        window.visit(&format!("/orders/{order}")).await;
        window.sees("Reserved for you").await;
        buyer.pay(order, "tok_visa").await.expect(201);
        window.sees("The ticket is yours").await;
    })
    .await;
}
