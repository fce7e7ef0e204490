//! `ops mongo backup`: all collections of a database as they were in one moment.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chrono::Utc;
use clap::Args;
use futures::TryStreamExt;
use mongodb::bson::{Document, RawDocumentBuf, doc};
use mongodb::error::Error;
use mongodb::{Client, ClientSession, Database};
use tokio::time::sleep;

use super::dump::{DocumentsOut, Metadata};
use super::{Store, refusal};
use crate::backups::{Backups, size};
use crate::settings::BackupTo;

/// SnapshotUnavailable: a collection or index was made so recently that the moment to read at lies before it.
const SNAPSHOT_UNAVAILABLE: i32 = 246;

/// How often a dump is begun before it is given up, and the pause between.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(500);

/// What to back up, and where to.
#[derive(Args, Debug)]
pub struct Backup {
    #[command(flatten)]
    store: Store,
    #[command(flatten)]
    to: BackupTo,
}

impl Backup {
    /// Writes the dump, and removes the oldest ones when it is complete.
    ///
    /// # Errors
    /// When the database or the disk fails; then no backup is there that was not there before.
    pub async fn run(self) -> Result<()> {
        let (client, database) = self.store.open().await?;
        let unfinished = Backups::new(&self.to.backup_dir, database.name()).begin(Utc::now())?;
        let mut tries = 1;
        while let Err(error) = dump(&client, &database, unfinished.folder()).await {
            let is_too_new = error.downcast_ref().and_then(refusal) == Some(SNAPSHOT_UNAVAILABLE);
            if !is_too_new || tries == TRIES {
                return Err(error);
            }
            println!("a collection or an index is only just being made, beginning again");
            tries += 1;
            unfinished.start_over()?;
            sleep(PAUSE).await;
        }
        unfinished.finish(self.to.backup_keep)
    }
}

async fn dump(client: &Client, database: &Database, folder: &Path) -> Result<()> {
    // Options and indexes are not part of a snapshot. Read first, they can only lack what was made a moment ago.
    let collections = collections(database).await?;
    let mut session = client.start_session().snapshot(true).await?;
    let (mut all_documents, mut all_bytes) = (0, 0);
    for collection in &collections {
        let name = &collection.collection_name;
        collection.write(folder).with_context(|| format!("the metadata of {name} cannot be written"))?;
        if collection.is_view() {
            println!("{name}: a view");
            continue;
        }
        let (documents, bytes) = dump_documents(database, name, &mut session, folder)
            .await
            .with_context(|| format!("collection {name} cannot be backed up"))?;
        println!("{name}: {documents} documents, {}", size(bytes));
        all_documents += documents;
        all_bytes += bytes;
    }
    println!("{}: {} collections, {all_documents} documents, {}", database.name(), collections.len(), size(all_bytes));
    Ok(())
}

/// The session's first read fixes the moment for all that follow.
async fn dump_documents(
    database: &Database,
    name: &str,
    session: &mut ClientSession,
    folder: &Path,
) -> Result<(u64, u64)> {
    let mut file = DocumentsOut::create(folder, name)?;
    let collection = database.collection::<RawDocumentBuf>(name);
    let mut cursor = collection.find(doc! {}).session(&mut *session).await?;
    while cursor.advance(session).await? {
        file.push(cursor.current())?;
    }
    file.finish()
}

/// What the database holds, without the server's own book-keeping.
async fn collections(database: &Database) -> Result<Vec<Metadata>> {
    let listed = list(database, doc! { "listCollections": 1 }).await.context("the collections cannot be listed")?;
    let mut collections = Vec::new();
    for entry in listed {
        let name = entry.get_str("name")?;
        if name.starts_with("system.") {
            continue;
        }
        let kind = entry.get_str("type").unwrap_or("collection");
        ensure!(kind == "collection" || kind == "view", "{name} is a {kind}, which this tool cannot back up");
        let options = entry.get_document("options").cloned().unwrap_or_default();
        ensure!(
            !options.get_bool("capped").unwrap_or(false),
            "{name} is capped, which MongoDB leaves out of snapshots"
        );
        let mut metadata = Metadata { collection_name: name.to_owned(), options, indexes: Vec::new() };
        if !metadata.is_view() {
            let indexes = list(database, doc! { "listIndexes": name }).await;
            metadata.indexes = indexes.with_context(|| format!("the indexes of {name} cannot be listed"))?;
        }
        collections.push(metadata);
    }
    Ok(collections)
}

async fn list(database: &Database, command: Document) -> Result<Vec<Document>, Error> {
    database.run_cursor_command(command).await?.try_collect().await
}
