//! A file as its seller sends it: the body of a request, its kind read from its bytes.

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use common::error::ApiError;
use hex::encode;
use http_body_util::LengthLimitError;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The largest file, in bytes. It is the file's own limit, instead of that of every other body.
pub const MAX_FILE_BYTES: usize = 2 * 1024 * 1024;

const TOO_LARGE: &str = "File is larger than 2 MiB";
const UNKNOWN: &str = "File must be a PDF, PNG or JPEG";

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileKind {
    /// A document.
    #[serde(rename = "application/pdf")]
    Pdf,
    /// A picture.
    #[serde(rename = "image/png")]
    Png,
    /// A photo.
    #[serde(rename = "image/jpeg")]
    Jpeg,
}

impl FileKind {
    /// Read from the bytes, whatever their sender says. A file that was cut off is none.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let kind = match infer::get(bytes)?.mime_type() {
            "application/pdf" => Self::Pdf,
            "image/png" => Self::Png,
            "image/jpeg" => Self::Jpeg,
            _ => return None,
        };
        // What comes behind the end is left to readers, who ignore it.
        let end: &[u8] = match kind {
            Self::Pdf => b"%%EOF",
            Self::Png => b"IEND\xAE\x42\x60\x82",
            Self::Jpeg => b"\xFF\xD9",
        };
        let tail = &bytes[bytes.len().saturating_sub(LONGEST_TRAILER)..];
        let is_whole = tail.windows(end.len()).any(|window| window == end);
        // Line feeds are there to tell a file that some transfer has changed.
        let is_intact = bytes.starts_with(b"\x89PNG\r\n\x1A\n") && bytes.get(12..16) == Some(b"IHDR");
        let begins_well = kind != Self::Png || is_intact;
        (is_whole && begins_well).then_some(kind)
    }

    /// For the header `Content-Type`.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }

    /// The end of its name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Png => "png",
            Self::Jpeg => "jpg",
        }
    }
}

/// How many bytes may follow the end of a file: a line break, what a camera adds.
const LONGEST_TRAILER: usize = 4096;

/// A file that can be attached.
pub struct Upload {
    /// All of it.
    pub bytes: Bytes,
    /// What it is.
    pub kind: FileKind,
    /// SHA-256 of the bytes, in hex.
    pub sha256: String,
}

impl Upload {
    /// Reads the body of a request, which is the file itself.
    ///
    /// # Errors
    /// 413 over [`MAX_FILE_BYTES`], 415 for what is no whole PDF, PNG or JPEG.
    pub async fn read(body: Body) -> Result<Self, ApiError> {
        if body.size_hint().lower() > MAX_FILE_BYTES as u64 {
            return Err(ApiError::FileTooLarge(TOO_LARGE));
        }
        let bytes = to_bytes(body, MAX_FILE_BYTES).await.map_err(|error| {
            let is_limit = std::error::Error::source(&error).is_some_and(|cause| cause.is::<LengthLimitError>());
            // Else the caller closed the connection: nobody reads the answer.
            if is_limit { ApiError::FileTooLarge(TOO_LARGE) } else { ApiError::refused("Body could not be read") }
        })?;
        let kind = FileKind::of(&bytes).ok_or(ApiError::UnknownFile(UNKNOWN))?;
        let sha256 = encode(Sha256::digest(&bytes));
        Ok(Self { bytes, kind, sha256 })
    }
}
