//! Posted forms and their inputs: each with its label, a hint, and what is wrong with it beside it.

mod field;
mod file_input;
mod group;
mod labelled;
mod password;
mod select;
mod text_area;
mod with_file;

pub use field::Field;
pub use file_input::FileInput;
pub use group::more;
pub use password::{CurrentPassword, NewPassword, at_current_password};
pub use select::Select;
pub use text_area::TextArea;
pub use with_file::{FORM_WITH_FILE_BYTES, FormWithFile, SentFile};

use axum::extract::FromRequest;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;

use crate::failure::Failure;

/// A posted form. `T` gives missing fields a default, so that the service can say what is missing.
#[derive(FromRequest)]
#[from_request(via(axum::extract::Form), rejection(Failure))]
pub struct Form<T>(pub T);

impl From<FormRejection> for Failure {
    fn from(rejection: FormRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE { Self::TooLarge } else { Self::Malformed }
    }
}
