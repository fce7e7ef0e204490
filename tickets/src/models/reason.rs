//! Why a listing is reported, or taken down.

use common::extract::{Fields, Valid, filled};

/// 1 to 500 characters, trimmed.
pub struct Reason(pub String);

const MAX_CHARACTERS: usize = 500;

impl Valid for Reason {
    fn read(body: &mut Fields) -> Option<Self> {
        body.take("reason", |value| match filled(value, "Reason is required")? {
            reason if reason.chars().count() > MAX_CHARACTERS => Err("Reason must be at most 500 characters"),
            reason => Ok(Self(reason.to_owned())),
        })
    }
}
