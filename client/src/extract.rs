//! What a page's address and a posted form hold, or the failure page.

use axum::extract::{self, FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use common::id::Id;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::failure::Failure;
use crate::next::Next;

/// The id in the path; 404 when it is none.
pub struct PathId(pub Id);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| Failure::NotFound)?;
        text.parse().map(Self).map_err(|_| Failure::NotFound)
    }
}

/// `?after=<id>`: where a page of a list begins; 404 when it is no id.
pub struct After(pub Option<Id>);

impl<S: Send + Sync> FromRequestParts<S> for After {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        #[derive(Deserialize)]
        struct Sent {
            after: Option<Id>,
        }
        let Query(sent) = Query::<Sent>::try_from_uri(&parts.uri).map_err(|_| Failure::NotFound)?;
        Ok(Self(sent.after))
    }
}

/// `?next=<path>`: where to go after signing in; the landing page when it is missing or no path of ours.
impl<S: Send + Sync> FromRequestParts<S> for Next {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        #[derive(Deserialize)]
        struct Sent {
            next: String,
        }
        let sent = Query::<Sent>::try_from_uri(&parts.uri).ok();
        Ok(sent.map(|Query(sent)| Self::parse(&sent.next)).unwrap_or_default())
    }
}

/// A posted form. Fields that are missing are for `T` to forgive, so that the service can say what it lacks.
pub struct Form<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        match extract::Form::from_request(request, state).await {
            Ok(extract::Form(form)) => Ok(Self(form)),
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(Failure::TooLarge),
            Err(_) => Err(Failure::Malformed),
        }
    }
}
