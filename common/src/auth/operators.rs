//! Who runs the platform, and the extractor that lets nobody else in.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;

use super::Sessions;
use crate::api::SessionBody;
use crate::config::OperatorConfig;
use crate::error::ApiError;
use crate::id::Id;

/// The users who run the platform. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Operators(Arc<BTreeSet<Id>>);

impl Operators {
    /// Those of `ADMIN_IDS`.
    pub fn new(config: &OperatorConfig) -> Self {
        Self(Arc::new(config.admin_ids.0.iter().copied().collect()))
    }

    /// Whether this user is one of them: the settings say so, and the user's address is proved.
    pub fn contains(&self, user: &SessionBody) -> bool {
        user.verified && self.0.contains(&user.id)
    }
}

/// An operator who is signed in. For everybody else, signed in or not, there is no such resource: 404.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator(pub SessionBody);

impl<S: Send + Sync> FromRequestParts<S> for Operator
where
    Sessions: FromRef<S>,
    Operators: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let session = Sessions::from_ref(state).current(&parts.headers);
        session.filter(|session| Operators::from_ref(state).contains(session)).map(Self).ok_or(ApiError::NotFound)
    }
}
