mod backup;
mod disturbed;
mod grow;
mod measured;
mod policies;
mod rotation;

use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;
use common::events::STREAM;
use common::timestamp::Timestamp;

use super::platform::Platform;
use super::report::{Verdict, say};
use crate::invariants::least_id;
use crate::stores::Stores;
use crate::story;

/// The services, in the order in which they are disturbed.
const SERVICES: [&str; 6] = ["auth", "tickets", "orders", "payments", "expiration", "client"];

/// What is tried. Each may be tried alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Step {
    /// A sale from signing up to a sold ticket, through the API and through the pages.
    Story,
    /// Memory and processor use of every pod without load.
    Rest,
    /// The same under load, with what the clients saw.
    Load,
    /// Every service is rolled out anew under load: no request may fail.
    Rollouts,
    /// Every pod is deleted in turn under load, stores included: all must recover, nothing may be lost.
    Deaths,
    /// Every service is scaled to three replicas and back under load: no request may fail.
    Scale,
    /// A MongoDB grows from one member to three and back under a light load: all must recover, nothing may be lost.
    Grow,
    /// Who may talk to whom: what is allowed answers, what is forbidden does not.
    Policies,
    /// The key of the sessions is replaced under load, with nobody signed out.
    Rotation,
    /// Every backup is made, and a database and the streams are restored from theirs.
    Backup,
    /// The invariants over all documents and events, and how many there are.
    Invariants,
}

impl Step {
    /// Tries it.
    pub async fn run(self, platform: &Platform) -> Result<Verdict> {
        match self {
            Self::Story => stories(platform).await,
            Self::Rest => measured::at_rest().await,
            Self::Load => measured::under_load(platform).await,
            Self::Rollouts => disturbed::rollouts(platform).await,
            Self::Deaths => disturbed::deaths(platform).await,
            Self::Scale => disturbed::scale(platform).await,
            Self::Grow => grow::run(platform).await,
            Self::Policies => policies::run(platform).await,
            Self::Rotation => rotation::run(platform).await,
            Self::Backup => backup::run(platform).await,
            Self::Invariants => invariants(platform).await,
        }
    }

    /// Whether it changes nothing on the cluster, and nobody pays for anything.
    pub fn only_reads(self) -> bool {
        matches!(self, Self::Rest | Self::Invariants)
    }

    /// Its name on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

async fn stories(platform: &Platform) -> Result<Verdict> {
    let site = platform.site().await?;
    say("a sale through the API");
    story::sale(site).await;
    say("a sale through the pages");
    story::pages(site).await;
    Ok(Verdict::new("two sales", platform.violations(None).await?))
}

/// From the beginning on, or from where the stream begins that does not keep its events for ever.
async fn invariants(platform: &Platform) -> Result<Verdict> {
    let stream = Stores::of_cluster().await?.jetstream.get_stream(STREAM).await?;
    let state = &stream.cached_info().state;
    let mut since = Timestamp::from_millis(0);
    if state.first_sequence > 1 {
        let first = Timestamp::from_millis((state.first_timestamp.unix_timestamp_nanos() / 1_000_000) as i64);
        since = first.after(Duration::from_secs(1));
    }
    Ok(Verdict::new("everything there is", platform.violations_since(least_id(since), None).await?))
}
