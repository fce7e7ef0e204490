//! Without a mouse, and in another language.

use common::id::Id;
use e2e::person::Person;

use super::device::{DESKTOP, PHONE};
use super::stage::play;
use super::window::Window;

/// The keys, as WebDriver writes them.
const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";

/// More than any page has before its first field.
const MOST_STEPS: usize = 40;

/// Presses the tab key until this has the focus, and it can be seen that it has.
async fn tab_to(window: &Window, name: &str) {
    let focused = "const it = document.activeElement, style = getComputedStyle(it);
        const text = it === document.body ? '' : it.labels?.[0]?.innerText || it.ariaLabel || it.innerText || '';
        return [text, style.outlineStyle !== 'none' || style.boxShadow !== 'none']";
    for _ in 0..MOST_STEPS {
        window.type_keys(TAB).await;
        let found = window.run(focused, vec![]).await;
        if found[0].as_str().unwrap().trim().starts_with(name) {
            assert_eq!(found[1], true, "the focus on {name} cannot be seen");
            return;
        }
    }
    panic!("{name} is not reached by the tab key at {}", window.path().await);
}

/// Presses it once it has the focus.
async fn press(window: &Window, name: &str) {
    tab_to(window, name).await;
    window.type_keys(ENTER).await;
}

#[tokio::test]
async fn a_ticket_is_bought_by_the_keyboard_alone() {
    play(async |stage| {
        let seller = Person::sign_up(&stage.site()).await;
        let ticket = seller.offer("La Traviata", 40.0).await.expect(201).id();
        let window = stage.open(DESKTOP).await;
        window.visit(&format!("/tickets/{ticket}")).await;
        press(&window, "Skip to the content").await;
        press(&window, "Sign in to buy").await;
        window.is_at("/auth/signin").await;
        press(&window, "Skip to the content").await;
        press(&window, "Sign up").await;
        window.is_at("/auth/signup").await;
        // The first field has the focus already.
        window.type_keys(&format!("visitor-{}@example.com", Id::generate())).await;
        window.type_keys(&format!("{TAB}correct horse{ENTER}")).await;
        window.is_at(&format!("/tickets/{ticket}")).await;
        press(&window, "Buy").await;
        window.is_at("/orders/").await;
        press(&window, "Pay").await;
        window.sees("The ticket is yours").await;
    })
    .await;
}

#[tokio::test]
async fn a_german_visitor_reads_german() {
    play(async |stage| {
        let window = stage.open(PHONE.speaking("de-DE,de,en")).await;
        window.visit("/auth/signin").await;
        window.sees("Anmelden").await;
        assert_eq!(window.run("return document.documentElement.lang", vec![]).await, "de");
    })
    .await;
}
