//! Two people buy and sell.

use common::id::Id;

use super::device::{DESKTOP, Device, PHONE};
use super::stage::{Stage, play};
use super::window::Window;

#[tokio::test]
async fn two_people_trade_with_javascript() {
    play(async |stage| sale(stage, DESKTOP, PHONE).await).await;
}

#[tokio::test]
async fn two_people_trade_without_javascript() {
    play(async |stage| sale(stage, PHONE.without_scripts(), DESKTOP.without_scripts()).await).await;
}

async fn sale(stage: &Stage<'_>, of_seller: Device, of_buyer: Device) {
    let title = format!("Opera <b>night</b> {}", Id::generate());
    let seller = stage.open(of_seller).await;
    sign_up(&seller).await;
    seller.visit("/tickets/new").await;
    seller.enter("title", &title).await;
    seller.enter("price", "20.50").await;
    seller.submit("/tickets/new").await;
    seller.sees(&title).await;

    let buyer = stage.open(of_buyer).await;
    buyer.visit("/").await;
    buyer.enter("q", title.rsplit(' ').next().unwrap()).await;
    buyer.press("Search").await;
    buyer.press(&title).await;
    buyer.is_at("/events/").await;
    let event = buyer.path().await;
    buyer.sees("$20.50").await;
    buyer.press("No seat named").await;
    let ticket = buyer.path().await;
    buyer.press("Sign in to buy").await;
    buyer.press("Sign up").await;
    enter_credentials(&buyer).await;
    buyer.is_at(&ticket).await;
    buyer.submit(&format!("{ticket}/buy")).await;
    buyer.is_at("/orders/").await;
    let order = buyer.path().await;
    buyer.choose("token", "tok_visa").await;
    buyer.submit(&format!("{order}/pay")).await;
    buyer.sees("paid").await;

    buyer.visit("/orders").await;
    buyer.sees(&title).await;
    buyer.visit(&event).await;
    buyer.sees("All of them are sold or reserved").await;
}

async fn sign_up(window: &Window) {
    window.visit("/auth/signup").await;
    enter_credentials(window).await;
    window.is_at("/").await;
    window.sees("Account").await;
}

async fn enter_credentials(window: &Window) {
    window.is_at("/auth/signup").await;
    window.enter("email", &format!("visitor-{}@example.com", Id::generate())).await;
    window.enter("password", "correct horse").await;
    window.submit("/auth/signup").await;
}
