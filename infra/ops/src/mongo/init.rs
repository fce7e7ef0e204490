//! `ops mongo init`: from empty servers, or from the set that is there, to the set and the user that are wanted.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;

use super::member::Host;
use super::replica_set::ReplicaSet;
use super::user::{Change, User};
use crate::patience::Patience;
use crate::settings::{Secret, Usage};

/// A set has at most so many members that vote, and here all do.
const MOST_MEMBERS: usize = 7;

/// The set and the user that are wanted.
#[derive(Args, Debug)]
pub struct Init {
    /// The members, at most 7: HOST:PORT,HOST:PORT,… by the names under which they reach each other.
    #[arg(long, env = "MONGO_MEMBERS", value_delimiter = ',', required = true, value_name = "HOST:PORT,…")]
    members: Vec<Host>,
    /// The key file that all members share.
    #[arg(long, env = "MONGO_KEYFILE", value_name = "FILE")]
    keyfile: PathBuf,
    /// The service's user.
    #[arg(long, env = "MONGO_USER", value_name = "NAME")]
    user: String,
    /// The user's password.
    #[arg(long, env = "MONGO_PASSWORD", hide_env_values = true)]
    password: Secret,
    /// The service's database, on which the user has the role readWrite.
    #[arg(long, env = "MONGO_DATABASE", value_name = "NAME")]
    database: String,
    /// The name of the set, as on the members' command lines.
    #[arg(long, env = "MONGO_REPLICA_SET", default_value = "rs0", value_name = "NAME")]
    replica_set: String,
    /// How long it may take, in seconds.
    #[arg(long, default_value = "300", value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    within: u64,
}

impl Init {
    /// Does what is missing, and nothing when nothing is.
    ///
    /// # Errors
    /// When the members do not become a set in time, or the user cannot be made.
    pub async fn run(self) -> Result<()> {
        let patience = Patience::of(Duration::from_secs(self.within));
        let mut set = ReplicaSet::new(&self.replica_set, &self.checked_members()?, self.key()?)?;
        set.wait_for_members(&patience).await?;

        let name = format!("replica set {}", self.replica_set);
        let initiated = patience.keep_trying(&name, async || set.initiate().await).await?;
        println!("{name} {}", if initiated { "was initiated" } else { "exists" });
        let mut unchanged = !initiated;
        while let Some(step) = patience.keep_trying(&name, async || set.take_step().await).await? {
            println!("{step}");
            unchanged = false;
        }

        let primary = set.primary().await.context("the primary has just gone away")?;
        println!("{} is the primary, all members are well", primary.host);
        let user = User { name: &self.user, password: &self.password, database: &self.database };
        let change = user.ensure(primary).await?;
        println!("user {} of database {} {change}", self.user, self.database);
        if unchanged && change == Change::Nothing {
            println!("nothing was changed");
        }
        Ok(())
    }

    fn checked_members(&self) -> Result<Vec<Host>, Usage> {
        let repeated = (1..self.members.len()).find(|at| self.members[..*at].contains(&self.members[*at]));
        if let Some(repeated) = repeated {
            return Err(Usage(format!("--members: {} stands there twice", self.members[repeated])));
        }
        if self.members.len() > MOST_MEMBERS {
            return Err(Usage(format!("--members: there are more than {MOST_MEMBERS}")));
        }
        Ok(self.members.clone())
    }

    /// mongod ignores all white space in the file.
    fn key(&self) -> Result<Secret, Usage> {
        let path = self.keyfile.display();
        let text = fs::read_to_string(&self.keyfile).map_err(|error| Usage(format!("--keyfile {path}: {error}")))?;
        let key: String = text.split_whitespace().collect();
        key.parse().map_err(|problem| Usage(format!("--keyfile {path}: {problem}")))
    }
}
