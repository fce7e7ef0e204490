//! The folder in which a fleet's data survives between runs.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::servers::fetch::user_folder;

/// `$XDG_STATE_HOME/ticketing`, else `~/.local/state/ticketing`.
pub fn folder() -> Result<PathBuf> {
    user_folder("XDG_STATE_HOME", ".local/state")
        .context("there is no place for the data: set XDG_STATE_HOME to a folder")
}

/// Makes the folder ours alone while the returned lock lives; a second fleet on it is refused. `fresh` empties it.
pub(super) fn take(folder: &Path, fresh: bool) -> Result<File> {
    let unwritable = || format!("{} cannot be written to", folder.display());
    fs::create_dir_all(folder).with_context(unwritable)?;
    let lock = File::create(folder.join("lock")).with_context(unwritable)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            bail!("the platform is already running with the data in {}: stop that one first", folder.display())
        }
        Err(TryLockError::Error(error)) => return Err(error).with_context(unwritable),
    }
    if fresh {
        empty(folder).with_context(|| format!("{} cannot be emptied", folder.display()))?;
    }
    Ok(lock)
}

/// Removes what a fleet puts there and nothing else, in case the folder is somebody's own. The lock stays: it is held.
fn empty(folder: &Path) -> std::io::Result<()> {
    for name in ["mongod", "nats", "redis", "jwt_key"] {
        let path = folder.join(name);
        if path.is_dir() {
            fs::remove_dir_all(path)?;
        } else if path.exists() {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// A session key made at random.
pub(super) fn new_jwt_key() -> String {
    format!("{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>())
}

/// The session key in the folder, made the first time, so that sessions outlive a restart.
pub(super) fn kept_jwt_key(folder: &Path) -> Result<String> {
    let file = folder.join("jwt_key");
    if let Some(key) = fs::read_to_string(&file).ok().filter(|key| !key.is_empty()) {
        return Ok(key);
    }
    let key = new_jwt_key();
    let mut options = File::options();
    options.write(true).create(true).truncate(true).mode(0o600);
    let written = options.open(&file).and_then(|mut file| file.write_all(key.as_bytes()));
    written.with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(key)
}
