use std::convert::Infallible;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::Deserialize;

use crate::timestamp::Timestamp;

/// Since when a client wants to know what has changed: its `Last-Event-ID` when it comes back; `?since=` in milliseconds since 1970
/// when it comes first, with the time at which its page was rendered. What is neither is no wish.
pub struct Resume(pub Option<Timestamp>);

impl IntoParams for Resume {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let moment = || ObjectBuilder::new().schema_type(Type::String).build();
        let parameter = |name: &str, place| {
            ParameterBuilder::new()
                .name(name)
                .parameter_in(place)
                .required(Required::False)
                .schema(Some(moment()))
                .build()
        };
        vec![parameter("since", ParameterIn::Query), parameter("Last-Event-ID", ParameterIn::Header)]
    }
}

#[derive(Deserialize)]
struct Sent {
    since: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Resume {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let last = parts.headers.get("last-event-id").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let since = || Query::<Sent>::try_from_uri(&parts.uri).ok()?.0.since;
        Ok(Self(last.or_else(since).and_then(|text| text.parse().ok()).map(Timestamp::from_millis)))
    }
}
