//! Where a server's program is: on `PATH`, else in the cache, where it is put once.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::fetch;
use super::recipe::{Recipe, version_of};

/// Finds the program of a server, or says in one sentence what to install.
pub async fn locate(recipe: &'static Recipe) -> Result<PathBuf> {
    let search = tokio::task::spawn_blocking(|| {
        let (name, (major, minor)) = (recipe.name, recipe.oldest);
        if version_of(Path::new(name)).is_some_and(|version| version >= recipe.oldest) {
            return Ok(name.into());
        }
        let fetched = fetch::cache_dir().and_then(|cache| fetch::cached_or_fetched(&cache, recipe));
        fetched.with_context(|| {
            format!(
                "{name} is needed: install version {major}.{minor} or newer on PATH, or Python 3 with pip to fetch it"
            )
        })
    });
    search.await.context("the search for a server failed")?
}
