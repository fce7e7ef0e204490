//! What stands around the content of every page.

use common::api::SessionBody;
use common::timestamp::Timestamp;
use leptos::prelude::*;

use crate::done::Done;
use crate::icons::{Icon, Shape};
use crate::language::{Language, t};
use crate::next::Next;
use crate::orders::countdown::MinutesLeft;
use crate::orders::open::OpenOrders;

/// Who looks at a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Session {
    /// Nobody is signed in.
    Nobody,
    /// This account.
    SignedIn(SessionBody),
    /// The auth service is unavailable. The other services read sessions without it, so most pages still work.
    Unknown,
}

/// What the frame of a page says about the visitor.
#[derive(Clone)]
pub struct Frame {
    /// Of every text.
    pub language: Language,
    /// Who is signed in.
    pub session: Session,
    /// The address of the page.
    pub here: Next,
    /// `https://ticketing.dev`: where the site is, for addresses that are read elsewhere.
    pub origin: String,
    /// Whether the request carried a session, which may be over.
    pub had_session: bool,
    /// Whether the browser came over https: then cookies go over nothing else.
    pub is_secure: bool,
    /// What was just done, for the page to confirm.
    pub done: Option<Done>,
    /// The orders of the visitor that wait to be paid. The header leads to them.
    pub open_orders: Option<OpenOrders>,
}

/// The brand, the search and the navigation.
pub fn header(frame: &Frame, has_search: bool) -> impl IntoView {
    let language = frame.language;
    view! {
        <header>
            <div class="frame">
                <a class="brand" href="/">
                    <Icon shape=Shape::TICKET />
                    <span>"Ticketing"</span>
                </a>
                {has_search.then(|| search(language))}
                {navigation(frame)}
            </div>
        </header>
    }
}

/// The search of every page but the landing page, which has its own.
fn search(language: Language) -> impl IntoView {
    view! {
        <form class="search" role="search" action="/">
            <label class="hidden" for="search">{t!(language, "frame-search-label")}</label>
            <input
                id="search"
                type="search"
                name="q"
                maxlength="200"
                placeholder=t!(language, "frame-search-hint")
                autocomplete="off"
                enterkeyhint="search"
            />
            <button aria-label=t!(language, "frame-search")>
                <Icon shape=Shape::SEARCH />
            </button>
        </form>
    }
}

fn navigation(frame: &Frame) -> Option<impl IntoView> {
    let language = frame.language;
    let links = match &frame.session {
        Session::Nobody => view! {
            {link(frame, "/tickets/new", t!(language, "frame-sell"))}
            <span class="not-narrow">{sign_in(frame, "/auth/signup", t!(language, "frame-sign-up"))}</span>
            {sign_in(frame, "/auth/signin", t!(language, "frame-sign-in"))}
        }
        .into_any(),
        Session::SignedIn(account) => view! {
            {link(frame, "/tickets/new", t!(language, "frame-sell"))}
            {frame.open_orders.map(|open| open_orders(frame, open))}
            {menu(frame, &account.email)}
        }
        .into_any(),
        Session::Unknown => return None,
    };
    Some(view! { <nav aria-label=t!(language, "frame-navigation")>{links}</nav> })
}

/// A link of the navigation, which says when it leads to the page that is shown.
fn link(frame: &Frame, path: &'static str, text: String) -> impl IntoView {
    view! { <a href=path aria-current=is_here(frame, path).then_some("page")>{text}</a> }
}

/// The same to a form that leads back to the page that is shown.
fn sign_in(frame: &Frame, path: &'static str, text: String) -> impl IntoView {
    let href = frame.here.after_signing_in().after(path);
    view! { <a href=href aria-current=is_here(frame, path).then_some("page")>{text}</a> }
}

fn is_here(frame: &Frame, path: &str) -> bool {
    frame.here.as_str().split('?').next() == Some(path)
}

/// What waits to be paid: reachable from every page, because its time runs.
fn open_orders(frame: &Frame, open: OpenOrders) -> impl IntoView {
    let language = frame.language;
    let here = frame.here.as_str() == open.path();
    let left = open.until.remaining(Timestamp::now());
    view! {
        <a class="open-orders" href=open.path() aria-current=here.then_some("page")>
            <Icon shape=Shape::CART />
            <span class="count" aria-hidden="true">{open.count}</span>
            <span class="hidden">{t!(language, "frame-open-orders", orders = open.count)}</span>
            <MinutesLeft language until=open.until left />
        </a>
    }
}

/// The pages of one's own. It opens without a script.
fn menu(frame: &Frame, email: &str) -> impl IntoView {
    let language = frame.language;
    view! {
        <details class="menu">
            <summary>
                <Icon shape=Shape::PERSON />
                {t!(language, "frame-account")}
            </summary>
            <div>
                <p class="small faint">{t!(language, "frame-signed-in", email = email)}</p>
                {link(frame, "/orders", t!(language, "frame-orders"))}
                {link(frame, "/selling", t!(language, "frame-selling"))}
                {link(frame, "/account", t!(language, "frame-account-page"))}
                {link(frame, "/account/settings", t!(language, "frame-settings"))}
                <form method="post" action="/auth/signout">
                    <button>
                        <Icon shape=Shape::LEAVE />
                        {t!(language, "frame-sign-out")}
                    </button>
                </form>
            </div>
        </details>
    }
}

/// Who runs the site on which terms, and the other languages.
pub fn footer(frame: &Frame) -> impl IntoView {
    let language = frame.language;
    let others = Language::all().filter(|other| other.tag() != language.tag());
    let others = others.map(|other| {
        view! {
            <button class="plain" name="language" value=other.tag() lang=other.tag()>
                {t!(other, "language-name")}
            </button>
        }
    });
    view! {
        <footer>
            <div class="frame">
                <a href="/terms">{t!(language, "frame-terms")}</a>
                <a href="/privacy">{t!(language, "frame-privacy")}</a>
                <a href="/feed.xml">{t!(language, "frame-feed")}</a>
                <a href="/docs">{t!(language, "frame-docs")}</a>
                <form method="post" action="/language">
                    <input type="hidden" name="next" value=frame.here.as_str().to_owned() />
                    {others.collect_view()}
                </form>
            </div>
        </footer>
    }
}
