//! A page: its content, the frame around it, and the headers that every page carries.

mod frame;
mod head;

use std::sync::Arc;
use std::time::Duration;

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use common::fresh::etag;
use leptos::prelude::*;
use leptos::tachys::html::InertElement;

pub use frame::{Frame, Session};
pub use head::{Head, PREVIEW};

use crate::assets::{Asset, SPECULATION, TIME_LEFT};
use crate::language::t;

/// The status of a page, and after how many seconds to try again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// That of the answer.
    pub status: StatusCode,
    /// `Retry-After`
    pub retry_after_seconds: Option<u64>,
}

/// A page on its way to the browser.
pub struct Page {
    frame: Frame,
    title: String,
    head: Head,
    content: Content,
    outcome: Outcome,
    scripts: Vec<&'static Asset>,
    policy: &'static str,
    refresh: Option<String>,
    is_wide: bool,
    is_secret: bool,
    has_search: bool,
}

/// What a page shows within its frame.
enum Content {
    View(AnyView),
    Prepared(Prepared),
}

/// Content that is the same for every visitor who reads its language: rendered once, and given to many. Cheap to clone.
#[derive(Clone)]
pub struct Prepared {
    html: Arc<str>,
    /// Its tag, which every page with it would have to compute again.
    tag: Arc<str>,
}

impl Prepared {
    /// What a browser gets of this view.
    pub fn new(view: impl RenderHtml) -> Self {
        let html = html(view);
        Self { tag: etag(html.as_bytes()).into(), html: html.into() }
    }

    /// How much memory it takes, about, in bytes.
    pub fn size(&self) -> usize {
        self.html.len() + self.tag.len()
    }
}

/// A page as it is sent, but for the prepared content that it may have.
struct Rendered {
    html: String,
    prepared: Option<Prepared>,
}

/// Where prepared content comes in. No text or attribute holds it, because `<` is escaped everywhere.
const PLACE: &str = "<!content>";

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
            head: Head::default(),
            content: Content::View(content.into_any()),
            outcome: Outcome::default(),
            scripts: Vec::new(),
            policy: POLICY,
            refresh: None,
            is_wide: false,
            is_secret: false,
            has_search: true,
        }
    }

    /// A page with content that was rendered before.
    pub fn prepared(frame: Frame, title: impl Into<String>, content: Prepared) -> Self {
        Self { content: Content::Prepared(content), ..Self::new(frame, title, ()) }
    }

    /// With another status.
    pub fn status(self, status: StatusCode) -> Self {
        self.outcome(Outcome { status, retry_after_seconds: None })
    }

    /// As a service's refusal wants it.
    pub fn outcome(self, outcome: Outcome) -> Self {
        Self { outcome, ..self }
    }

    /// Its address holds a secret: no other page, not even one of ours, and no cache gets it. The origin is still sent with the form,
    /// because browsers without `Sec-Fetch-Site` show by it where the form comes from.
    pub fn secret(self) -> Self {
        let head = self.head.clone().hidden();
        Self { is_secret: true, head, ..self }
    }

    /// With what search engines and previews of links are told.
    pub fn head(self, head: Head) -> Self {
        Self { head, ..self }
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
    pub fn wide(self) -> Self {
        Self { is_wide: true, ..self }
    }

    /// Without the search in the header, because the content has it.
    pub fn without_search(self) -> Self {
        Self { has_search: false, ..self }
    }

    fn render(mut self) -> Rendered {
        if self.frame.open_orders.is_some() {
            self = self.script(&TIME_LEFT);
        }
        let (content, prepared) = match self.content {
            Content::View(view) => (view, None),
            Content::Prepared(prepared) => (InertElement::new(PLACE.to_owned()).into_any(), Some(prepared)),
        };
        let language = self.frame.language;
        let head = self.head.view(&self.frame, &self.title, &self.scripts, self.refresh.as_deref());
        let html = view! {
            <!DOCTYPE html>
            <html lang=language.tag()>
                {head}
                <body>
                    <a class="skip" href="#content">{t!(language, "frame-skip")}</a>
                    {frame::header(&self.frame, self.has_search)}
                    <main id="content" tabindex="-1" class=self.is_wide.then_some("wide")>
                        {self.frame.done.map(|done| done.view(language))}
                        {content}
                    </main>
                    {frame::footer(&self.frame)}
                </body>
            </html>
        };
        Rendered { html: self::html(html), prepared }
    }
}

impl Rendered {
    fn etag(&self) -> String {
        match &self.prepared {
            Some(prepared) => etag(self.html.replacen(PLACE, &prepared.tag, 1).as_bytes()),
            None => etag(self.html.as_bytes()),
        }
    }

    /// The whole document.
    fn into_html(self) -> String {
        match self.prepared {
            Some(prepared) => self.html.replacen(PLACE, &prepared.html, 1),
            None => self.html,
        }
    }
}

/// What a browser gets of this view.
fn html(view: impl RenderHtml) -> String {
    // Leptos separates neighbouring texts by empty comments for scripts that take over the page. There are none, and no
    // text or attribute holds these three characters, because `<` is escaped everywhere.
    view.to_html().replace("<!>", "")
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        // What one visitor saw must not appear again after signing out, neither from a cache nor by the back button.
        // Neither must what is said once, nor a secret.
        let is_public = self.frame.session == Session::Nobody && self.frame.done.is_none() && !self.is_secret;
        let referrer = if self.is_secret { "strict-origin" } else { "same-origin" };
        let (Outcome { status, retry_after_seconds }, policy) = (self.outcome, self.policy);
        let rendered = self.render();
        let etag = (is_public && status == StatusCode::OK).then(|| [(header::ETAG, rendered.etag())]);
        let headers = [
            (header::REFERRER_POLICY, referrer),
            (header::VARY, "cookie, accept-language"),
            (header::CONTENT_SECURITY_POLICY, policy),
            (header::CACHE_CONTROL, if is_public { "no-cache" } else { "no-store" }),
        ];
        let retry_after = retry_after_seconds.map(|seconds| [(header::RETRY_AFTER, seconds.to_string())]);
        let speculation = [("speculation-rules", format!("\"{}\"", SPECULATION.path))];
        (status, headers, retry_after, speculation, etag, Html(rendered.into_html())).into_response()
    }
}

/// 303 to a path of this site.
pub fn redirect(path: &str) -> Response {
    Redirect::to(path).into_response()
}
