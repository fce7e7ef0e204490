//! A page: its content, the frame around it, and the headers that every page carries.

use std::time::Duration;

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use common::api::SessionBody;
use leptos::prelude::*;

use crate::assets::{Asset, ICON, STYLE};
use crate::language::{Language, t};

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

/// A page on its way to the browser.
pub struct Page {
    language: Language,
    session: Session,
    title: String,
    content: AnyView,
    status: StatusCode,
    scripts: Vec<&'static Asset>,
    policy: &'static str,
    refresh: Option<String>,
}

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";

/// As Stripe's guide to content security policies asks for, without the maps that only its address form needs.
const POLICY_WITH_STRIPE: &str = "default-src 'none'; style-src 'self'; script-src 'self' https://js.stripe.com https://*.js.stripe.com; \
    connect-src https://api.stripe.com; frame-src https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com; \
    img-src 'self' https://*.stripe.com; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

impl Page {
    /// A page with status 200 and without scripts.
    pub fn new(language: Language, session: Session, title: impl Into<String>, content: impl IntoAny) -> Self {
        Self {
            language,
            session,
            title: title.into(),
            content: content.into_any(),
            status: StatusCode::OK,
            scripts: Vec::new(),
            policy: POLICY,
            refresh: None,
        }
    }

    /// With another status.
    pub fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// With a script that the page can do without.
    pub fn script(mut self, asset: &'static Asset) -> Self {
        self.scripts.push(asset);
        self
    }

    /// With Stripe's scripts and frames.
    pub fn with_stripe(self) -> Self {
        Self { policy: POLICY_WITH_STRIPE, ..self }
    }

    /// The browser loads `path` after this time, because something will have changed.
    pub fn refresh(self, wait: Duration, path: &str) -> Self {
        Self { refresh: Some(format!("{}; url={path}", wait.as_secs())), ..self }
    }

    /// The whole document.
    fn render(self) -> String {
        let scripts =
            self.scripts.into_iter().map(|asset| view! { <script type="module" src=asset.path.as_str()></script> });
        let language = self.language;
        let (navigation, account) = match self.session {
            Session::Nobody => (visitor_navigation(language).into_any(), None),
            Session::SignedIn(account) => (account_navigation(language).into_any(), Some(account.email)),
            Session::Unknown => (().into_any(), None),
        };
        let html = view! {
            <!DOCTYPE html>
            <html lang=language.tag()>
                <head>
                    <meta charset="utf-8" />
                    <meta name="viewport" content="width=device-width, initial-scale=1" />
                    <meta name="color-scheme" content="light dark" />
                    <title>{t!(language, "frame-title", title = self.title)}</title>
                    <link rel="icon" href=ICON.path.as_str() type="image/svg+xml" />
                    <link rel="stylesheet" href=STYLE.path.as_str() />
                    {scripts.collect_view()}
                </head>
                <body>
                    <a class="skip" href="#content">{t!(language, "frame-skip")}</a>
                    <header>
                        <a class="brand" href="/">
                            "Ticketing"
                        </a>
                        {navigation}
                    </header>
                    <main id="content">{self.content}</main>
                    {account.map(|email| view! { <footer>{t!(language, "frame-signed-in", email = email)}</footer> })}
                </body>
            </html>
        };
        // Leptos separates neighbouring texts by empty comments for scripts that take over the page. There are none, and no
        // text or attribute holds these three characters, because `<` is escaped everywhere.
        html.to_html().replace("<!>", "")
    }
}

fn visitor_navigation(language: Language) -> impl IntoView {
    view! {
        <nav aria-label=t!(language, "frame-navigation")>
            <a href="/auth/signup">{t!(language, "frame-sign-up")}</a>
            <a href="/auth/signin">{t!(language, "frame-sign-in")}</a>
        </nav>
    }
}

fn account_navigation(language: Language) -> impl IntoView {
    view! {
        <nav aria-label=t!(language, "frame-navigation")>
            <a href="/tickets/new">{t!(language, "frame-sell")}</a>
            <a href="/orders">{t!(language, "frame-orders")}</a>
            <form method="post" action="/auth/signout">
                <button class="plain">{t!(language, "frame-sign-out")}</button>
            </form>
        </nav>
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        // What one visitor saw must not appear again after signing out, neither from a cache nor by the back button.
        let cache = if self.session == Session::Nobody { "no-cache" } else { "no-store" };
        let headers = [
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "same-origin"),
            (header::VARY, "cookie, accept-language"),
            (header::CONTENT_SECURITY_POLICY, self.policy),
            (header::CACHE_CONTROL, cache),
        ];
        let refresh = self.refresh.clone().map(|refresh| [(header::REFRESH, refresh)]);
        (self.status, headers, refresh, Html(self.render())).into_response()
    }
}

/// 303 to a path of this site.
pub fn redirect(path: &str) -> Response {
    Redirect::to(path).into_response()
}
