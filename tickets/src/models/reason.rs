//! Why a listing is reported, or taken down.

use common::extract::{Fields, Valid, filled};
use utoipa::ToSchema;

/// The body that says it.
#[derive(ToSchema)]
pub struct Reason {
    /// 1 to 500 characters, trimmed.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

const MAX_CHARACTERS: usize = 500;

impl Valid for Reason {
    fn read(body: &mut Fields) -> Option<Self> {
        body.take("reason", |value| match filled(value, "Reason is required")? {
            reason if reason.chars().count() > MAX_CHARACTERS => Err("Reason must be at most 500 characters"),
            reason => Ok(Self { reason: reason.to_owned() }),
        })
    }
}
