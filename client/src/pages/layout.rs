//! The frame of every page.

use leptos::prelude::*;

use crate::assets::{ICON, STYLE};
use crate::page::Page;
use crate::visitor::Session;

/// The whole document.
pub fn render(page: Page) -> String {
    let title = format!("{} · Ticketing", page.title);
    let modules =
        page.modules.into_iter().map(|asset| view! { <script type="module" src=asset.path.as_str()></script> });
    let html = view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <title>{title}</title>
                <link rel="icon" href=ICON.path.as_str() type="image/svg+xml" />
                <link rel="stylesheet" href=STYLE.path.as_str() />
                {modules.collect_view()}
            </head>
            <body>
                <header>
                    <a class="brand" href="/">
                        "Ticketing"
                    </a>
                    {navigation(page.visitor.session())}
                </header>
                <main>{page.content}</main>
                {account(page.visitor.session())}
            </body>
        </html>
    };
    // Leptos separates neighbouring texts by empty comments for a script that takes the page over. There is none, and no
    // text or attribute holds these three characters, because `<` is escaped everywhere.
    html.to_html().replace("<!>", "")
}

/// Who is signed in, for people with more than one account.
fn account(session: &Session) -> Option<impl IntoView> {
    match session {
        Session::SignedIn(session) => Some(view! { <footer>{format!("Signed in as {}", session.email)}</footer> }),
        Session::Nobody | Session::Unknown => None,
    }
}

/// What a visitor can do, by who it is. While nobody knows who it is, nothing.
fn navigation(session: &Session) -> AnyView {
    match session {
        Session::Nobody => view! {
            <nav aria-label="Main">
                <a href="/auth/signup">"Sign Up"</a>
                <a href="/auth/signin">"Sign In"</a>
            </nav>
        }
        .into_any(),
        Session::SignedIn(_) => view! {
            <nav aria-label="Main">
                <a href="/tickets/new">"Sell Tickets"</a>
                <a href="/orders">"My Orders"</a>
                <form method="post" action="/auth/signout">
                    <button class="plain">"Sign Out"</button>
                </form>
            </nav>
        }
        .into_any(),
        Session::Unknown => ().into_any(),
    }
}
