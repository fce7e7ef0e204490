//! A page: its content, the frame around it, and the headers that every page carries.

mod frame;

use std::time::Duration;

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use common::api::SessionBody;
use leptos::prelude::*;

use crate::assets::{Asset, ICON, STYLE, TIME_LEFT};
use crate::language::{Language, t};
use crate::next::Next;
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
    /// The orders of the visitor that wait to be paid. The header leads to them.
    pub open_orders: Option<OpenOrders>,
}

/// A page on its way to the browser.
pub struct Page {
    frame: Frame,
    title: String,
    content: AnyView,
    status: StatusCode,
    scripts: Vec<&'static Asset>,
    policy: &'static str,
    refresh: Option<String>,
    is_wide: bool,
    has_search: bool,
}

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// As Stripe's guide to content security policies asks for, without the maps that only its address form needs.
const POLICY_WITH_STRIPE: &str = "default-src 'none'; style-src 'self'; script-src 'self' https://js.stripe.com https://*.js.stripe.com; \
    connect-src 'self' https://api.stripe.com; frame-src https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com; \
    img-src 'self' https://*.stripe.com; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

impl Page {
    /// A page with status 200 and without scripts.
    pub fn new(frame: Frame, title: impl Into<String>, content: impl IntoAny) -> Self {
        Self {
            frame,
            title: title.into(),
            content: content.into_any(),
            status: StatusCode::OK,
            scripts: Vec::new(),
            policy: POLICY,
            refresh: None,
            is_wide: false,
            has_search: true,
        }
    }

    /// With another status.
    pub fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// With a script that the page can do without.
    pub fn script(mut self, asset: &'static Asset) -> Self {
        if self.scripts.iter().all(|other| other.path != asset.path) {
            self.scripts.push(asset);
        }
        self
    }

    /// With Stripe's scripts and frames.
    pub fn with_stripe(self) -> Self {
        Self { policy: POLICY_WITH_STRIPE, ..self }
    }

    /// A browser without scripts loads `path` after this time, because something will have changed. Scripts see to it themselves:
    /// they do not load a page anew in which somebody types.
    pub fn refresh(self, wait: Option<Duration>, path: &str) -> Self {
        Self { refresh: wait.map(|wait| format!("{}; url={path}", wait.as_secs())), ..self }
    }

    /// As wide as the header, for cards, tables and `.split`. Other pages are as wide as one reads comfortably.
    #[allow(dead_code, reason = "for the pages that come next")]
    pub fn wide(self) -> Self {
        Self { is_wide: true, ..self }
    }

    /// Without the search in the header, because the content has it.
    #[allow(dead_code, reason = "for the pages that come next")]
    pub fn without_search(self) -> Self {
        Self { has_search: false, ..self }
    }

    /// The whole document.
    fn render(mut self) -> String {
        if self.frame.open_orders.is_some() {
            self = self.script(&TIME_LEFT);
        }
        let scripts =
            self.scripts.into_iter().map(|asset| view! { <script type="module" src=asset.path.as_str()></script> });
        let language = self.frame.language;
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
                    {self.refresh.map(|refresh| {
                        view! { <noscript><meta http-equiv="refresh" content=refresh /></noscript> }
                    })}
                </head>
                <body>
                    <a class="skip" href="#content">{t!(language, "frame-skip")}</a>
                    {frame::header(&self.frame, self.has_search)}
                    <main id="content" tabindex="-1" class=self.is_wide.then_some("wide")>{self.content}</main>
                    {frame::footer(&self.frame)}
                </body>
            </html>
        };
        // Leptos separates neighbouring texts by empty comments for scripts that take over the page. There are none, and no
        // text or attribute holds these three characters, because `<` is escaped everywhere.
        html.to_html().replace("<!>", "")
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        // What one visitor saw must not appear again after signing out, neither from a cache nor by the back button.
        let cache = if self.frame.session == Session::Nobody { "no-cache" } else { "no-store" };
        let headers = [
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "same-origin"),
            (header::VARY, "cookie, accept-language"),
            (header::CONTENT_SECURITY_POLICY, self.policy),
            (header::CACHE_CONTROL, cache),
        ];
        (self.status, headers, Html(self.render())).into_response()
    }
}

/// 303 to a path of this site.
pub fn redirect(path: &str) -> Response {
    Redirect::to(path).into_response()
}
