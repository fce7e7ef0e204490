//! The refusals: types that a handler names in `#[utoipa::path(responses(…))]`.

use std::collections::BTreeMap;

use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, Header, HeaderBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

use crate::api::ErrorBody;

/// Declares the refusals, each with an [`ErrorBody`].
macro_rules! refusals {
    ($($name:ident, $status:literal, $description:literal;)*) => {
        $(
            #[doc = concat!($status, ": ", $description)]
            pub struct $name;

            impl IntoResponses for $name {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    [($status.to_string(), Ref::from_response_name(stringify!($name)).into())].into()
                }
            }
        )*

        /// All of them, by their names.
        pub fn refusals() -> BTreeMap<String, RefOr<Response>> {
            [$((stringify!($name).to_owned(), refusal($status, $description).into())),*].into()
        }
    };
}

refusals! {
    Refused, 400, "An input is invalid, or the present state does not allow it.";
    NotAuthorized, 401, "There is no valid session, or the resource is somebody else's.";
    CrossSite, 403, "A page of another site sent it.";
    NotFound, 404, "There is no such resource.";
    TooSlow, 408, "The body did not arrive in time.";
    Conflict, 409, "Others change it at the same time, or it has changed since the caller saw it.";
    TooLarge, 413, "The body is larger than its limit.";
    UnknownKind, 415, "The body is of a kind that is not taken.";
    Limited, 429, "It was asked too often.";
    Internal, 500, "An internal error.";
    Unavailable, 503, "A store, the broker or the provider is unavailable, or the service is full.";
}

fn refusal(status: u16, description: &str) -> Response {
    let body = ContentBuilder::new().schema(Some(Ref::from_schema_name(ErrorBody::name()))).build();
    let response = ResponseBuilder::new().description(description).content("application/json", body);
    match status {
        429 | 503 => response.header("Retry-After", seconds()).build(),
        _ => response.build(),
    }
}

fn seconds() -> Header {
    let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).build();
    HeaderBuilder::new().schema(Some(number)).description(Some("After how many seconds to try again.")).build()
}
