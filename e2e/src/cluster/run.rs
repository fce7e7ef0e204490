use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, anyhow, bail};
use clap::ValueEnum;
use futures::FutureExt;
use tokio::signal::unix::{SignalKind, signal};

use super::kubectl::{self, NAMESPACE};
use super::report::{Table, Verdict, say, seconds};
use super::undo::Undo;
use super::world::World;
use super::{Arguments, Step};

/// What a shell reports of a program that Ctrl-C has ended.
const INTERRUPTED: u8 = 130;

/// Takes the steps, puts everything back, and sums up. Exits with 0 when all is well, 1 when anything is not, 130 when it was
/// interrupted.
pub async fn run(arguments: Arguments) -> ExitCode {
    if arguments.list {
        list();
        return ExitCode::SUCCESS;
    }
    let (undo, lasting) = (Undo::default(), Undo::default());
    let result = tokio::select! {
        result = take_steps(arguments, &undo, &lasting) => result,
        result = interrupted() => result.map(|()| ExitCode::from(INTERRUPTED)),
    };
    undo.everything().await;
    lasting.everything().await;
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn list() {
    for step in Step::value_variants() {
        let value = step.to_possible_value();
        let help = value.as_ref().and_then(|value| value.get_help()).map(ToString::to_string);
        println!("{:<10} {}", value.as_ref().map_or("", |value| value.get_name()), help.unwrap_or_default());
    }
}

/// Ctrl-C and SIGTERM.
async fn interrupted() -> Result<()> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    say("interrupted");
    Ok(())
}

async fn take_steps(arguments: Arguments, undo: &Undo, lasting: &Undo) -> Result<ExitCode> {
    let all = Step::value_variants().to_vec();
    let steps = if arguments.steps.is_empty() { all } else { arguments.steps.clone() };
    println!("context   {}", kubectl::context().await?);
    println!("namespace {NAMESPACE}");
    refuse_strangers(&steps).await?;
    let world = World::new(arguments, undo.clone(), lasting.clone());
    let mut taken = Vec::new();
    for step in steps {
        println!("\n=== {step}");
        let began = Instant::now();
        let verdict = AssertUnwindSafe(step.run(&world)).catch_unwind().await;
        let verdict = verdict.unwrap_or_else(|panic| Err(anyhow!("{}", words(&*panic))));
        let verdict = verdict.unwrap_or_else(|error| Verdict::new("broke off").with([format!("{error:#}")]));
        verdict.failures.iter().for_each(|failure| say(&format!("NOT WELL: {failure}")));
        undo.everything().await;
        taken.push((step, began.elapsed(), verdict));
    }
    Ok(sum_up(&taken))
}

/// Nothing is changed on a cluster that does not say it is ours, and nobody is asked for real money.
async fn refuse_strangers(steps: &[Step]) -> Result<()> {
    let namespace = kubectl::get(&["namespace", NAMESPACE]).await?;
    let is_ours = namespace["metadata"]["labels"]["app.kubernetes.io/part-of"] == "ticketing";
    if steps.iter().any(|step| step.changes_something()) && !is_ours {
        bail!("the namespace {NAMESPACE} of this context is not labelled app.kubernetes.io/part-of: ticketing");
    }
    let provider = kubectl::get(&["secret", "stripe-secret"]).await?;
    if steps.iter().any(|step| step.buys()) && provider["data"]["STRIPE_KEY"].is_string() {
        bail!("payments asks Stripe for money (Secret stripe-secret): the steps that buy are for the sandbox only");
    }
    Ok(())
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".to_owned())
}

fn sum_up(taken: &[(Step, std::time::Duration, Verdict)]) -> ExitCode {
    println!("\n=== summary");
    let mut table = Table::new(&["step", "took", "result", "what"]);
    for (step, took, verdict) in taken {
        let result = if verdict.failures.is_empty() { "well" } else { "NOT WELL" };
        table.row([step.to_string(), seconds(*took), result.to_owned(), verdict.headline.clone()]);
    }
    table.print();
    let failures = taken.iter().flat_map(|(step, _, verdict)| verdict.failures.iter().map(move |what| (step, what)));
    failures.clone().for_each(|(step, what)| println!("{step}: {what}"));
    if failures.count() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
