//! `payments reconcile`: after a restore of the payments database, and before it serves, the provider is asked for what the
//! database has forgotten. Money that is held or was taken is adopted; an intent that holds nothing and that nobody remembers is
//! cancelled, or a browser could still confirm it.
//!
//! It may be repeated, and interrupted, at any time.

use std::fmt;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use common::config::ProcessConfig;
use common::error::{ApiError, StartError};
use common::mongo::Aggregate;
use common::service::Configuration;
use common::timestamp::Timestamp;

use crate::config::Config;
use crate::decide::Keep;
use crate::models::payments;
use crate::provider::{Found, IntentState};
use crate::state::Payments;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Asks the provider for the intents that this database has forgotten, and adopts them. For after a restore, before payments serves.
#[derive(Clone, Debug, Parser)]
#[command(name = "payments reconcile", version)]
pub struct Reconcile {
    #[command(flatten)]
    #[allow(missing_docs, reason = "the group says it")]
    pub config: Config,
    /// From how many days back on: since before the backup was made.
    #[arg(long = "since", value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub since_days: u32,
}

impl Configuration for Reconcile {
    fn process(&self) -> &ProcessConfig {
        &self.config.process
    }
}

/// What became of an intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The database knows it. The service settles it as always.
    Known,
    /// It is over: nothing is held, nothing was taken.
    Over,
    /// It is stored again.
    Adopted,
    /// It held nothing and was cancelled.
    Cancelled,
    /// It holds money, or has taken some, and its order has another payment or is closed. An operator decides.
    InTheWay,
    /// It could not be read, or not be settled, for this cause. A repetition begins with it.
    Failed(String),
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Known => "known",
            Self::Over => "over",
            Self::Adopted => "adopted",
            Self::Cancelled => "cancelled, it held nothing",
            Self::InTheWay => "NOT ADOPTED, the order has another payment or is closed: settle it at the provider",
            Self::Failed(cause) => return write!(f, "FAILED, {cause}: repeat it, or settle it at the provider"),
        })
    }
}

/// Runs the subcommand: a line for each intent that was changed or needs an operator, and a summary. It fails when one does.
pub async fn run(command: Reconcile) -> Result<ExitCode, StartError> {
    let since =
        Timestamp::from_millis(Timestamp::now().millis() - i64::from(command.since_days) * DAY.as_millis() as i64);
    let parts = crate::connect(&command.config).await?;
    let fates = reconcile(&parts.payments, since).await.map_err(|error| StartError::Unavailable(error.to_string()))?;
    let count = |wanted| fates.iter().filter(|fate| **fate == wanted).count();
    let failed = fates.iter().filter(|fate| matches!(fate, Fate::Failed(_))).count();
    println!(
        "{} intents since {since}: {} known, {} over, {} adopted, {} cancelled, {} for an operator, {failed} failed",
        fates.len(),
        count(Fate::Known),
        count(Fate::Over),
        count(Fate::Adopted),
        count(Fate::Cancelled),
        count(Fate::InTheWay),
    );
    Ok(if count(Fate::InTheWay) + failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What became of every intent since then; those that need a look are printed at once. Those with money come first: the others
/// must not take their orders' slots. One that fails is in nobody's way.
pub async fn reconcile(payments: &Payments, since: Timestamp) -> Result<Vec<Fate>, ApiError> {
    let (mut intents, mut fates) = (Vec::new(), Vec::new());
    for listed in payments.provider.intents(since).await? {
        match listed {
            Ok(found) => intents.push(found),
            Err(error) => fates.push(tell("an intent", Fate::Failed(error.to_string()))),
        }
    }
    intents.sort_by_key(|found| (holds_nothing(&found.intent.state), found.order_id, found.number));
    for found in intents {
        let fate = settle_and_mark(payments, &found).await.unwrap_or_else(|error| Fate::Failed(error.to_string()));
        fates.push(tell(&found, fate));
    }
    Ok(fates)
}

fn tell(intent: impl fmt::Display, fate: Fate) -> Fate {
    if !matches!(fate, Fate::Known | Fate::Over) {
        println!("{intent}: {fate}");
    }
    fate
}

/// The service goes on with what is stored here: money that was refunded meanwhile is found to be so when it is refunded again.
async fn settle_and_mark(payments: &Payments, found: &Found) -> Result<Fate, ApiError> {
    let fate = settle(payments, found).await?;
    if found.is_refunded
        && let Some(payment) = payments::of_intent(&payments.store, &found.intent.id).await?
    {
        payments.change(payment.id(), |payment, now| payment.found_given_back(now)).await?;
    }
    Ok(fate)
}

async fn settle(payments: &Payments, found: &Found) -> Result<Fate, ApiError> {
    let id = &found.intent.id;
    if payments::of_intent(&payments.store, id).await?.is_some() {
        return Ok(Fate::Known);
    }
    if found.intent.state == IntentState::Cancelled {
        return Ok(Fate::Over);
    }
    if holds_nothing(&found.intent.state) && payments.provider.cancel(id).await? == IntentState::Cancelled {
        return Ok(Fate::Cancelled);
    }
    if adopt(payments, found).await? {
        return Ok(Fate::Adopted);
    }
    // An attempt from before the backup is in the way. It is a claim without the intent's id, or the provider has long decided it.
    let Some(mut payment) = payments::slot(&payments.store, found.order_id).await? else {
        return Ok(Fate::InTheWay);
    };
    if payment.is_claim_of(found) {
        payment = payments.change(payment.id(), |payment, now| payment.created(id, now)).await?;
    }
    payments.settle(payment, Keep::Nothing).await?;
    let is_stored = payments::of_intent(&payments.store, id).await?.is_some() || adopt(payments, found).await?;
    Ok(if is_stored { Fate::Adopted } else { Fate::InTheWay })
}

async fn adopt(payments: &Payments, found: &Found) -> Result<bool, ApiError> {
    Ok(payments::adopt(&payments.store, found, payments.clock.now()).await?)
}

fn holds_nothing(state: &IntentState) -> bool {
    matches!(state, IntentState::Unconfirmed | IntentState::NeedsAction { .. } | IntentState::Cancelled)
}
