//! `cargo xtask cluster prepare`

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::{certificate, kubectl, secrets};

#[derive(Args)]
pub struct Prepare {
    /// Make no certificate: cert-manager does, or the gateway brings its own.
    #[arg(long)]
    no_certificate: bool,
}

impl Prepare {
    pub fn run(self) -> Result<ExitCode> {
        println!("context {}", kubectl::context()?);
        kubectl::show(&["apply", "--filename=infra/k8s/base/namespace.yaml"])?;
        secrets::create_missing()?;
        if !self.no_certificate {
            certificate::create_missing()?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
