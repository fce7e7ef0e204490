//! Accounts: signing up and in, settings, and the links of mails.

use common::id::Id;
use e2e::person::Person;
use serde_json::json;

use super::Gallery;
use crate::browser::account::open_link;
use crate::browser::device::PHONE;
use crate::browser::stage::play;
use crate::browser::window::{LIMIT, Window};

#[tokio::test]
async fn every_page_of_accounts_looks_right() {
    play(async |stage| {
        let gallery = Gallery::of(&["sign-up", "sign-in", "account"]);
        let window = stage.open(PHONE).await;
        gallery.visit(&window, "/auth/signup", "sign-up", "empty").await;
        window.enter("email", "nobody@example.com").await;
        window.enter("password", "short").await;
        window.submit("/auth/signup").await;
        window.sees("Password must be").await;
        gallery.show(&window, "sign-up", "errors").await;

        gallery.visit(&window, "/auth/signin", "sign-in", "empty").await;
        let nobody = format!("nobody-{}@example.com", Id::generate());
        sign_in(&window, &nobody).await;
        window.sees("Invalid credentials").await;
        gallery.show(&window, "sign-in", "errors").await;
        let limited = async || {
            sign_in(&window, &nobody).await;
            window.shows("Try again in").await.then_some(())
        };
        window.until(LIMIT, "there are too many attempts", limited).await;
        gallery.show(&window, "sign-in", "limited").await;

        let person = Person::sign_up(&stage.site()).await;
        window.sign_in(&person).await;
        gallery.visit(&window, "/account", "account", "own").await;
        person.http.post("/api/users/signout", json!({})).await.expect(200);
        gallery.visit(&window, "/account", "sign-in", "over").await;
        gallery.end();
    })
    .await;
}

async fn sign_in(window: &Window, email: &str) {
    window.enter("email", email).await;
    window.enter("password", "wrong password").await;
    window.submit("/auth/signin").await;
}

#[tokio::test]
async fn every_page_of_ones_settings_looks_right() {
    play(async |stage| {
        let gallery = Gallery::of(&["settings", "delete"]);
        let person = Person::sign_up(&stage.site()).await;
        let window = stage.open(PHONE).await;
        window.sign_in(&person).await;
        gallery.visit(&window, "/account/settings", "settings", "own").await;
        for _ in 0..2 {
            person.sign_in().await.expect(200);
        }
        gallery.visit(&window, "/account/settings", "settings", "several").await;
        window.enter("password", "wrong password").await;
        window.enter("newPassword", "battery staple").await;
        window.submit("/account/settings/password").await;
        window.sees("This is not your password").await;
        gallery.show(&window, "settings", "errors").await;

        gallery.visit(&window, "/account/delete", "delete", "asks").await;
        window.enter("password", "wrong password").await;
        window.submit("/account/delete").await;
        window.sees("This is not your password").await;
        gallery.show(&window, "delete", "errors").await;
        let (buyer, _) = stage.ordered().await;
        window.sign_in(&buyer).await;
        window.visit("/account/delete").await;
        window.enter("password", "correct horse").await;
        window.submit("/account/delete").await;
        window.sees("open order first").await;
        gallery.show(&window, "delete", "open-order").await;
        gallery.end();
    })
    .await;
}

#[tokio::test]
async fn every_page_of_the_links_of_mails_looks_right() {
    play(async |stage| {
        let gallery = Gallery::of(&["forgot", "reset", "verify", "mailbox"]);
        let window = stage.open(PHONE).await;
        let email = format!("visitor-{}@example.com", Id::generate());
        window.visit("/auth/signup").await;
        window.enter("email", &email).await;
        window.enter("password", "correct horse").await;
        window.submit("/auth/signup").await;
        window.is_at("/").await;
        open_link(&window, &email, "/verify?").await;
        gallery.show(&window, "verify", "asks").await;
        window.submit("/verify").await;
        window.sees("Your address is confirmed").await;
        window.visit("/verify?token=used").await;
        window.submit("/verify").await;
        window.sees("does not work").await;
        gallery.show(&window, "verify", "lost").await;

        gallery.visit(&window, "/auth/forgot", "forgot", "empty").await;
        window.enter("email", "somebody@nowhere").await;
        window.submit("/auth/forgot").await;
        window.sees("Email must be valid").await;
        gallery.show(&window, "forgot", "errors").await;
        window.enter("email", &email).await;
        window.submit("/auth/forgot").await;
        window.sees("on its way").await;
        gallery.show(&window, "forgot", "sent").await;
        open_link(&window, &email, "/reset?").await;
        gallery.show(&window, "reset", "asks").await;
        window.enter("newPassword", "short").await;
        window.submit("/reset").await;
        window.sees("Password must be").await;
        gallery.show(&window, "reset", "errors").await;
        gallery.visit(&window, "/reset", "reset", "lost").await;
        gallery.visit(&window, "/mailbox", "mailbox", "full").await;
        gallery.end();
    })
    .await;
}
