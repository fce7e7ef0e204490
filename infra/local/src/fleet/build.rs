//! The services' programs, built by cargo.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use tokio::process::Command;

use super::SERVICES;
use crate::cargo;

/// Where the six programs come from.
#[derive(Debug, Clone)]
pub enum Programs {
    /// This folder, in which they lie.
    Folder(PathBuf),
    /// `cargo build`, which builds what has changed.
    Build {
        /// With optimisation.
        release: bool,
    },
}

impl Programs {
    /// The folder with the programs, built first if need be.
    pub async fn folder(&self) -> Result<PathBuf> {
        match self {
            Self::Folder(folder) => Ok(folder.clone()),
            Self::Build { release } => build(*release).await,
        }
    }
}

/// Builds the six programs and tells the folder they are in, which cargo alone knows for sure.
pub async fn build(release: bool) -> Result<PathBuf> {
    let mut command = Command::from(cargo::command());
    command.args(["build", "--message-format", "json-render-diagnostics"]);
    command.args(release.then_some("--release"));
    for service in SERVICES {
        command.args(["--package", service, "--bin", service]);
    }
    let built = command.kill_on_drop(true).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn();
    let output = built.context("cargo is needed to build the services")?.wait_with_output().await?;
    ensure!(output.status.success(), "the services could not be built (see above)");
    let program = serde_json::Deserializer::from_slice(&output.stdout)
        .into_iter::<Message>()
        .filter_map(|message| message.ok()?.executable)
        .last()
        .context("cargo built no program")?;
    Ok(program.parent().map(PathBuf::from).unwrap_or_default())
}

#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
}
