//! cargo as a child of a program that cargo itself may have started.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::{Deserializer, Value};

/// What cargo tells a program about its own package. Build scripts watch these (ring's among them): if they were passed on, half of
/// all dependencies would be built again, and once more by the next cargo that is called from a shell.
const ABOUT_OUR_PACKAGE: [&str; 5] =
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE"];

/// cargo in the workspace's root, with the environment that it would have when called from a shell.
pub fn command() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    let inherited = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for name in inherited.filter(|name| ABOUT_OUR_PACKAGE.iter().any(|prefix| name.starts_with(prefix))) {
        command.env_remove(name);
    }
    command
}

/// Builds all programs of the workspace and returns the folder they are in, which only cargo knows for sure.
pub async fn build(release: bool) -> Result<PathBuf> {
    let mut command = tokio::process::Command::from(command());
    command.args(["build", "--bins", "--message-format", "json-render-diagnostics"]);
    command.args(release.then_some("--release"));
    let built = command.kill_on_drop(true).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn();
    let output = built.context("cargo is needed to build the services")?.wait_with_output().await?;
    ensure!(output.status.success(), "the services could not be built (see above)");
    let messages = Deserializer::from_slice(&output.stdout).into_iter::<Value>();
    let programs = messages.filter_map(|message| message.ok()?["executable"].as_str().map(PathBuf::from));
    let program = programs.last().context("cargo built no program")?;
    Ok(program.parent().map(PathBuf::from).unwrap_or_default())
}
