//! What a start and a request can fail with, and the one place that turns a failed request into an answer.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::api::{ErrorBody, ErrorEntry};

/// Why a service did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting is wrong; it is named.
    #[error("{variable}: {problem}")]
    Configuration {
        /// The environment variable.
        variable: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// A server or port that the service needs was not available in time.
    #[error("{0}")]
    Unavailable(String),
}

impl StartError {
    /// A setting that cannot be used.
    pub fn configuration(variable: &'static str, problem: impl ToString) -> Self {
        Self::Configuration { variable, problem: problem.to_string() }
    }
}

/// Every way in which a request can fail.
#[derive(thiserror::Error)]
pub enum ApiError {
    /// 400: one entry for each invalid input.
    #[error("invalid input")]
    Invalid(Vec<ErrorEntry>),
    /// 400: the request is well formed, but the current state does not allow it.
    #[error("refused: {0}")]
    Refused(String),
    /// 402: the card's bank wants the buyer to confirm the payment, by this secret of the provider.
    #[error("confirmation required")]
    ConfirmationRequired {
        /// What the provider's script in the page, or the sandbox's page, confirms with.
        client_secret: String,
    },
    /// 401: no valid session, or somebody else's resource.
    #[error("not authorized")]
    NotAuthorized,
    /// 403: a browser sent it from a page of another site.
    #[error("not allowed from another site")]
    CrossSite,
    /// 404: no such route or resource.
    #[error("not found")]
    NotFound,
    /// 408: the body did not arrive in time.
    #[error("the body did not arrive in time")]
    TooSlow,
    /// 409: others kept changing the same document while we tried.
    #[error("conflict")]
    Conflict,
    /// 409: what the request is about has changed since the caller saw it. The sentence says what it is.
    #[error("{0}")]
    Changed(&'static str),
    /// 413: the body is over the limit.
    #[error("body too large")]
    TooLarge,
    /// 415: the body is not declared as JSON.
    #[error("not JSON")]
    NotJson,
    /// 413: a file is over its limit. The sentence says which that is.
    #[error("{0}")]
    FileTooLarge(&'static str),
    /// 415: a file is none of the kinds that are taken. The sentence says which they are.
    #[error("{0}")]
    UnknownFile(&'static str),
    /// 429: too many attempts.
    #[error("limited for {retry_after_seconds} s")]
    Limited {
        /// The sentence that says of what.
        message: Cow<'static, str>,
        /// After how many seconds to try again.
        retry_after_seconds: u64,
    },
    /// 503: the store or the payment provider is unavailable. The cause is logged, never sent.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// 500: an internal error. The cause is logged, never sent.
    #[error("internal error: {0}")]
    Internal(String),
}

impl fmt::Debug for ApiError {
    /// As it is displayed: the client secret is not for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(errors) => write!(f, "{self}: {errors:?}"),
            other => fmt::Display::fmt(other, f),
        }
    }
}

impl ApiError {
    /// A refusal with the sentence for the person who asked.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::Refused(message.into())
    }

    /// A single invalid input.
    pub fn invalid(field: &str, message: &str) -> Self {
        Self::Invalid(vec![ErrorEntry { message: message.to_owned(), field: Some(field.to_owned()) }])
    }

    /// Too many attempts, for so long. The header counts whole seconds, and at their end it is over.
    pub fn limited(message: impl Into<Cow<'static, str>>, wait: Duration) -> Self {
        Self::Limited { message: message.into(), retry_after_seconds: wait.as_secs() + 1 }
    }

    /// An internal error with its cause.
    pub fn internal(cause: impl ToString) -> Self {
        Self::Internal(cause.to_string())
    }
}

/// Seconds after which a store or provider that was unavailable is worth another try.
const RETRY_UNAVAILABLE_SECONDS: u64 = 2;

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let plain = |message: &str| vec![ErrorEntry { message: message.to_owned(), field: None }];
        let mut client_secret = None;
        let (status, retry_after, errors) = match self {
            Self::Invalid(errors) => (StatusCode::BAD_REQUEST, None, errors),
            Self::Refused(message) => (StatusCode::BAD_REQUEST, None, plain(&message)),
            Self::ConfirmationRequired { client_secret: secret } => {
                client_secret = Some(secret);
                (StatusCode::PAYMENT_REQUIRED, None, plain("Your bank wants you to confirm this payment"))
            }
            Self::NotAuthorized => (StatusCode::UNAUTHORIZED, None, plain("Not authorized")),
            Self::CrossSite => (StatusCode::FORBIDDEN, None, plain("Not allowed from another site")),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, None, plain("The request did not arrive in time")),
            Self::NotFound => (StatusCode::NOT_FOUND, None, plain("Not found")),
            Self::Conflict => (StatusCode::CONFLICT, None, plain("Somebody else changed this just now, try again")),
            Self::Changed(message) => (StatusCode::CONFLICT, None, plain(message)),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, None, plain("Body is larger than 64 KiB")),
            Self::NotJson => (StatusCode::UNSUPPORTED_MEDIA_TYPE, None, plain("Body must be JSON (application/json)")),
            Self::FileTooLarge(message) => (StatusCode::PAYLOAD_TOO_LARGE, None, plain(message)),
            Self::UnknownFile(message) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, None, plain(message)),
            Self::Limited { message, retry_after_seconds } => {
                (StatusCode::TOO_MANY_REQUESTS, Some(retry_after_seconds), plain(&message))
            }
            Self::Unavailable(cause) => {
                tracing::warn!(cause, "answered 503");
                let message = plain("The service is unavailable, try again in a few seconds");
                (StatusCode::SERVICE_UNAVAILABLE, Some(RETRY_UNAVAILABLE_SECONDS), message)
            }
            Self::Internal(cause) => {
                tracing::error!(cause, "answered 500");
                (StatusCode::INTERNAL_SERVER_ERROR, None, plain("Something went wrong"))
            }
        };
        let retry_after: Option<[(HeaderName, HeaderValue); 1]> =
            retry_after.map(|seconds| [(header::RETRY_AFTER, HeaderValue::from(seconds))]);
        (status, retry_after, Json(ErrorBody { errors, client_secret })).into_response()
    }
}
