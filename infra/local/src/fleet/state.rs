//! The folder in which a fleet's data survives between runs.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::servers::Home;

/// `$XDG_STATE_HOME/ticketing`, else `~/.local/state/ticketing`.
pub fn folder() -> Result<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("XDG_STATE_HOME")
        .or_else(|| variable("HOME").map(|home| home.join(".local/state")))
        .map(|state| state.join("ticketing"))
        .context("there is no place for the data: set XDG_STATE_HOME to a folder")
}

/// A state folder that is ours alone while this lives, or none.
#[derive(Debug)]
pub struct State {
    kept: Option<(PathBuf, File)>,
}

impl State {
    /// Takes the folder of a fleet that is kept; a second fleet on the same folder is refused. `fresh` empties it.
    pub fn take(home: &Home, fresh: bool) -> Result<Self> {
        let Home::Kept(folder) = home else { return Ok(Self { kept: None }) };
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
        Ok(Self { kept: Some((folder.clone(), lock)) })
    }

    /// Whether nothing of it is kept, as for a test.
    pub fn is_temporary(&self) -> bool {
        self.kept.is_none()
    }

    /// The place of one server.
    pub fn home(&self, server: &str) -> Home {
        self.kept.as_ref().map_or(Home::Temporary, |(folder, _)| Home::Kept(folder.join(server)))
    }

    /// `JWT_KEY` of our own environment, else one made at random the first time, so that sessions outlive a restart.
    pub fn jwt_key(&self) -> Result<String> {
        if let Some(key) = std::env::var("JWT_KEY").ok().filter(|key| !key.trim().is_empty()) {
            return Ok(key);
        }
        let new = format!("{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>());
        let Some((folder, _)) = &self.kept else { return Ok(new) };
        let file = folder.join("jwt_key");
        if let Some(key) = fs::read_to_string(&file).ok().filter(|key| !key.is_empty()) {
            return Ok(key);
        }
        let mut options = File::options();
        options.write(true).create(true).truncate(true).mode(0o600);
        let written = options.open(&file).and_then(|mut file| file.write_all(new.as_bytes()));
        written.with_context(|| format!("{} cannot be written", file.display()))?;
        Ok(new)
    }
}

/// Removes what a fleet puts there and nothing else, in case the folder is somebody's own. The lock stays: it is held.
fn empty(folder: &Path) -> std::io::Result<()> {
    for server in ["mongod", "nats", "redis"] {
        let path = folder.join(server);
        if path.exists() {
            fs::remove_dir_all(path)?;
        }
    }
    let key = folder.join("jwt_key");
    if key.exists() { fs::remove_file(key) } else { Ok(()) }
}
