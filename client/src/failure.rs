//! What can keep a visitor from the page that was asked for, and the page that says so.

use std::fmt;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use common::api::ErrorEntry;

/// A part of the platform, as a visitor would call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The auth service.
    Accounts,
    /// The tickets service.
    Tickets,
    /// The orders service.
    Orders,
    /// The payments service.
    Payments,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accounts => "Accounts",
            Self::Tickets => "Tickets",
            Self::Orders => "Orders",
            Self::Payments => "Payments",
        })
    }
}

/// What a service has against a request, to be shown beside the inputs at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The service's status, which becomes the page's.
    pub status: StatusCode,
    /// Its sentences.
    pub errors: Vec<ErrorEntry>,
}

/// Every way in which a request can end without the page that was asked for.
///
/// A handler returns it with `?`. As the pages' header shows who is signed in, the page itself is made where the visitor is
/// known: in [`crate::visitor::introduce`], which finds the failure among the response's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A service refused. A form shows it beside its fields; without a form it is a page of its own.
    Refused(Refusal),
    /// A service said 401: nobody is signed in, or it belongs to somebody else.
    NotAuthorized,
    /// No such page or resource.
    NotFound,
    /// A service does not answer, or fails.
    Away {
        /// Which.
        part: Part,
        /// When it is worth trying again.
        retry_after_seconds: u64,
    },
    /// The form cannot be read.
    Malformed,
    /// The form is over the limit.
    TooLarge,
    /// The form was posted by another site.
    CrossSite,
}

impl Failure {
    /// The page's status; 401 becomes a redirect to the sign-in page when nobody is signed in.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Refused(refusal) => refusal.status,
            Self::NotAuthorized | Self::CrossSite => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Away { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if let Self::Away { retry_after_seconds, .. } = self {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after_seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}
