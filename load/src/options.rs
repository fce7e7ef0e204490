//! What `cargo xtask load` can be told, which starts this. Both read this file.

use clap::Args;

/// Send more and more visitors, who look, buy and sell, until the goal is missed.
#[derive(Args, Debug)]
pub struct Options {
    /// Where the platform is. Without it one is started for the purpose, and its invariants are checked afterwards.
    #[arg(long)]
    pub url: Option<String>,
    /// Visitors per second in the first step. Each further step has half as many more.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub rate: u32,
    /// How long visitors come in each step.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub seconds: u32,
    /// At most so many steps.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=50))]
    pub steps: u32,
    /// The goal: 99 of 100 answers come within so many milliseconds.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..))]
    pub p99_ms: u32,
    /// The goal: at most so many percent of the requests fail, 0 to 100. What is refused because somebody else was faster has not failed.
    #[arg(long, default_value_t = 0.1, value_parser = percent)]
    pub errors_percent: f64,
    /// Instead: so many buyers sign up, and want the same 20 tickets at the same moment.
    #[arg(long, value_name = "BUYERS", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub on_sale: Option<u32>,
}

fn percent(text: &str) -> Result<f64, String> {
    let percent = text.parse().ok().filter(|percent| (0.0..=100.0).contains(percent));
    percent.ok_or_else(|| "a number between 0 and 100".to_owned())
}
