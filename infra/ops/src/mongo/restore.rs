//! `ops mongo restore`: a dump back into a database.

use std::mem::take;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use mongodb::bson::{Document, RawDocumentBuf, doc};
use mongodb::{Collection, Database};

use super::dump::{self, Dumped};
use super::{Store, majority};
use crate::backups::Backups;
use crate::settings::RestoreFrom;

/// Documents are sent in batches of at most so many, and of about so many bytes.
const BATCH_DOCUMENTS: usize = 1000;
const BATCH_BYTES: usize = 8 * 1024 * 1024;

/// What to restore, and where to.
#[derive(Args, Debug)]
pub struct Restore {
    #[command(flatten)]
    store: Store,
    #[command(flatten)]
    from: RestoreFrom,
}

impl Restore {
    /// Checks everything that can be checked before the database is touched, then loads collection by collection.
    ///
    /// # Errors
    /// When the backup is damaged, the database holds documents that need not be replaced, or an operation fails.
    pub async fn run(self) -> Result<()> {
        let (_client, database) = self.store.open().await?;
        let folder = Backups::new(&self.from.backup_dir, database.name()).find(&self.from.from)?;
        println!("restoring {} into database {}", folder.display(), database.name());
        let dumped = dump::open(&folder)?;
        let present = database.list_collection_names().await.context("the collections cannot be listed")?;
        if !self.from.replace {
            refuse_if_filled(&database, &present).await?;
        }
        let counts = dumped.iter().map(Dumped::verify).collect::<Result<Vec<_>>>()?;

        for name in &present {
            let is_dumped = dumped.iter().any(|dumped| dumped.metadata.collection_name == *name);
            if !is_dumped && !name.starts_with("system.") {
                println!("{name}: is not in the backup and stays as it is");
            }
        }
        for (dumped, count) in dumped.iter().zip(counts) {
            let name = &dumped.metadata.collection_name;
            restore(&database, dumped, count).await.with_context(|| format!("{name} cannot be restored"))?;
        }
        println!("{}: everything is restored", database.name());
        Ok(())
    }
}

async fn refuse_if_filled(database: &Database, present: &[String]) -> Result<()> {
    let mut filled = Vec::new();
    for name in present.iter().filter(|name| !name.starts_with("system.")) {
        if database.collection::<RawDocumentBuf>(name).find_one(doc! {}).await?.is_some() {
            filled.push(name.as_str());
        }
    }
    if !filled.is_empty() {
        bail!(
            "database {} has documents in {}; to destroy them in favour of the backup, give --replace",
            database.name(),
            filled.join(", ")
        );
    }
    Ok(())
}

/// `count` is the number of documents that must be there in the end.
async fn restore(database: &Database, dumped: &Dumped, count: u64) -> Result<()> {
    let metadata = &dumped.metadata;
    let name = &metadata.collection_name;
    let collection = database.collection::<RawDocumentBuf>(name);
    collection.drop().await?;
    let mut create = doc! { "create": name };
    create.extend(metadata.options.clone());
    create.insert("writeConcern", majority());
    database.run_command(create).await?;
    if metadata.is_view() {
        println!("{name}: a view");
        return Ok(());
    }
    insert(&collection, dumped).await?;
    let indexes = create_indexes(database, dumped).await?;
    let restored = collection.count_documents(doc! {}).await?;
    ensure!(restored == count, "there are {restored} documents instead of {count}");
    println!("{name}: {restored} documents, {indexes} indexes");
    Ok(())
}

async fn insert(collection: &Collection<RawDocumentBuf>, dumped: &Dumped) -> Result<()> {
    let mut batch = Vec::new();
    let mut bytes = 0;
    for document in dumped.documents()? {
        let document = document?;
        bytes += document.as_bytes().len();
        batch.push(document);
        if batch.len() == BATCH_DOCUMENTS || bytes >= BATCH_BYTES {
            collection.insert_many(take(&mut batch)).await?;
            bytes = 0;
        }
    }
    if !batch.is_empty() {
        collection.insert_many(batch).await?;
    }
    Ok(())
}

/// Made after the documents, which is quicker. The number of indexes, that of `_id` included.
async fn create_indexes(database: &Database, dumped: &Dumped) -> Result<usize> {
    let indexes = &dumped.metadata.indexes;
    let wanted: Vec<Document> = indexes.iter().filter(|index| !comes_by_itself(index)).map(without_namespace).collect();
    if !wanted.is_empty() {
        let name = &dumped.metadata.collection_name;
        database
            .run_command(doc! { "createIndexes": name, "indexes": wanted, "writeConcern": majority() })
            .await
            .context("the indexes cannot be created")?;
    }
    Ok(indexes.len())
}

/// The index of `_id` and that of a clustered collection are made together with the collection.
fn comes_by_itself(index: &Document) -> bool {
    index.get_str("name").is_ok_and(|name| name == "_id_") || index.get_bool("clustered").unwrap_or(false)
}

/// Older servers named database and collection in each index, newer ones refuse that.
fn without_namespace(index: &Document) -> Document {
    let mut index = index.clone();
    index.remove("ns");
    index
}
