//! A dump's files, as mongodump lays them out and mongorestore reads them: `<collection>.bson.gz`, the documents one after
//! another, and `<collection>.metadata.json.gz`, options and indexes. A view has only the latter.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use mongodb::bson::{Bson, Document, RawDocument, RawDocumentBuf, doc};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::extended_json::Canonical;

const METADATA: &str = ".metadata.json.gz";
const DOCUMENTS: &str = ".bson.gz";

/// Characters of a collection's name that stay as they are in a file's name.
const IN_FILE_NAMES: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'$');

/// A document has 16 MiB at most, and the server allows itself 16 KiB more.
const LARGEST_DOCUMENT: usize = 16 * 1024 * 1024 + 16 * 1024;

/// What there is to know of a collection besides its documents.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// Its name.
    pub collection_name: String,
    /// What it was created with: collation, validator, …
    #[serde(default)]
    pub options: Document,
    /// Its indexes, that of `_id` included.
    #[serde(default)]
    pub indexes: Vec<Document>,
}

impl Metadata {
    /// A view has no documents of its own.
    pub fn is_view(&self) -> bool {
        self.options.contains_key("viewOn")
    }

    /// Writes it into the folder of a dump.
    ///
    /// # Errors
    /// The disk's.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let content = doc! {
            "options": &self.options,
            "indexes": &self.indexes,
            "collectionName": &self.collection_name,
            "type": if self.is_view() { "view" } else { "collection" },
        };
        let mut file = create(&folder.join(file_name(&self.collection_name, METADATA)))?;
        serde_json::to_writer(&mut file, &Canonical(&Bson::Document(content)))?;
        finish(file)?;
        Ok(())
    }

    fn read(path: &Path) -> Result<Self> {
        Ok(serde_json::from_reader(BufReader::new(MultiGzDecoder::new(File::open(path)?)))?)
    }
}

/// The file of a collection's documents while it is written.
pub struct DocumentsOut {
    file: GzEncoder<BufWriter<File>>,
    documents: u64,
}

impl DocumentsOut {
    /// Creates the file in the folder of a dump.
    ///
    /// # Errors
    /// The disk's.
    pub fn create(folder: &Path, collection: &str) -> Result<Self> {
        Ok(Self { file: create(&folder.join(file_name(collection, DOCUMENTS)))?, documents: 0 })
    }

    /// Appends one document, byte by byte as the server sent it.
    ///
    /// # Errors
    /// The disk's.
    pub fn push(&mut self, document: &RawDocument) -> Result<()> {
        self.documents += 1;
        self.file.write_all(document.as_bytes()).context("the documents cannot be written")
    }

    /// Waits until everything is on the disk. The number of documents, and the size of the file in bytes.
    ///
    /// # Errors
    /// The disk's.
    pub fn finish(self) -> Result<(u64, u64)> {
        Ok((self.documents, finish(self.file)?))
    }
}

/// A collection or view in a dump.
#[derive(Clone, Debug)]
pub struct Dumped {
    /// Its name, options and indexes.
    pub metadata: Metadata,
    documents: PathBuf,
}

/// Everything that a dump holds, collections first, because views read them.
///
/// # Errors
/// When the folder holds no dump, or one that cannot be understood.
pub fn open(folder: &Path) -> Result<Vec<Dumped>> {
    let mut dumped = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let path = entry?.path();
        let Some(stem) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(METADATA)) else { continue };
        let metadata = Metadata::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        dumped.push(Dumped { metadata, documents: folder.join(format!("{stem}{DOCUMENTS}")) });
    }
    ensure!(!dumped.is_empty(), "{} holds no dump of a database", folder.display());
    dumped.sort_by_key(|it| (it.metadata.is_view(), it.metadata.collection_name.clone()));
    Ok(dumped)
}

impl Dumped {
    /// Its documents, one after another; none if it is a view.
    ///
    /// # Errors
    /// When their file is missing. What is wrong within the file comes in place of a document.
    pub fn documents(&self) -> Result<Box<dyn Iterator<Item = Result<RawDocumentBuf>>>> {
        if self.metadata.is_view() {
            return Ok(Box::new(std::iter::empty()));
        }
        let path = self.documents.display().to_string();
        let file = File::open(&self.documents).with_context(|| format!("{path} cannot be opened"))?;
        let mut file = BufReader::new(MultiGzDecoder::new(file));
        let documents = std::iter::from_fn(move || read_document(&mut file).transpose());
        Ok(Box::new(documents.map(move |document| document.with_context(|| format!("{path} is damaged")))))
    }

    /// Reads everything once, checksums included. The number of documents.
    ///
    /// # Errors
    /// When the file is damaged or cut off.
    pub fn verify(&self) -> Result<u64> {
        let mut count = 0;
        for document in self.documents()? {
            document?;
            count += 1;
        }
        Ok(count)
    }
}

fn read_document(file: &mut impl BufRead) -> Result<Option<RawDocumentBuf>> {
    // An end here is one between two documents; an archive that was cut off gives an error instead.
    if file.fill_buf()?.is_empty() {
        return Ok(None);
    }
    let mut length = [0; 4];
    file.read_exact(&mut length)?;
    let size = usize::try_from(i32::from_le_bytes(length)).context("a document has a negative length")?;
    ensure!((5..=LARGEST_DOCUMENT).contains(&size), "a document cannot have {size} bytes");
    let mut bytes = vec![0; size];
    bytes[..4].copy_from_slice(&length);
    file.read_exact(&mut bytes[4..])?;
    Ok(Some(RawDocumentBuf::from_bytes(bytes)?))
}

fn create(path: &Path) -> Result<GzEncoder<BufWriter<File>>> {
    let file = File::create_new(path).with_context(|| format!("{} cannot be created", path.display()))?;
    Ok(GzEncoder::new(BufWriter::new(file), Compression::default()))
}

fn finish(file: GzEncoder<BufWriter<File>>) -> Result<u64> {
    let file = file.finish()?.into_inner()?;
    file.sync_all()?;
    Ok(file.metadata()?.len())
}

fn file_name(collection: &str, suffix: &str) -> String {
    format!("{}{suffix}", utf8_percent_encode(collection, IN_FILE_NAMES))
}
