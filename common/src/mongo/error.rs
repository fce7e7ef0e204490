//! What a store can fail with, in the terms that callers decide by.

use mongodb::error::{Error, ErrorKind, RETRYABLE_ERROR, RETRYABLE_WRITE_ERROR, WriteFailure};

use crate::error::ApiError;

/// Why a read or write did not happen.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique index already holds this key.
    #[error("duplicate key")]
    Duplicate,
    /// Others have changed the document while we decided, and kept doing so.
    #[error("the document kept changing")]
    Conflict,
    /// The database cannot be reached or cannot take writes now; the same call may succeed later.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// There is no document with this id.
    #[error("there is no such document")]
    NotFound,
    /// Anything else: an error of ours, or a document that cannot be read.
    #[error("{0}")]
    Other(String),
}

/// The server's code for a violated unique index.
const DUPLICATE_KEY: i32 = 11000;

/// The server's code for an `_id` that would change: how a guarded update says that nothing matched.
const IMMUTABLE_FIELD: i32 = 66;

/// Codes of a server that is stepping down, shutting down or out of time; those of the driver specification's
/// "state change errors" and of `maxTimeMS`; and 13 and 18, a user that may not do this or is not known.
const TRANSIENT_CODES: [i32; 14] = [13, 18, 50, 64, 91, 189, 262, 9001, 10058, 10107, 11600, 11602, 13435, 13436];

/// What the server's code for a failed write means.
pub(super) fn of_code(code: i32, message: &str) -> StoreError {
    match code {
        DUPLICATE_KEY => StoreError::Duplicate,
        IMMUTABLE_FIELD => StoreError::Conflict,
        code if TRANSIENT_CODES.contains(&code) => StoreError::Unavailable(message.to_owned()),
        _ => StoreError::Other(message.to_owned()),
    }
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        let unavailable = error.contains_label(RETRYABLE_ERROR)
            || error.contains_label(RETRYABLE_WRITE_ERROR)
            || match error.kind.as_ref() {
                ErrorKind::ServerSelection { .. }
                | ErrorKind::Io(_)
                | ErrorKind::ConnectionPoolCleared { .. }
                | ErrorKind::DnsResolve { .. }
                // Our own login: an operator mends it, and until then nothing may be lost for it.
                | ErrorKind::Authentication { .. } => true,
                ErrorKind::Command(command) => TRANSIENT_CODES.contains(&command.code),
                ErrorKind::Write(WriteFailure::WriteConcernError(concern)) => TRANSIENT_CODES.contains(&concern.code),
                _ => false,
            };
        match error.kind.as_ref() {
            _ if unavailable => Self::Unavailable(error.to_string()),
            ErrorKind::Write(WriteFailure::WriteError(write)) if write.code == DUPLICATE_KEY => Self::Duplicate,
            ErrorKind::Command(command) if command.code == DUPLICATE_KEY => Self::Duplicate,
            _ => Self::Other(error.to_string()),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Other(error.to_string())
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(cause) => Self::Unavailable(cause),
            StoreError::Conflict => Self::Conflict,
            StoreError::NotFound => Self::NotFound,
            // A handler that inserts where a duplicate is possible says what it means (`on_duplicate`).
            StoreError::Duplicate | StoreError::Other(_) => Self::internal(error),
        }
    }
}

impl From<mongodb::bson::error::Error> for StoreError {
    fn from(error: mongodb::bson::error::Error) -> Self {
        Self::Other(error.to_string())
    }
}

/// Says what a duplicate key means where it can happen.
pub trait OnDuplicate<T> {
    /// A duplicate becomes 400 with this message.
    fn on_duplicate(self, message: &'static str) -> Result<T, ApiError>;
}

impl<T> OnDuplicate<T> for Result<T, StoreError> {
    fn on_duplicate(self, message: &'static str) -> Result<T, ApiError> {
        self.map_err(|error| match error {
            StoreError::Duplicate => ApiError::refused(message),
            other => other.into(),
        })
    }
}
