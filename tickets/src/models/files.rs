//! The bytes of attached files, in GridFS, and a note of each file to which perhaps no ticket refers.
//!
//! A file and the reference to it are two writes, so a process may die between them. Before a file is written, and before the last
//! reference to one is given up, its id is noted. A sweep looks at what was noted a while ago, and deletes what no ticket refers to.

use std::time::Duration;

use common::error::StartError;
use common::id::{Id, as_object_id};
use common::mongo::{self, StoreError, Turn, Turns, database_clock};
use futures::{AsyncReadExt, AsyncWriteExt};
use mongodb::bson::{Document, deserialize_from_document, doc, oid::ObjectId};
use mongodb::error::{Error, ErrorKind, GridFsErrorKind};
use mongodb::gridfs::GridFsBucket;
use mongodb::options::{GridFsBucketOptions, IndexOptions};
use mongodb::{Collection, Database, IndexModel};
use serde::{Deserialize, Serialize};

use super::ticket::file::File;

/// The name of the bucket.
const BUCKET: &str = "files";

/// Larger than a file: each is one chunk.
const CHUNK_BYTES: u32 = 4 * 1024 * 1024;

/// How long after a note a file without a reference is deleted. No upload takes so long.
pub const UPLOAD_LIMIT: Duration = Duration::from_secs(10 * 60);

/// The turns of noted files.
const NOTED: Turns = Turns { field: "turn", first: UPLOAD_LIMIT, longest: Duration::from_secs(24 * 60 * 60) };

/// A document of `files.noted`: a file to which perhaps no ticket refers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Noted {
    /// The file.
    #[serde(rename = "_id")]
    pub file: ObjectId,
    /// The ticket that may refer to it.
    #[serde(with = "as_object_id")]
    pub ticket: Id,
    turn: Turn,
}

/// The files. Cheap to clone.
#[derive(Clone)]
pub struct Files {
    bucket: GridFsBucket,
    database: Database,
    noted: Collection<Noted>,
}

impl Files {
    /// The files of this database.
    pub fn new(database: &Database) -> Self {
        let options =
            GridFsBucketOptions::builder().bucket_name(BUCKET.to_owned()).chunk_size_bytes(CHUNK_BYTES).build();
        Self {
            bucket: database.gridfs_bucket(options),
            database: database.clone(),
            noted: database.collection("files.noted"),
        }
    }

    /// Creates the indexes of GridFS, which the driver creates only before its first large file, and that of the notes.
    pub async fn create_indexes(&self) -> Result<(), StartError> {
        let collection = |name: &str| self.database.collection::<Document>(&format!("{BUCKET}.{name}"));
        let unique = IndexOptions::builder().unique(true).build();
        let of_file = IndexModel::builder().keys(doc! {"files_id": 1, "n": 1}).options(unique).build();
        mongo::create_indexes(&collection("chunks"), [of_file]).await?;
        let by_name = IndexModel::builder().keys(doc! {"filename": 1, "uploadDate": 1}).build();
        mongo::create_indexes(&collection("files"), [by_name]).await?;
        let due = IndexModel::builder().keys(doc! {NOTED.at(): 1}).build();
        mongo::create_indexes(&self.noted, [due]).await
    }

    /// Writes a file for this ticket. It is noted before.
    pub async fn write(&self, file: &File, ticket: Id, bytes: &[u8]) -> Result<(), StoreError> {
        self.note(file.id, ticket, UPLOAD_LIMIT).await?;
        let metadata = doc! {"ticket": ObjectId::from(ticket), "sha256": &file.sha256};
        let upload = self.bucket.open_upload_stream(ticket.to_string()).id(file.id.into()).metadata(metadata);
        let mut upload = upload.await?;
        upload.write_all(bytes).await.map_err(cause)?;
        upload.close().await.map_err(cause)
    }

    /// The bytes of a file; [`StoreError::NotFound`] when it was deleted.
    pub async fn read(&self, file: &File) -> Result<Vec<u8>, StoreError> {
        let mut bytes = Vec::with_capacity(usize::try_from(file.bytes).unwrap_or_default());
        let mut download = match self.bucket.open_download_stream(file.id.into()).await {
            Err(error) if is_missing(&error) => return Err(StoreError::NotFound),
            download => download?,
        };
        download.read_to_end(&mut bytes).await.map_err(cause)?;
        Ok(bytes)
    }

    /// Deletes a file, and what is noted of it.
    pub async fn delete(&self, file: ObjectId) -> Result<(), StoreError> {
        match self.bucket.delete(file.into()).await {
            // Chunks without a file, of an upload that never ended, are deleted all the same.
            Err(error) if !is_missing(&error) => return Err(error.into()),
            _ => {}
        }
        self.forget(file).await
    }

    /// Notes that perhaps no ticket refers to the file; it is looked at after this time.
    pub async fn note(&self, file: ObjectId, ticket: Id, after: Duration) -> Result<(), StoreError> {
        let turn = doc! {"at": {"$add": ["$$NOW", after.as_millis() as i64]}, "tries": 0};
        let note = vec![doc! {"$set": {"ticket": ObjectId::from(ticket), NOTED.field: turn}}];
        let upsert = || self.noted.update_one(doc! {"_id": file}, note.clone()).upsert(true);
        match upsert().await.map_err(StoreError::from) {
            // Another request has just inserted it.
            Err(StoreError::Duplicate) => upsert().await?,
            noted => noted?,
        };
        Ok(())
    }

    /// The ticket refers to the file.
    pub async fn forget(&self, file: ObjectId) -> Result<(), StoreError> {
        self.noted.delete_one(doc! {"_id": file}).await?;
        Ok(())
    }

    /// Takes a file that was noted a while ago. It is the caller's until its next turn.
    pub async fn take_noted(&self) -> Result<Option<Noted>, StoreError> {
        let due = doc! {NOTED.at(): {"$lte": database_clock(&self.noted).await?}};
        let taken = NOTED.take(&self.noted, due, doc! {NOTED.at(): 1}).await?;
        Ok(taken.map(deserialize_from_document).transpose()?)
    }

    /// The ticket refers to the file that was taken, unless it was noted again since.
    pub async fn keep(&self, noted: &Noted) -> Result<(), StoreError> {
        let unchanged = doc! {"_id": noted.file, NOTED.at(): noted.turn.at};
        self.noted.delete_one(unchanged).await?;
        Ok(())
    }
}

/// The driver's error behind that of its stream.
fn cause(error: std::io::Error) -> StoreError {
    match error.get_ref().and_then(|cause| cause.downcast_ref::<Error>()) {
        Some(cause) => cause.clone().into(),
        None => StoreError::Other(error.to_string()),
    }
}

fn is_missing(error: &Error) -> bool {
    matches!(error.kind.as_ref(), ErrorKind::GridFs(GridFsErrorKind::FileNotFound { .. }))
}
