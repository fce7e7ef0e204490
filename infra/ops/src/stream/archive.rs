//! A stream's snapshot on the disk: `<stream>.tar.s2`, what the broker sent, and `<stream>.json`, what it said about it.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use flate2::Crc;
use serde::{Deserialize, Serialize};
use serde_json::Value;

const DESCRIPTION: &str = ".json";
const CONTENT: &str = ".tar.s2";

/// How much is read or sent at once, in bytes.
pub const CHUNK: usize = 128 * 1024;

/// What the broker said about a snapshot, and what the archive must therefore be.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Description {
    /// The stream's configuration.
    pub config: Value,
    /// The stream's state: numbers of messages and consumers, the last sequence.
    pub state: Value,
    /// Absent in a snapshot of another tool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<Fingerprint>,
}

/// By which a damaged archive is known before anything is deleted in favour of it.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Fingerprint {
    /// Its size.
    pub bytes: u64,
    /// Its checksum, CRC-32.
    pub crc32: u32,
}

/// An archive while it is written.
pub struct ArchiveOut {
    folder: PathBuf,
    stream: String,
    file: BufWriter<File>,
    crc: Crc,
    bytes: u64,
}

impl ArchiveOut {
    /// Creates it in the folder of a backup.
    ///
    /// # Errors
    /// The disk's.
    pub fn create(folder: &Path, stream: &str) -> Result<Self> {
        let path = folder.join(format!("{stream}{CONTENT}"));
        let file = File::create_new(&path).with_context(|| format!("{} cannot be created", path.display()))?;
        let (folder, stream) = (folder.to_owned(), stream.to_owned());
        Ok(Self { folder, stream, file: BufWriter::new(file), crc: Crc::new(), bytes: 0 })
    }

    /// Appends what the broker sent.
    ///
    /// # Errors
    /// The disk's.
    pub fn push(&mut self, chunk: &[u8]) -> Result<()> {
        self.crc.update(chunk);
        self.bytes += chunk.len() as u64;
        self.file.write_all(chunk).context("the archive cannot be written")
    }

    /// Writes the description and waits until both are on the disk. The archive's size in bytes.
    ///
    /// # Errors
    /// The disk's.
    pub fn finish(self, config: Value, state: Value) -> Result<u64> {
        self.file.into_inner()?.sync_all()?;
        let archive = Some(Fingerprint { bytes: self.bytes, crc32: self.crc.sum() });
        let description = Description { config, state, archive };
        let mut file = File::create_new(self.folder.join(format!("{}{DESCRIPTION}", self.stream)))?;
        serde_json::to_writer_pretty(&mut file, &description)?;
        file.sync_all()?;
        Ok(self.bytes)
    }
}

/// A snapshot in a backup.
#[derive(Clone, Debug)]
pub struct Archive {
    /// The stream's name.
    pub stream: String,
    /// What the broker said about it.
    pub description: Description,
    path: PathBuf,
}

/// All snapshots in the folder of a backup.
///
/// # Errors
/// When there is none, or one cannot be read.
pub fn open(folder: &Path) -> Result<Vec<Archive>> {
    let mut archives = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let path = entry?.path();
        let Some(stream) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(DESCRIPTION)) else { continue };
        let unreadable = || format!("{} cannot be read", path.display());
        let description =
            serde_json::from_slice(&fs::read(&path).with_context(unreadable)?).with_context(unreadable)?;
        let content = folder.join(format!("{stream}{CONTENT}"));
        archives.push(Archive { stream: stream.to_owned(), description, path: content });
    }
    ensure!(!archives.is_empty(), "{} holds no snapshot of a stream", folder.display());
    archives.sort_by(|one, other| one.stream.cmp(&other.stream));
    Ok(archives)
}

impl Archive {
    /// Reads everything once.
    ///
    /// # Errors
    /// When it is not what was written.
    pub fn verify(&self) -> Result<()> {
        let (mut crc, mut bytes) = (Crc::new(), 0);
        for chunk in self.chunks(CHUNK)? {
            let chunk = chunk?;
            crc.update(&chunk);
            bytes += chunk.len() as u64;
        }
        let found = Fingerprint { bytes, crc32: crc.sum() };
        let expected = self.description.archive.unwrap_or(found);
        ensure!(found == expected, "{} is damaged: its size or checksum is not what was written", self.path.display());
        Ok(())
    }

    /// Its content, in pieces of at most so many bytes.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn chunks(&self, size: usize) -> Result<impl Iterator<Item = Result<Vec<u8>>> + use<>> {
        let unreadable = format!("{} cannot be read", self.path.display());
        let file = File::open(&self.path).with_context(|| unreadable.clone())?;
        let mut file = BufReader::new(file);
        Ok(std::iter::from_fn(move || {
            let mut chunk = Vec::with_capacity(size);
            match file.by_ref().take(size as u64).read_to_end(&mut chunk) {
                Ok(0) => None,
                Ok(_) => Some(Ok(chunk)),
                Err(error) => Some(Err(error).context(unreadable.clone())),
            }
        }))
    }
}
