//! `ops stream backup`: snapshots of streams, made by the broker and sent chunk by chunk.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use async_nats::{Message, StatusCode};
use chrono::Utc;
use clap::Args;
use futures::StreamExt;
use serde_json::json;
use tokio::time::timeout;

use super::archive::{ArchiveOut, CHUNK};
use super::broker::{Broker, Nats};
use crate::backups::{Backups, size};
use crate::patience::Patience;
use crate::settings::BackupTo;

/// What the folders of these backups begin with.
pub const NAME: &str = "stream";

/// How long it may take to connect.
const CONNECT: Duration = Duration::from_secs(30);

/// How long the broker may check a stream's messages before it answers.
const CHECK: Duration = Duration::from_secs(600);

/// How long the broker may be silent between two chunks.
const SILENCE: Duration = Duration::from_secs(60);

/// What to back up, and where to.
#[derive(Args, Debug)]
pub struct Backup {
    #[command(flatten)]
    nats: Nats,
    #[command(flatten)]
    to: BackupTo,
    /// The streams.
    #[arg(long, env = "STREAMS", value_delimiter = ',', default_value = "TICKETING,PARKED", value_name = "NAME,…")]
    streams: Vec<String>,
}

impl Backup {
    /// Writes a snapshot of each stream, and removes the oldest backups when all are complete.
    ///
    /// # Errors
    /// When the broker or the disk fails; then no backup is there that was not there before.
    pub async fn run(self) -> Result<()> {
        let broker = self.nats.connect(&Patience::of(CONNECT)).await?;
        let unfinished = Backups::new(&self.to.backup_dir, NAME).begin(Utc::now())?;
        for stream in &self.streams {
            snapshot(&broker, stream, unfinished.folder())
                .await
                .with_context(|| format!("stream {stream} cannot be backed up"))?;
        }
        unfinished.finish(self.to.backup_keep)
    }
}

async fn snapshot(broker: &Broker, stream: &str, folder: &Path) -> Result<()> {
    let connects = || broker.client.statistics().connects.load(Ordering::Relaxed);
    let connects_before = connects();
    let inbox = broker.client.new_inbox();
    let mut chunks = broker.client.subscribe(inbox.clone()).await?;
    let question = json!({ "deliver_subject": inbox, "no_consumers": false, "jsck": true, "chunk_size": CHUNK });
    let subject = format!("$JS.API.STREAM.SNAPSHOT.{stream}");
    let mut answer = broker.ask_within(CHECK, &subject, question.to_string().into()).await?;

    let mut archive = ArchiveOut::create(folder, stream)?;
    let mut count = 0;
    loop {
        let chunk = timeout(SILENCE, chunks.next()).await.context("the broker fell silent")?;
        let chunk = chunk.context("the connection was closed")?;
        if chunk.payload.is_empty() {
            check_end(&chunk)?;
            break;
        }
        count += 1;
        if let Some(reply) = &chunk.reply {
            ensure!(number(reply) == Some(count), "chunk {count} was lost");
            // The broker sends more only when it knows that some has arrived.
            broker.client.publish(reply.clone(), bytes::Bytes::new()).await?;
        }
        archive.push(&chunk.payload)?;
    }
    // The last chunk has no number, but nothing is lost as long as a connection lasts.
    ensure!(connects() == connects_before, "the connection broke");

    let state = answer["state"].take();
    let (messages, consumers) = (state["messages"].to_string(), state["consumer_count"].to_string());
    let bytes = archive.finish(answer["config"].take(), state)?;
    println!("{stream}: {messages} messages, {consumers} consumers, {}", size(bytes));
    Ok(())
}

/// Every chunk but the last asks for an ack to `….<its size>.<its number>`.
fn number(reply: &str) -> Option<u64> {
    reply.rsplit('.').next()?.parse().ok()
}

/// An empty message is the end, which may be a bad one.
fn check_end(message: &Message) -> Result<()> {
    match message.status {
        None | Some(StatusCode::OK) => Ok(()),
        Some(status) if status.as_u16() == 204 => Ok(()),
        Some(status) => bail!("the broker broke off: {status} {}", message.description.as_deref().unwrap_or_default()),
    }
}
