//! `cargo xtask cluster kind`

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use clap::Args;

use super::kubectl;

/// The controller as its project publishes it for kind. Retired in March 2026, so this is its last release.
const INGRESS_NGINX: &str = "https://raw.githubusercontent.com/kubernetes/ingress-nginx/controller-v1.15.1/deploy/static/provider/kind/deploy.yaml";

#[derive(Args)]
pub struct Kind {
    /// The cluster's name.
    #[arg(long, default_value = "ticketing")]
    name: String,
}

impl Kind {
    pub fn run(self) -> Result<ExitCode> {
        let create = ["create", "cluster", "--name", &self.name, "--config", "infra/kind.yaml", "--wait", "120s"];
        let status = Command::new("kind").args(create).status().context("`kind` cannot be run; is it installed?")?;
        ensure!(status.success(), "kind did not create the cluster ({status})");
        kubectl::show(&["apply", "--filename", INGRESS_NGINX])?;
        let controller = ["--namespace", "ingress-nginx", "rollout", "status", "deployment/ingress-nginx-controller"];
        kubectl::show(&[controller.as_slice(), &["--timeout=180s"]].concat())?;
        Ok(ExitCode::SUCCESS)
    }
}
