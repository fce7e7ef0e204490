//! `cargo xtask release`: images that were pushed become what `prod` runs: signed, and named by their digests.

mod overlay;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::scan;

/// What `prod` runs.
const OVERLAY: &str = "infra/k8s/overlays/prod/kustomization.yaml";

#[derive(Args)]
pub struct Release {
    #[command(subcommand)]
    command: Step,
}

#[derive(Subcommand)]
enum Step {
    /// Ask the registry for the digests of the images, sign each image by its digest, and write the digests down.
    Sign(Sign),
    /// Write the digests into the overlay `prod`.
    Pin(Pin),
}

#[derive(Args)]
struct Sign {
    /// What the images' names begin with: a registry and a project.
    #[arg(long)]
    prefix: String,
    /// The tag under which they were pushed.
    #[arg(long)]
    tag: String,
    /// Where the digests are written.
    #[arg(long, value_name = "FILE")]
    digests: PathBuf,
}

#[derive(Args)]
struct Pin {
    /// Where the digests are.
    #[arg(long, value_name = "FILE")]
    digests: PathBuf,
}

/// A release, as one step hands it to the next.
#[derive(Debug, Deserialize, Serialize)]
pub struct Released {
    /// The tag of all images.
    pub tag: String,
    /// The images.
    pub images: Vec<Image>,
}

/// A pushed image.
#[derive(Debug, Deserialize, Serialize)]
pub struct Image {
    /// Its name in the manifests: `ticketing/auth`
    pub name: String,
    /// Its name in the registry, without a tag.
    pub new_name: String,
    /// `sha256:…`
    pub digest: String,
}

impl Release {
    pub fn run(self) -> Result<ExitCode> {
        match self.command {
            Step::Sign(sign) => sign.run()?,
            Step::Pin(pin) => pin.run()?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Sign {
    fn run(self) -> Result<()> {
        let images = scan::images(&self.prefix, &self.tag).into_iter();
        let images = images.map(|(name, image)| self.pushed(name, &image)).collect::<Result<Vec<_>>>()?;
        for image in &images {
            sign(image)?;
        }
        let released = Released { tag: self.tag, images };
        write(&self.digests, &format!("{}\n", serde_json::to_string_pretty(&released)?))
    }

    fn pushed(&self, name: &str, image: &str) -> Result<Image> {
        let digest = digest(image)?;
        println!("{image} is {digest}");
        Ok(Image { name: format!("ticketing/{name}"), new_name: format!("{}/{name}", self.prefix), digest })
    }
}

impl Pin {
    fn run(self) -> Result<()> {
        let text = fs::read(&self.digests).with_context(|| format!("{} cannot be read", self.digests.display()))?;
        let released: Released = serde_json::from_slice(&text).context("these are no digests of a release")?;
        let before = fs::read_to_string(OVERLAY).with_context(|| format!("{OVERLAY} cannot be read"))?;
        write(Path::new(OVERLAY), &overlay::pinned(&before, &released)?)?;
        println!("{OVERLAY} runs {}", released.tag);
        Ok(())
    }
}

/// What the registry has under this name: for all platforms, and with what was recorded of the build.
fn digest(image: &str) -> Result<String> {
    let inspect = ["buildx", "imagetools", "inspect", "--format", "{{json .Manifest}}", image];
    let output = Command::new("docker").args(inspect).stdin(Stdio::null()).output();
    let output = output.context("`docker` cannot be run; is it installed?")?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{image} cannot be asked for: {}", complaint.trim());
    let manifest: Value = serde_json::from_slice(&output.stdout)?;
    let digest = manifest["digest"].as_str().unwrap_or_default();
    ensure!(overlay::is_digest(digest), "the registry tells no digest of {image}");
    Ok(digest.to_owned())
}

/// Signs without a key of our own: the workflow's identity is certified for a few minutes, and that is recorded in public.
fn sign(image: &Image) -> Result<()> {
    let image = format!("{}@{}", image.new_name, image.digest);
    let status = Command::new("cosign").args(["sign", "--yes", &image]).status().context(
        "`cosign` cannot be run. It signs images in a registry; install it (https://docs.sigstore.dev) so that it is on PATH",
    )?;
    ensure!(status.success(), "cosign did not sign {image} ({status})");
    Ok(())
}

fn write(file: &Path, text: &str) -> Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(|| format!("{} cannot be created", folder.display()))?;
    }
    fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))
}
