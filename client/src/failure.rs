//! Why a request ends without the page that was asked for, and the page that says so.

use axum::Extension;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use common::api::ErrorEntry;
use leptos::prelude::*;

use crate::done::Done;
use crate::language::{Language, t};
use crate::page::{Frame, Outcome, Page, Session, redirect};

/// A service that the pages get their data from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Service {
    Auth,
    Tickets,
    Orders,
    Payments,
}

/// Why a service refused a request, for a form to show. The default is empty: the form is shown for the first time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// The service's status, which becomes the page's.
    pub status: StatusCode,
    /// After how many seconds to try again, if the service says so.
    pub retry_after_seconds: Option<u64>,
    /// The service's messages.
    pub errors: Vec<ErrorEntry>,
    /// With 402: what the buyer confirms the payment by.
    pub client_secret: Option<String>,
}

impl Refusal {
    /// What becomes of the page that shows it.
    pub fn outcome(&self) -> Outcome {
        Outcome { status: self.status, retry_after_seconds: self.retry_after_seconds }
    }

    /// For a form with these fields, in its order: its messages in the visitor's language, the first wrong field first.
    pub fn in_form(mut self, language: Language, fields: &[&str]) -> Self {
        for entry in &mut self.errors {
            entry.message = language.message(&entry.message);
        }
        let place = |entry: &ErrorEntry| fields.iter().position(|field| entry.field.as_deref() == Some(field));
        self.errors.sort_by_key(|entry| place(entry).unwrap_or(fields.len()));
        self
    }

    /// Whether this input is the first of the form that is wrong.
    pub fn is_first(&self, field: &str) -> bool {
        self.errors.iter().find_map(|entry| entry.field.as_deref()) == Some(field)
    }

    /// Whether one of these inputs is wrong.
    pub fn is_about(&self, fields: &[&str]) -> bool {
        self.errors.iter().any(|entry| entry.field.as_deref().is_some_and(|field| fields.contains(&field)))
    }

    /// What is wrong with one input.
    pub fn about(&self, field: &str) -> Vec<String> {
        let is_about = |entry: &&ErrorEntry| entry.field.as_deref() == Some(field);
        self.errors.iter().filter(is_about).map(|entry| entry.message.clone()).collect()
    }

    /// The messages that belong to none of these inputs.
    pub fn about_all_but(&self, fields: &[&str]) -> Vec<String> {
        let is_about = |entry: &&ErrorEntry| entry.field.as_deref().is_some_and(|field| fields.contains(&field));
        self.errors.iter().filter(|entry| !is_about(entry)).map(|entry| entry.message.clone()).collect()
    }
}

/// The messages of a refusal, above the form or page that they belong to.
#[component]
pub fn Summary(messages: Vec<String>) -> impl IntoView {
    (!messages.is_empty()).then(|| {
        let messages = messages.into_iter().map(|message| view! { <p>{message}</p> }).collect_view();
        view! { <div class="refusal" role="alert">{messages}</div> }
    })
}

/// Every way in which a request can end without the page that was asked for. A handler returns it with `?`.
///
/// The page of a failure shows who is signed in, which only [`crate::visitor::with_visitor`] knows. So the response is
/// empty and carries the failure as an extension, from which `with_visitor` makes the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A service refused.
    Refused(Refusal),
    /// A service said 401: nobody is signed in, or the resource belongs to somebody else.
    NotAuthorized,
    /// No such page or resource.
    NotFound,
    /// A service does not answer, or fails.
    Unavailable {
        /// Which one.
        service: Service,
        /// After how many seconds to try again.
        retry_after_seconds: u64,
    },
    /// The form cannot be read.
    Malformed,
    /// The form is over the limit.
    TooLarge,
    /// The form was posted by another site.
    CrossSite,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, Extension(self)).into_response()
    }
}

impl Failure {
    /// The refusal, for a form to show.
    ///
    /// # Errors
    /// Any other failure, which has a page of its own.
    pub fn refusal(self) -> Result<Refusal, Self> {
        if let Self::Refused(refusal) = self { Ok(refusal) } else { Err(self) }
    }

    /// The page for this failure. A visitor without a session is redirected to the sign-in page, and back after signing in. One whose
    /// session is over reads there why.
    pub fn page(&self, frame: Frame) -> Response {
        let (here, language) = (&frame.here, frame.language);
        let (status, title, text) = match (self, &frame.session) {
            (Self::NotAuthorized, Session::SignedIn(account)) => {
                let text = t!(language, "wrong-not-yours-about", email = account.email.as_str());
                (StatusCode::FORBIDDEN, t!(language, "wrong-not-yours"), text)
            }
            (Self::NotAuthorized, _) => {
                let over = frame.had_session.then(|| Done::SessionOver.leave(frame.is_secure));
                return (over, redirect(&here.after("/auth/signin"))).into_response();
            }
            (Self::NotFound, _) => {
                (StatusCode::NOT_FOUND, t!(language, "wrong-not-found"), t!(language, "wrong-not-found-about"))
            }
            (Self::Unavailable { service, .. }, _) => {
                let text = match service {
                    Service::Payments => t!(language, "wrong-unavailable-payments"),
                    _ => t!(language, "wrong-unavailable-about"),
                };
                let title = t!(language, "wrong-unavailable", part = format!("{service:?}"));
                (StatusCode::SERVICE_UNAVAILABLE, title, text)
            }
            (Self::Refused(refusal), _) => (refusal.status, t!(language, "wrong-failed"), String::new()),
            (Self::Malformed, _) => {
                (StatusCode::BAD_REQUEST, t!(language, "wrong-failed"), t!(language, "wrong-malformed"))
            }
            (Self::TooLarge, _) => {
                (StatusCode::PAYLOAD_TOO_LARGE, t!(language, "wrong-failed"), t!(language, "wrong-too-large"))
            }
            (Self::CrossSite, _) => {
                (StatusCode::FORBIDDEN, t!(language, "wrong-failed"), t!(language, "wrong-cross-site"))
            }
        };
        let messages = match self {
            Self::Refused(refusal) => refusal.clone().in_form(language, &[]).about_all_but(&[]),
            _ => Vec::new(),
        };
        let retry_after_seconds = match self {
            Self::Unavailable { retry_after_seconds, .. } => Some(*retry_after_seconds),
            Self::Refused(refusal) => refusal.retry_after_seconds,
            _ => None,
        };
        // The address of every form answers GET as well.
        let again = retry_after_seconds.is_some().then(|| {
            view! { <p><a class="button quiet" href=here.as_str().to_owned()>{t!(language, "wrong-again")}</a></p> }
        });
        let content = view! {
            <h1>{title.clone()}</h1>
            <Summary messages />
            {(!text.is_empty()).then(|| view! { <p>{text}</p> })}
            {again}
            <p><a href="/">{t!(language, "ticket-all")}</a></p>
        };
        Page::new(frame, title, content).outcome(Outcome { status, retry_after_seconds }).into_response()
    }
}
