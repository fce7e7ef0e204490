//! The folder of backups: each is a folder `<name>-<UTC time>`, and is there whole or not at all.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::ErrorKind;
use std::num::NonZeroUsize;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use chrono::{DateTime, NaiveDateTime, Utc};

/// `20261123T051000Z`. Names sort as the times do.
const TIME: &str = "%Y%m%dT%H%M%SZ";

/// What the folder of a backup is called while it is being written.
const PARTIAL: &str = ".partial";

/// The backups of one store.
#[derive(Clone, Debug)]
pub struct Backups {
    folder: PathBuf,
    name: String,
}

/// A backup that is being written. Dropped unfinished, it leaves a folder that the next backup clears away.
#[derive(Debug)]
pub struct Unfinished {
    backups: Backups,
    partial: PathBuf,
    name: String,
    _lock: File,
}

impl Backups {
    /// Those that are called `<name>-<UTC time>` in this folder, which others may share.
    pub fn new(folder: &Path, name: &str) -> Self {
        Self { folder: folder.to_owned(), name: name.to_owned() }
    }

    /// The names of the complete ones, oldest first.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn complete(&self) -> Result<Vec<String>> {
        let mut names: Vec<String> = self.names()?.into_iter().filter(|name| self.is_complete(name)).collect();
        names.sort();
        Ok(names)
    }

    /// The folder of a complete one: the one of this name, which may be another store's, or the `latest`.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(&self, from: &str) -> Result<PathBuf> {
        let name = match from {
            "latest" => self
                .complete()?
                .pop()
                .with_context(|| format!("there is no backup {}-* in {}", self.name, self.folder.display()))?,
            name => name.to_owned(),
        };
        ensure!(!name.contains('/') && !name.starts_with('.'), "{name} is not the name of a folder");
        ensure!(!name.ends_with(PARTIAL), "{name} was never finished");
        let folder = self.folder.join(&name);
        ensure!(folder.is_dir(), "there is no backup {name} in {}", self.folder.display());
        Ok(folder)
    }

    /// Clears what an earlier backup left unfinished, and begins a new one.
    ///
    /// # Errors
    /// When another process is writing one, or the folder is not writable.
    pub fn begin(&self, now: DateTime<Utc>) -> Result<Unfinished> {
        let folder = self.folder.display();
        fs::create_dir_all(&self.folder).with_context(|| format!("{folder} cannot be created"))?;
        let lock = File::create(self.folder.join(format!(".{}.lock", self.name)))
            .with_context(|| format!("{folder} is not writable"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!("another backup of {} is being written to {folder}", self.name),
            Err(TryLockError::Error(error)) => return Err(error).with_context(|| format!("{folder} cannot be locked")),
        }
        for name in self.names()? {
            if name.strip_suffix(PARTIAL).is_some_and(|name| self.is_complete(name)) {
                fs::remove_dir_all(self.folder.join(&name)).with_context(|| format!("{name} cannot be removed"))?;
                println!("removed {name}, which was never finished");
            }
        }
        let name = format!("{}-{}", self.name, now.format(TIME));
        ensure!(!self.folder.join(&name).exists(), "there is a backup {name} already");
        let partial = self.folder.join(format!("{name}{PARTIAL}"));
        // Others must not read what is in a database, not even from its backup.
        DirBuilder::new()
            .mode(0o750)
            .create(&partial)
            .with_context(|| format!("{} cannot be created", partial.display()))?;
        Ok(Unfinished { backups: self.clone(), partial, name, _lock: lock })
    }

    /// Removes the oldest complete ones until so many are left.
    fn prune(&self, keep: NonZeroUsize) -> Result<()> {
        let names = self.complete()?;
        for name in &names[..names.len().saturating_sub(keep.get())] {
            // Under another name first: should the removal be cut short, what is left must not pass for a backup.
            let doomed = self.folder.join(format!("{name}{PARTIAL}"));
            fs::rename(self.folder.join(name), &doomed)
                .and_then(|()| fs::remove_dir_all(&doomed))
                .with_context(|| format!("{name} cannot be removed"))?;
            println!("removed {name}, the {keep} newest are kept");
        }
        Ok(())
    }

    fn names(&self) -> Result<Vec<String>> {
        let unreadable = || format!("{} cannot be read", self.folder.display());
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error).with_context(unreadable),
        };
        let mut names = Vec::new();
        for entry in entries {
            names.extend(entry.with_context(unreadable)?.file_name().into_string());
        }
        Ok(names)
    }

    /// Whether it is the name of one of ours: what follows must be a time, for one name may begin with another.
    fn is_complete(&self, name: &str) -> bool {
        let time = name.strip_prefix(&self.name).and_then(|rest| rest.strip_prefix('-'));
        time.is_some_and(|time| NaiveDateTime::parse_from_str(time, TIME).is_ok())
    }
}

impl Unfinished {
    /// The folder to write into.
    pub fn folder(&self) -> &Path {
        &self.partial
    }

    /// Removes what was written so far.
    ///
    /// # Errors
    /// When the files cannot be removed.
    pub fn start_over(&self) -> Result<()> {
        for entry in fs::read_dir(&self.partial)? {
            fs::remove_file(entry?.path())?;
        }
        Ok(())
    }

    /// Gives it its name once everything is on the disk, and removes the oldest beyond the number to keep.
    ///
    /// # Errors
    /// When the folder cannot be synced or renamed.
    pub fn finish(self, keep: NonZeroUsize) -> Result<()> {
        let complete = self.backups.folder.join(&self.name);
        sync(&self.partial)?;
        fs::rename(&self.partial, &complete)
            .with_context(|| format!("{} cannot be renamed", self.partial.display()))?;
        sync(&self.backups.folder)?;
        println!("wrote {}", complete.display());
        self.backups.prune(keep)
    }
}

/// Waits until the names in a folder are on the disk.
fn sync(folder: &Path) -> Result<()> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.with_context(|| format!("{} cannot be synced", folder.display()))
}

/// A number of bytes for people.
pub fn size(bytes: u64) -> String {
    let mut amount = bytes as f64;
    for unit in ["bytes", "KiB", "MiB", "GiB"] {
        if amount < 1024.0 {
            return if unit == "bytes" { format!("{bytes} bytes") } else { format!("{amount:.1} {unit}") };
        }
        amount /= 1024.0;
    }
    format!("{amount:.1} TiB")
}
