//! `cargo xtask scan`: known weaknesses in the container images.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use clap::Args;
use infra_local::fleet::SERVICES;

use crate::images::OPS;

#[derive(Args)]
pub struct Scan {
    /// What the images' names begin with.
    #[arg(long, default_value = "ticketing")]
    prefix: String,
    /// The tag.
    #[arg(long, default_value = "dev")]
    tag: String,
    /// What fails the scan, if there is a mended version of it.
    #[arg(long, default_value = "HIGH,CRITICAL")]
    severity: String,
}

/// Name and full name of every image: the services, and the tool that Jobs in the cluster run.
pub fn images(prefix: &str, tag: &str) -> Vec<(&'static str, String)> {
    let names = SERVICES.into_iter().chain([OPS]);
    names.map(|name| (name, format!("{prefix}/{name}:{tag}"))).collect()
}

impl Scan {
    pub fn run(self) -> Result<ExitCode> {
        let mut weak = Vec::new();
        for (name, image) in images(&self.prefix, &self.tag) {
            eprintln!("=== {image}");
            let status = Command::new("trivy")
                .args([
                    "image",
                    "--quiet",
                    "--ignore-unfixed",
                    "--exit-code",
                    "1",
                    "--severity",
                    &self.severity,
                    &image,
                ])
                .status()
                .context(
                    "`trivy` cannot be run. It knows which versions of what is in an image have weaknesses; \
                     install it (https://trivy.dev) so that it is on PATH",
                )?;
            if !status.success() {
                weak.push(name);
            }
        }
        if !weak.is_empty() {
            bail!("weaknesses were found in, or no scan was made of: {}", weak.join(", "));
        }
        Ok(ExitCode::SUCCESS)
    }
}
