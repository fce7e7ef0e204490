//! Signing up and in.

use e2e::person::Person;

use super::Gallery;
use crate::browser::device::PHONE;
use crate::browser::stage::play;

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
        window.enter("email", "nobody@example.com").await;
        window.enter("password", "wrong password").await;
        window.submit("/auth/signin").await;
        window.sees("Invalid credentials").await;
        gallery.show(&window, "sign-in", "errors").await;

        window.sign_in(&Person::sign_up(&stage.site()).await).await;
        gallery.visit(&window, "/account", "account", "own").await;
        gallery.end();
    })
    .await;
}
