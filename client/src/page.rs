//! A page on its way to the browser, with the headers that every page carries.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use leptos::prelude::{AnyView, IntoAny};

use crate::assets::Asset;
use crate::next::Next;
use crate::pages::layout;
use crate::visitor::{Session, Visitor};

/// A page: its content, and what the frame around it needs to know.
pub struct Page {
    /// Who looks at it.
    pub visitor: Visitor,
    /// For the browser's tab.
    pub title: String,
    /// What `main` holds.
    pub content: AnyView,
    /// The scripts that it can do without.
    pub modules: Vec<&'static Asset>,
    status: StatusCode,
    refresh: Option<(Duration, String)>,
    scripts: Scripts,
}

/// Whose scripts run on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scripts {
    Ours,
    OursAndStripes,
}

impl Visitor {
    /// A page for this visitor.
    pub fn page(&self, title: impl Into<String>, content: impl IntoAny) -> Page {
        Page {
            visitor: self.clone(),
            title: title.into(),
            content: content.into_any(),
            modules: Vec::new(),
            status: StatusCode::OK,
            refresh: None,
            scripts: Scripts::Ours,
        }
    }
}

impl Page {
    /// With another status than 200.
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// With a script.
    pub fn module(mut self, asset: &'static Asset) -> Self {
        self.modules.push(asset);
        self
    }

    /// With Stripe's scripts and frames.
    pub fn with_stripe(mut self) -> Self {
        self.scripts = Scripts::OursAndStripes;
        self
    }

    /// Shows `path` in a while, as something will have changed by then.
    pub fn refresh(mut self, wait: Duration, path: String) -> Self {
        self.refresh = Some((wait, path));
        self
    }
}

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";

/// As Stripe's guide to content security policies asks for, without the maps that only its address form needs.
const POLICY_WITH_STRIPE: &str = "default-src 'none'; style-src 'self'; script-src 'self' https://js.stripe.com https://*.js.stripe.com; \
    connect-src https://api.stripe.com; frame-src https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com; \
    img-src 'self' https://*.stripe.com; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A browser that knows the media type shall not guess another.
pub const NO_SNIFF: (HeaderName, HeaderValue) = (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut headers = HeaderMap::from_iter([
            NO_SNIFF,
            (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
            (header::VARY, HeaderValue::from_static("cookie")),
        ]);
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(match self.scripts {
                Scripts::Ours => POLICY,
                Scripts::OursAndStripes => POLICY_WITH_STRIPE,
            }),
        );
        // What one visitor saw must not appear again after signing out, neither from a cache nor by the back button.
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static(match self.visitor.session() {
                Session::Nobody => "no-cache",
                Session::SignedIn(_) | Session::Unknown => "no-store",
            }),
        );
        if let Some((wait, path)) = &self.refresh
            && let Ok(value) = HeaderValue::try_from(format!("{}; url={path}", wait.as_secs()))
        {
            headers.insert(header::REFRESH, value);
        }
        (self.status, headers, Html(layout::render(self))).into_response()
    }
}

/// 303 to a path of this site.
pub fn see(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// 303 to the sign-in page, which leads back to `next`.
pub fn sign_in_first(next: &Next) -> Response {
    see(&next.after("/auth/signin"))
}
