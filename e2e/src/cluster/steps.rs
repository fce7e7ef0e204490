mod backup;
mod books;
mod deaths;
mod load;
mod policies;
mod rest;
mod rollouts;
mod rotation;
mod scale;
mod story;

use std::fmt;

use anyhow::Result;
use clap::ValueEnum;

use super::report::Verdict;
use super::world::World;

/// The services, in the order in which they are disturbed.
const SERVICES: [&str; 6] = ["auth", "tickets", "orders", "payments", "expiration", "client"];

/// What is tried. Each may be tried alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Step {
    /// A sale from signing up to a sold ticket, through the API and through the pages.
    Story,
    /// Memory and processor use of every pod while nobody asks for anything.
    Rest,
    /// The same under load, with what the clients saw.
    Load,
    /// Every service is rolled out anew under load: no request may fail.
    Rollouts,
    /// Every pod is deleted in turn under load, stores included: all must recover, nothing may be lost.
    Deaths,
    /// Every service gets three replicas and gives them back under load: no request may fail.
    Scale,
    /// Who may talk to whom: what is allowed answers, what is forbidden does not.
    Policies,
    /// The key of the sessions is replaced under load, with nobody signed out.
    Rotation,
    /// Every backup is made, and a database and the streams are restored from theirs.
    Backup,
    /// The books of everything there is, with their counts.
    Books,
}

impl Step {
    /// Tries it.
    pub async fn run(self, world: &World) -> Result<Verdict> {
        match self {
            Self::Story => story::run(world).await,
            Self::Rest => rest::run().await,
            Self::Load => load::run(world).await,
            Self::Rollouts => rollouts::run(world).await,
            Self::Deaths => deaths::run(world).await,
            Self::Scale => scale::run(world).await,
            Self::Policies => policies::run(world).await,
            Self::Rotation => rotation::run(world).await,
            Self::Backup => backup::run(world).await,
            Self::Books => books::run(world).await,
        }
    }

    /// Whether anything on the cluster is another thing afterwards, or was meanwhile.
    pub fn changes_something(self) -> bool {
        !matches!(self, Self::Rest | Self::Books)
    }

    /// Whether somebody pays for something.
    pub fn buys(self) -> bool {
        !matches!(self, Self::Rest | Self::Policies | Self::Backup | Self::Books)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value();
        f.write_str(value.as_ref().map_or("", |value| value.get_name()))
    }
}
