//! `cargo xtask images`: the container images of the services, all from `infra/docker/Dockerfile`.

use std::env;
use std::ffi::OsString;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use clap::Args;
use infra_local::fleet::SERVICES;

#[derive(Args)]
pub struct Images {
    /// The services whose images are built; all by default.
    #[arg(value_parser = SERVICES)]
    names: Vec<String>,
    /// Prefix of the image names. To push: a registry and a project.
    #[arg(long, default_value = "ticketing")]
    prefix: String,
    /// The tag.
    #[arg(long, default_value = "dev")]
    tag: String,
    /// Push them to the registry of the prefix.
    #[arg(long)]
    push: bool,
    /// Push them with a list of their parts (SBOM) and a record of how they were built (provenance). Needs docker's buildx.
    #[arg(long, requires = "push")]
    attest: bool,
    /// Load them into a cluster that does not share docker's images.
    #[arg(long, value_enum)]
    load: Option<Load>,
    /// Further arguments for `docker build`, after `--` or in this variable: a proxy, a network.
    #[arg(last = true, env = "DOCKER_BUILD_FLAGS", value_delimiter = ' ')]
    arguments: Vec<OsString>,
}

/// A cluster that takes images from docker.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Load {
    Kind,
    Minikube,
}

impl Images {
    pub fn run(mut self) -> Result<ExitCode> {
        // Skaffold names the one image that it wants, and says whether it is to be pushed.
        let wanted = env::var("IMAGE").ok().filter(|_| self.names.len() == 1);
        self.push |= wanted.is_some() && env::var("PUSH_IMAGE").is_ok_and(|push| push == "true");
        if self.names.is_empty() {
            self.names = SERVICES.map(str::to_owned).into();
        }
        let mut images = Vec::new();
        for name in &self.names {
            let image = wanted.clone().unwrap_or_else(|| format!("{}/{name}:{}", self.prefix, self.tag));
            eprintln!("=== {image}");
            self.build(name, &image)?;
            images.push(image);
        }
        match self.load {
            Some(Load::Kind) => {
                let name = env::var("KIND_CLUSTER_NAME").unwrap_or_else(|_| "ticketing".to_owned());
                run(Command::new("kind").args(["load", "docker-image", "--name", &name]).args(&images))?;
            }
            Some(Load::Minikube) => run(Command::new("minikube").args(["image", "load"]).args(&images))?,
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
            // Not for a developer's images: every commit would change all of them.
            docker.args(["--build-arg", &format!("VERSION={}", self.tag)]);
            docker.args(["--build-arg", &format!("REVISION={}", revision()?)]);
        }
        run(docker.args(&self.arguments).arg("."))?;
        if self.push && !self.attest {
            run(Command::new("docker").args(["push", image]))?;
        }
        Ok(())
    }
}

/// The commit that is built.
fn revision() -> Result<String> {
    let output = Command::new("git").args(["rev-parse", "HEAD"]).output().context("git cannot be run")?;
    ensure!(output.status.success(), "there is no commit to name in the image");
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("`{name}` cannot be run; is it installed?"))?;
    ensure!(status.success(), "`{name}` failed ({status})");
    Ok(())
}
