//! `cargo xtask images`: the container images, all from `infra/docker/Dockerfile`.

use std::env;
use std::ffi::OsString;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use clap::Args;
use infra_local::fleet::SERVICES;

/// The cluster that `cargo xtask cluster kind` makes.
const KIND_CLUSTER: &str = "ticketing";

/// The tool that Jobs in the cluster run: an image like the services, but no service.
pub const OPS: &str = "ops";

#[derive(Args)]
pub struct Images {
    /// Which images: names of services, or `ops`. All of them if none is named.
    #[arg(value_parser = known)]
    names: Vec<String>,
    /// What the images' names begin with: a registry and a project for those that are pushed.
    #[arg(long, default_value = "ticketing")]
    prefix: String,
    /// The tag.
    #[arg(long, default_value = "dev")]
    tag: String,
    /// Push them to the registry of the prefix.
    #[arg(long)]
    push: bool,
    /// Record in the image of what and how it was made: a list of its parts (SBOM) and provenance. Only a registry can
    /// keep these, so this needs --push, and docker's buildx.
    #[arg(long, requires = "push")]
    attest: bool,
    /// Put them into a cluster that does not share docker's images.
    #[arg(long, value_enum)]
    load: Option<Load>,
    /// Further arguments for `docker build`, after `--`.
    #[arg(last = true)]
    arguments: Vec<OsString>,
}

/// A cluster that takes images from docker.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Load {
    Kind,
    Minikube,
}

fn known(name: &str) -> Result<String, String> {
    if SERVICES.contains(&name) || name == OPS {
        Ok(name.to_owned())
    } else {
        Err(format!("expected one of {}, {OPS}", SERVICES.join(", ")))
    }
}

impl Images {
    pub fn run(self) -> Result<ExitCode> {
        let names = if self.names.is_empty() {
            SERVICES.into_iter().chain([OPS]).map(str::to_owned).collect()
        } else {
            self.names.clone()
        };
        // Skaffold names the one image that it wants, and says whether it is to be pushed.
        let wanted = env::var("IMAGE").ok().filter(|_| names.len() == 1);
        let push = self.push || (wanted.is_some() && env::var("PUSH_IMAGE").is_ok_and(|push| push == "true"));
        let images: Vec<(String, String)> = names
            .into_iter()
            .map(|name| {
                let image = wanted.clone().unwrap_or_else(|| format!("{}/{name}:{}", self.prefix, self.tag));
                (name, image)
            })
            .collect();
        for (name, image) in &images {
            eprintln!("=== {image}");
            self.build(name, image)?;
            if push && !self.attest {
                run(Command::new("docker").args(["push", image]))?;
            }
        }
        let tags = || images.iter().map(|(_, image)| image);
        match self.load {
            Some(Load::Kind) => {
                let cluster = env::var("KIND_CLUSTER_NAME").unwrap_or_else(|_| KIND_CLUSTER.to_owned());
                run(Command::new("kind").args(["load", "docker-image", "--name", &cluster]).args(tags()))?;
            }
            Some(Load::Minikube) => run(Command::new("minikube").args(["image", "load"]).args(tags()))?,
            None => {}
        }
        Ok(ExitCode::SUCCESS)
    }

    fn build(&self, name: &str, image: &str) -> Result<()> {
        let mut docker = Command::new("docker");
        // Cache mounts need BuildKit, which older clients use only when told to.
        docker.env("DOCKER_BUILDKIT", "1");
        if self.attest {
            docker.args(["buildx", "build", "--push", "--sbom=true", "--provenance=mode=max"]);
        } else {
            docker.arg("build");
        }
        docker.args(["--file", "infra/docker/Dockerfile", "--target", name, "--tag", image]);
        if self.push {
            // Not for a developer's images: every commit would make all of them new.
            docker.args(["--build-arg", &format!("VERSION={}", self.tag)]);
            docker.args(["--build-arg", &format!("REVISION={}", revision()?)]);
        }
        // What a developer's docker needs (a proxy, a network) is the same for every call, also for Skaffold's.
        if let Ok(flags) = env::var("DOCKER_BUILD_FLAGS") {
            docker.args(flags.split_whitespace());
        }
        run(docker.args(&self.arguments).arg("."))
    }
}

/// The commit that is built.
fn revision() -> Result<String> {
    let output = Command::new("git").args(["rev-parse", "HEAD"]).output().context("git cannot be run")?;
    ensure!(output.status.success(), "there is no commit to name in the image");
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs a program in our place; its failure is ours.
fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("`{name}` cannot be run; is it installed?"))?;
    ensure!(status.success(), "`{name}` failed ({status})");
    Ok(())
}
