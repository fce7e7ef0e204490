//! The platform on the cluster of the current kube context, tried step by step: `cargo xtask cluster test`.

use std::process::ExitCode;

use clap::Parser;
use e2e::cluster::{self, Arguments};

#[tokio::main]
async fn main() -> ExitCode {
    cluster::run(Arguments::parse()).await
}
