//! Settings that several commands share, each a flag and a variable of the environment.

use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

/// A setting that cannot be used. The process exits with 64.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// A setting that must not be empty and is never shown, neither in a message nor in `--help`. The services have the same in
/// `common`; this tool does not depend on it, so that no edit to a service makes a new image of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The value, for the one who needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim().is_empty() { Err("it is empty") } else { Ok(Self(text.to_owned())) }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

/// Where a command that writes a backup puts it.
#[derive(Args, Clone, Debug)]
pub struct BackupTo {
    /// The folder in which each backup is a folder.
    #[arg(long, env = "BACKUP_DIR", default_value = "/backup", value_name = "DIR")]
    pub backup_dir: PathBuf,
    /// How many backups are kept, this one included.
    #[arg(long, env = "BACKUP_KEEP", default_value = "14", value_name = "COUNT")]
    pub backup_keep: NonZeroUsize,
}

/// Where a command that restores finds a backup.
#[derive(Args, Clone, Debug)]
pub struct RestoreFrom {
    /// The folder in which each backup is a folder.
    #[arg(long, env = "BACKUP_DIR", default_value = "/backup", value_name = "DIR")]
    pub backup_dir: PathBuf,
    /// The name of the backup's folder, or `latest`.
    #[arg(long, default_value = "latest", value_name = "NAME")]
    pub from: String,
    /// Destroy what is there in favour of the backup.
    #[arg(long)]
    pub replace: bool,
}
