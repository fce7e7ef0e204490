use clap::Parser;

use super::Step;

/// Tries the platform on the cluster of the current kube context, step by step.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask cluster test", bin_name = "cargo xtask cluster test")]
pub struct Arguments {
    /// The steps, in the order given; all of them if there is none.
    #[arg(value_name = "STEP")]
    pub steps: Vec<Step>,
    /// Name the steps and do nothing.
    #[arg(long)]
    pub list: bool,
    /// The URL of the ingress, https://ticketing.dev for instance. Without it an edge router of our own stands in for the
    /// ingress, where this machine reaches the cluster's service addresses.
    #[arg(long)]
    pub url: Option<String>,
    /// Accept a certificate that nobody has signed.
    #[arg(long, requires = "url")]
    pub insecure: bool,
    /// Orders per second of the load.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub rate: u32,
    /// How long the step `load` lasts, in seconds.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(10..=3600))]
    pub seconds: u64,
}
