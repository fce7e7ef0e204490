//! Where a server's program comes from: `PATH`, else the cache, where it is put once.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::{Recipe, fetch};

/// Finds the program of a server, or says in one sentence what to install.
pub async fn locate(recipe: &'static Recipe) -> Result<PathBuf> {
    tokio::task::spawn_blocking(|| locate_blocking(recipe)).await.context("the search for a server broke off")?
}

fn locate_blocking(recipe: &'static Recipe) -> Result<PathBuf> {
    let (name, (major, minor)) = (recipe.name, recipe.oldest);
    if version(Path::new(name)).is_some_and(|version| version >= recipe.oldest) {
        return Ok(name.into());
    }
    fetch::cached_or_fetched(recipe).with_context(|| {
        format!(
            "{name} is needed: install version {major}.{minor} or newer so that it is on PATH, or Python 3 with pip, \
             by which it is fetched"
        )
    })
}

/// Major and minor version as the program itself tells, or nothing if it does not run.
pub fn version(program: &Path) -> Option<(u32, u32)> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let number =
        text.split(|c: char| !c.is_ascii_digit() && c != '.').find(|part| part.contains('.') && part.len() > 2)?;
    let mut parts = number.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}
