//! Extractors that leave a handler only with what is valid.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use serde_json::{Map, Value};

use crate::api::ErrorEntry;
use crate::error::ApiError;
use crate::id::Id;

/// The largest body that is read, in bytes.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// A JSON body that has passed the checks of `T`.
///
/// 415 when it is not declared as JSON, 413 over [`MAX_BODY_BYTES`], 400 when it does not parse or an input is invalid.
pub struct ValidJson<T>(pub T);

/// What can be read from a JSON object, field by field, so that all that is wrong is said at once.
pub trait Valid: Sized {
    /// Takes every field before it uses any of them; `None` when one was at fault.
    fn read(body: &mut Fields) -> Option<Self>;
}

/// The fields of a JSON object and what was found wrong with them. A field that is absent is `null`.
pub struct Fields {
    fields: Map<String, Value>,
    errors: Vec<ErrorEntry>,
}

impl Fields {
    /// Parses one field; what `parse` says against it becomes an entry of the answer.
    pub fn take<T, M: Into<String>>(&mut self, name: &str, parse: impl FnOnce(&Value) -> Result<T, M>) -> Option<T> {
        match parse(self.fields.get(name).unwrap_or(&Value::Null)) {
            Ok(value) => Some(value),
            Err(message) => {
                self.errors.push(ErrorEntry { message: message.into(), field: Some(name.to_owned()) });
                None
            }
        }
    }

    /// Parses one field that may be absent.
    pub fn take_optional<T, M: Into<String>>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&Value) -> Result<T, M>,
    ) -> Option<Patch<T>> {
        match self.fields.get(name) {
            None => Some(Patch::Keep),
            Some(Value::Null) => Some(Patch::Clear),
            Some(Value::String(text)) if text.trim().is_empty() => Some(Patch::Clear),
            Some(_) => self.take(name, parse).map(Patch::Set),
        }
    }
}

/// What a request says of something that may be absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Nothing: it stays as it is.
    #[default]
    Keep,
    /// `null`, or a text of nothing: there is none.
    Clear,
    /// This.
    Set(T),
}

impl<T> Patch<T> {
    /// Changes what is there.
    pub fn apply(self, to: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *to = None,
            Self::Set(value) => *to = Some(value),
        }
    }
}

/// A string that holds something besides white space, trimmed; the message for everything else.
pub fn filled<'a>(value: &'a Value, message: &'static str) -> Result<&'a str, &'static str> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).ok_or(message)
}

impl<T: Valid> ValidJson<T> {
    fn parse(body: &[u8]) -> Result<T, ApiError> {
        let fields = match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => fields,
            Ok(_) => Map::new(),
            Err(error) => {
                let message = format!("Body is not valid JSON: {error}");
                return Err(ApiError::Invalid(vec![ErrorEntry { message, field: None }]));
            }
        };
        let mut fields = Fields { fields, errors: Vec::new() };
        match T::read(&mut fields) {
            Some(value) if fields.errors.is_empty() => Ok(value),
            _ => Err(ApiError::Invalid(fields.errors)),
        }
    }
}

impl<S: Send + Sync, T: Valid> FromRequest<S> for ValidJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !declares_json(request.headers()) {
            return Err(ApiError::NotJson);
        }
        let body = Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge,
            // The caller closed the connection or sent less than announced: nobody reads the answer.
            _ => ApiError::refused("Body could not be read"),
        })?;
        Self::parse(&body).map(Self)
    }
}

fn declares_json(headers: &HeaderMap) -> bool {
    let declared = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media_type == "application/json" || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}

/// The id in the path; 404 when it is malformed, because then there is no such resource.
pub struct PathId(pub Id);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|rejection| {
            // Bytes that are not UTF-8 name no resource either; a route without an id is an error of ours.
            if rejection.into_response().status().is_client_error() {
                ApiError::NotFound
            } else {
                ApiError::internal("the route has no id in its path")
            }
        })?;
        text.parse().map(Self).map_err(|_| ApiError::NotFound)
    }
}
