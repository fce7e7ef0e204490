//! What makes two requests the same one, sent twice: a double click, or a repetition after an answer that was lost.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

/// The longest key that counts.
const MAX_BYTES: usize = 64;

/// The header `Idempotency-Key`. Without one, or with one that is no short text, every request is another.
pub struct IdempotencyKey(pub Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let key = parts.headers.get("idempotency-key").and_then(|value| value.to_str().ok());
        Ok(Self(key.filter(|key| (1..=MAX_BYTES).contains(&key.len())).map(str::to_owned)))
    }
}
