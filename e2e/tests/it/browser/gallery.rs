//! A picture of every page in every state, narrow and wide, light and dark, in `target/screenshots`. On the same walk nothing may be
//! too wide for a small phone, axe may find nothing serious, and nothing may be an error in the console.

mod accounts;
mod buying;
mod finding;
mod operator;
mod selling;

use std::sync::Mutex;

use super::window::Window;

/// Every page and its states.
const PAGES: &[(&str, &[&str])] = &[
    ("landing", &["city", "empty", "full", "german", "nothing", "refused", "search"]),
    ("event", &["gone", "several"]),
    ("terms", &["own"]),
    ("privacy", &["own"]),
    ("ticket", &["buyer", "gone", "held", "nobody", "own", "own-held", "seller", "sold"]),
    ("sell", &["empty", "errors", "filled"]),
    ("edit", &["own"]),
    ("selling", &["empty", "full"]),
    ("file", &["attached", "missing"]),
    ("withdraw", &["asks"]),
    ("report", &["asks", "thanks"]),
    ("account", &["own"]),
    ("settings", &["errors", "own", "several"]),
    ("delete", &["asks", "errors", "open-order"]),
    ("forgot", &["empty", "errors", "sent"]),
    ("reset", &["asks", "errors", "lost"]),
    ("verify", &["asks", "lost"]),
    ("mailbox", &["full"]),
    ("operator", &["empty", "listing", "refund", "refunded", "reports", "takedown"]),
    ("order", &["bank", "cancelled", "declined", "open", "paid", "two-minutes"]),
    ("orders", &["empty", "full"]),
    ("sign-up", &["empty", "errors"]),
    ("sign-in", &["empty", "errors", "limited", "over"]),
    ("failure", &["cross-site", "not-found", "not-yours", "unavailable"]),
];

/// The pages that one walk visits.
pub struct Gallery {
    pages: &'static [&'static str],
    shown: Mutex<Vec<(String, String)>>,
    wrong: Mutex<Vec<String>>,
}

impl Gallery {
    /// A walk that visits these pages in all their states.
    pub fn of(pages: &'static [&'static str]) -> Self {
        Self { pages, shown: Mutex::default(), wrong: Mutex::default() }
    }

    /// Goes to a path, and shows it.
    pub async fn visit(&self, window: &Window, path: &str, page: &str, state: &str) {
        window.visit(path).await;
        self.show(window, page, state).await;
    }

    /// Takes the pictures of what is in the window, and notes what is wrong with it.
    pub async fn show(&self, window: &Window, page: &str, state: &str) {
        self.shown.lock().unwrap().push((page.to_owned(), state.to_owned()));
        let wrong = window.inspect(&format!("{page}-{state}")).await;
        self.wrong.lock().unwrap().extend(wrong);
    }

    /// Fails unless every state was shown and nothing is wrong.
    pub fn end(self) {
        let mut shown = self.shown.into_inner().unwrap();
        shown.sort();
        let pages = PAGES.iter().filter(|(page, _)| self.pages.contains(page));
        let state = |(page, states): &(&str, &[&str])| {
            let page = (*page).to_owned();
            states.iter().map(|state| (page.clone(), (*state).to_owned())).collect::<Vec<_>>()
        };
        let mut expected: Vec<_> = pages.flat_map(state).collect();
        expected.sort();
        assert_eq!(shown, expected, "shown and expected");
        let wrong = self.wrong.into_inner().unwrap();
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }
}
