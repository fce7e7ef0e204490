use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use clap::ValueEnum;
use futures::FutureExt;
use tokio::signal::unix::{SignalKind, signal};

use super::kubectl::{self, NAMESPACE};
use super::platform::Platform;
use super::report::{Verdict, print_table, row, say, seconds};
use super::steps::Step;

/// What a shell reports of a program that Ctrl-C has ended.
const INTERRUPTED: u8 = 130;

/// Tries the platform on the cluster of the current kube context, step by step.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The steps, in the order given; all of them if there is none.
    #[arg(value_name = "STEP")]
    pub steps: Vec<Step>,
    /// The URL of the ingress, https://ticketing.dev for instance. Without it requests go through an edge router of our
    /// own; then this machine must reach the cluster's service addresses.
    #[arg(long)]
    pub url: Option<String>,
    /// Accept a self-signed certificate.
    #[arg(long, requires = "url")]
    pub insecure: bool,
    /// Orders per second of the load.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub rate: u32,
    /// How long the step `load` lasts, in seconds.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(10..=3600))]
    pub seconds: u64,
}

/// Takes the steps, puts everything back, and sums up. Exits with 0 when all steps are ok, 1 when any failed, 130 when it was
/// interrupted.
///
/// # Errors
/// When the cluster is not one to try things on.
pub async fn run(arguments: Arguments) -> Result<ExitCode> {
    let platform = Platform::new(arguments);
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let result = tokio::select! {
        result = take_steps(&platform) => result,
        _ = interrupt.recv() => Ok(ExitCode::from(INTERRUPTED)),
        _ = terminate.recv() => Ok(ExitCode::from(INTERRUPTED)),
    };
    platform.undo.run().await;
    platform.undo_at_the_end.run().await;
    result
}

async fn take_steps(platform: &Platform) -> Result<ExitCode> {
    let mut steps = platform.arguments.steps.clone();
    if steps.is_empty() {
        steps = Step::value_variants().to_vec();
    }
    println!("context   {}", kubectl::run(&["config", "current-context"]).await?.trim());
    println!("namespace {NAMESPACE}");
    if !steps.iter().all(|step| step.only_reads()) {
        refuse_others().await?;
    }
    let mut taken = Vec::new();
    for step in steps {
        let name = step.name();
        println!("\n=== {name}");
        let began = Instant::now();
        let verdict = AssertUnwindSafe(step.run(platform)).catch_unwind().await;
        let verdict = verdict.unwrap_or_else(|panic| Err(anyhow!("{}", words(&*panic))));
        let verdict = verdict.unwrap_or_else(|error| Verdict::new("stopped early", [format!("{error:#}")]));
        verdict.problems.iter().for_each(|problem| say(&format!("FAILED: {problem}")));
        platform.undo.run().await;
        taken.push((name, began.elapsed(), verdict));
    }
    Ok(sum_up(&taken))
}

/// Nothing is changed on a cluster that does not say it is ours, and nobody is asked for real money.
async fn refuse_others() -> Result<()> {
    let namespace = kubectl::get(&["namespace", NAMESPACE]).await?;
    ensure!(
        namespace["metadata"]["labels"]["app.kubernetes.io/part-of"] == "ticketing",
        "the namespace {NAMESPACE} of this context is not labelled app.kubernetes.io/part-of: ticketing"
    );
    let provider = kubectl::get(&["secret", "stripe-secret"]).await?;
    ensure!(provider["data"]["STRIPE_KEY"].is_null(), "payments asks Stripe for money (Secret stripe-secret)");
    Ok(())
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".to_owned())
}

fn sum_up(taken: &[(String, Duration, Verdict)]) -> ExitCode {
    println!("\n=== summary");
    let mut table = vec![row(["step", "took", "result", "what"])];
    for (step, took, verdict) in taken {
        let result = if verdict.problems.is_empty() { "ok" } else { "FAILED" };
        table.push(row([step.as_str(), &seconds(*took), result, &verdict.headline]));
    }
    print_table(&table);
    let problems = taken.iter().flat_map(|(step, _, verdict)| verdict.problems.iter().map(move |what| (step, what)));
    problems.clone().for_each(|(step, what)| println!("{step}: {what}"));
    if problems.count() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
