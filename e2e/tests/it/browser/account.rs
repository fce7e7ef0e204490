//! What one does with one's own account: with and without JavaScript, on one device and on two.

use common::id::Id;

use super::device::{DESKTOP, Device, PHONE};
use super::stage::play;
use super::window::Window;

const PASSWORD: &str = "correct horse";
const NEW_PASSWORD: &str = "battery staple";

/// Signs up in this window, and returns the address.
async fn sign_up(window: &Window) -> String {
    let email = format!("visitor-{}@example.com", Id::generate());
    enter_credentials(window, "/auth/signup", &email, PASSWORD).await;
    email
}

async fn sign_in(window: &Window, email: &str, password: &str) {
    enter_credentials(window, "/auth/signin", email, password).await;
}

async fn enter_credentials(window: &Window, path: &str, email: &str, password: &str) {
    window.visit(path).await;
    window.enter("email", email).await;
    window.enter("password", password).await;
    window.submit(path).await;
    // The form's answer would take whoever goes on at once back from there.
    window.is_at("/").await;
    window.sees("Account").await;
}

#[tokio::test]
async fn a_changed_password_signs_the_other_device_out_at_once() {
    play(async |stage| {
        let (desk, phone) = (stage.open(DESKTOP).await, stage.open(PHONE.without_scripts()).await);
        let email = sign_up(&desk).await;
        sign_in(&phone, &email, PASSWORD).await;
        phone.visit("/selling").await;
        phone.sees("My listings").await;
        desk.press("Account").await;
        desk.press("Settings").await;
        desk.sees("Chrome on Linux").await;
        desk.enter("password", PASSWORD).await;
        desk.enter("newPassword", NEW_PASSWORD).await;
        desk.submit("/account/settings/password").await;
        desk.sees("Your password is changed").await;
        phone.reload().await;
        phone.is_at("/auth/signin?next=/selling").await;
        phone.sees("You are not signed in any more").await;
        phone.enter("email", &email).await;
        phone.enter("password", NEW_PASSWORD).await;
        phone.submit("/auth/signin").await;
        phone.is_at("/selling").await;
    })
    .await;
}

#[tokio::test]
async fn a_lost_device_is_signed_out_from_another() {
    play(async |stage| {
        let (desk, phone) = (stage.open(DESKTOP).await, stage.open(PHONE).await);
        let email = sign_up(&desk).await;
        sign_in(&phone, &email, PASSWORD).await;
        phone.visit("/account").await;
        desk.visit("/account/settings").await;
        desk.press("Sign out: Chrome on Linux").await;
        desk.sees("The device is signed out").await;
        phone.reload().await;
        phone.is_at("/auth/signin?next=/account").await;
        desk.reload().await;
        desk.sees("This device").await;
        assert!(!desk.shows("The device is signed out").await, "it is said once");
    })
    .await;
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_with_javascript() {
    play(async |stage| {
        let (phone, desktop) = (stage.open(PHONE).await, stage.open(DESKTOP).await);
        forgotten(&phone, &desktop).await;
    })
    .await;
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_without_javascript() {
    let bare = |device: Device| device.without_scripts();
    play(async |stage| {
        let (phone, desktop) = (stage.open(bare(PHONE)).await, stage.open(bare(DESKTOP)).await);
        forgotten(&phone, &desktop).await;
    })
    .await;
}

async fn forgotten(window: &Window, other: &Window) {
    let email = sign_up(other).await;
    open_link(other, &email, "/verify?").await;
    other.submit("/verify").await;
    other.sees("Your address is confirmed").await;

    window.visit("/auth/signin").await;
    window.press("Forgotten your password?").await;
    window.enter("email", &email).await;
    window.submit("/auth/forgot").await;
    window.sees("a link is on its way").await;
    open_link(window, &email, "/reset?").await;
    window.enter("newPassword", NEW_PASSWORD).await;
    window.submit("/reset").await;
    window.sees("Your new password is saved").await;
    other.visit("/account").await;
    other.is_at("/auth/signin").await;
    sign_in(window, &email, NEW_PASSWORD).await;
}

/// Presses the link that begins like this, in the newest mail to this address that has one.
pub async fn open_link(window: &Window, email: &str, link: &str) {
    let find = "const [to, link] = arguments;
        const mails = [...document.querySelectorAll('article')].filter((mail) => mail.innerText.includes(to));
        return mails.flatMap((mail) => [...mail.querySelectorAll('a')]).map((a) => a.href).find((href) => href.includes(link)) ?? null";
    let look = async || {
        window.visit("/mailbox").await;
        let found = window.run(find, vec![email.into(), link.into()]).await;
        Some(found.as_str()?.to_owned())
    };
    let found = window.until(super::window::LIMIT, &format!("there is a mail with {link} for {email}"), look).await;
    window.visit(&found[found.find(link).unwrap()..]).await;
}

#[tokio::test]
async fn an_account_is_deleted_once_nothing_of_it_is_open() {
    play(async |stage| {
        let (buyer, order) = stage.ordered().await;
        let window = stage.open(PHONE).await;
        window.sign_in(&buyer).await;
        window.visit("/account/settings").await;
        window.press("Delete my account").await;
        window.enter("password", PASSWORD).await;
        window.submit("/account/delete").await;
        window.sees("Pay or cancel your open order first").await;
        window.press("Pay for it or cancel it").await;
        window.is_at(&format!("/orders/{order}")).await;
        window.submit(&format!("/orders/{order}/cancel")).await;
        window.sees("You cancelled this order").await;
        let delete = async || {
            window.visit("/account/delete").await;
            window.enter("password", PASSWORD).await;
            window.submit("/account/delete").await;
            let is_deleted = async || match window.shows("Your account is deleted").await {
                true => Some(true),
                // The cancellation has not reached auth yet.
                false => window.shows("Pay or cancel your open order first").await.then_some(false),
            };
            window.until(super::window::LIMIT, "there is an answer", is_deleted).await.then_some(())
        };
        window.until(super::window::LIMIT, "the account is deleted", delete).await;
        window.visit("/account").await;
        window.is_at("/auth/signin").await;
    })
    .await;
}
