//! A posted form that may carry a file.

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use common::extract::MAX_BODY_BYTES;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Form;
use crate::failure::Failure;

/// The largest file that is kept. The tickets service has the same limit.
pub const MOST_FILE_BYTES: usize = 2 * 1024 * 1024;

/// The largest form with a file that is read to its end; the ingress has the same limit. What is above [`MOST_FILE_BYTES`] is read and
/// dropped, so that the form can be shown again with everything else that was entered.
pub const FORM_WITH_FILE_BYTES: usize = 4 * 1024 * 1024;

/// A form as `multipart/form-data` with a file, or without one as any other form.
pub struct FormWithFile<T> {
    /// Everything but the file.
    pub fields: T,
    /// The file, when one was chosen.
    pub file: Option<SentFile>,
}

/// A file that was sent with a form.
pub struct SentFile {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// It is larger than [`MOST_FILE_BYTES`], and `bytes` are not all of it.
    pub is_too_large: bool,
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequest<S> for FormWithFile<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        if !is_multipart(&request) {
            let Form(fields) = Form::<T>::from_request(request, state).await?;
            return Ok(Self { fields, file: None });
        }
        let mut parts = Multipart::from_request(request, state).await.map_err(|_| Failure::Malformed)?;
        let (mut fields, mut file, mut left) = (Map::new(), None, MAX_BODY_BYTES);
        while let Some(part) = parts.next_field().await? {
            let name = part.name().unwrap_or_default().to_owned();
            // A field costs memory also when nothing is in it.
            left = left.checked_sub(name.len()).ok_or(Failure::TooLarge)?;
            if part.file_name().is_some() {
                file = read_file(part).await?.or(file);
            } else {
                let text = read_text(part, &mut left).await?;
                fields.insert(name, Value::String(text));
            }
        }
        let fields = serde_json::from_value(Value::Object(fields)).map_err(|_| Failure::Malformed)?;
        Ok(Self { fields, file })
    }
}

fn is_multipart(request: &Request) -> bool {
    let media_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media_type.is_some_and(|media_type| media_type.starts_with("multipart/form-data"))
}

/// A browser sends an empty file without a name when none was chosen.
async fn read_file(mut part: Field<'_>) -> Result<Option<SentFile>, Failure> {
    let is_named = part.file_name().is_some_and(|name| !name.is_empty());
    let mut file = SentFile { bytes: Vec::new(), is_too_large: false };
    while let Some(chunk) = part.chunk().await? {
        let room = MOST_FILE_BYTES - file.bytes.len();
        file.is_too_large |= chunk.len() > room;
        file.bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }
    Ok((is_named || !file.bytes.is_empty()).then_some(file))
}

async fn read_text(mut part: Field<'_>, left: &mut usize) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await? {
        *left = left.checked_sub(chunk.len()).ok_or(Failure::TooLarge)?;
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| Failure::Malformed)
}

impl From<MultipartError> for Failure {
    fn from(error: MultipartError) -> Self {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE { Self::TooLarge } else { Self::Malformed }
    }
}
