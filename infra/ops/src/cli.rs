//! The table of commands.

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::{mongo, reach, stream};

/// Initiates, backs up and restores the stores of the ticketing platform.
#[derive(Debug, Parser)]
#[command(name = "ops", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// MongoDB: replica set, user, backup, restore.
    #[command(subcommand)]
    Mongo(Mongo),
    /// NATS JetStream: streams and durable consumers, backup, restore.
    #[command(subcommand)]
    Stream(Stream),
    /// Whether a TCP connection can be made: exits with 0 if so, with 1 if not.
    Reach(reach::Reach),
}

#[derive(Debug, Subcommand)]
enum Mongo {
    /// Make the members one replica set with one user. Harmless to repeat.
    Init(mongo::init::Init),
    /// Write a dump of one moment of the database into a new folder.
    Backup(mongo::backup::Backup),
    /// Load a dump into the database.
    Restore(mongo::restore::Restore),
}

#[derive(Debug, Subcommand)]
enum Stream {
    /// Make the streams and durable consumers of a file. Harmless to repeat; deletes nothing.
    Init(stream::init::Init),
    /// Write a snapshot of each stream, consumers included, into a new folder.
    Backup(stream::backup::Backup),
    /// Make streams and consumers as they were when a snapshot was taken.
    Restore(stream::restore::Restore),
}

impl Cli {
    /// Does what the command says.
    ///
    /// # Errors
    /// [`Usage`](crate::settings::Usage) when a setting cannot be used; else what went wrong, in a sentence for the operator.
    pub async fn run(self) -> Result<()> {
        match self.command {
            Command::Mongo(Mongo::Init(init)) => init.run().await,
            Command::Mongo(Mongo::Backup(backup)) => backup.run().await,
            Command::Mongo(Mongo::Restore(restore)) => restore.run().await,
            Command::Stream(Stream::Init(init)) => init.run().await,
            Command::Stream(Stream::Backup(backup)) => backup.run().await,
            Command::Stream(Stream::Restore(restore)) => restore.run().await,
            Command::Reach(reach) => reach.run().await,
        }
    }
}
