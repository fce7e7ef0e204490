//! `ops stream restore`: streams and their consumers as they were when a snapshot was taken.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use clap::Args;
use serde_json::json;

use super::archive::{self, Archive, CHUNK};
use super::backup::NAME;
use super::broker::{Broker, Nats};
use super::copies::copies_are_there;
use crate::backups::Backups;
use crate::patience::Patience;
use crate::settings::RestoreFrom;

/// How long it may take to connect.
const CONNECT: Duration = Duration::from_secs(30);

/// How long the broker may take for one chunk.
const ONE_CHUNK: Duration = Duration::from_secs(60);

/// How long the broker may take to make the stream of what it was sent.
const LAST_CHUNK: Duration = Duration::from_secs(3600);

/// How long the other servers of a cluster may take to copy what one has made.
const COPIES: Duration = Duration::from_secs(600);

/// What to restore.
#[derive(Args, Debug)]
pub struct Restore {
    #[command(flatten)]
    nats: Nats,
    #[command(flatten)]
    from: RestoreFrom,
    /// Only these streams; else all that are in the backup.
    #[arg(long, env = "STREAMS", value_delimiter = ',', value_name = "NAME,…")]
    streams: Vec<String>,
    /// Copies of each stream, instead of as many as there were.
    #[arg(long, env = "STREAM_REPLICAS", value_name = "COUNT", value_parser = clap::value_parser!(u8).range(1..=5))]
    stream_replicas: Option<u8>,
}

impl Restore {
    /// Checks everything that can be checked before a stream is touched, then restores one after another.
    ///
    /// # Errors
    /// When the backup is damaged, a stream exists that need not be replaced, or the broker refuses.
    pub async fn run(self) -> Result<()> {
        let folder = Backups::new(&self.from.backup_dir, NAME).find(&self.from.from)?;
        println!("restoring {}", folder.display());
        let mut archives = archive::open(&folder)?;
        for stream in &self.streams {
            let is_there = archives.iter().any(|archive| archive.stream == *stream);
            ensure!(is_there, "there is no stream {stream} in {}", folder.display());
        }
        archives.retain(|archive| self.streams.is_empty() || self.streams.contains(&archive.stream));
        for archive in &mut archives {
            archive.verify()?;
            if let Some(replicas) = self.stream_replicas {
                archive.description.config["num_replicas"] = replicas.into();
            }
        }

        let broker = self.nats.connect(&Patience::of(CONNECT)).await?;
        let mut existing = Vec::new();
        for archive in &archives {
            if broker.stream(&archive.stream).await?.is_some() {
                existing.push(archive.stream.as_str());
            }
        }
        if !existing.is_empty() && !self.from.replace {
            bail!("there is {} already; to delete that in favour of the backup, give --replace", existing.join(", "));
        }
        for archive in &archives {
            let stream = &archive.stream;
            if existing.contains(&stream.as_str()) {
                broker.ask(&format!("STREAM.DELETE.{stream}"), &json!({})).await?;
                println!("{stream}: deleted");
            }
            restore(&broker, archive).await.with_context(|| format!("stream {stream} cannot be restored"))?;
        }
        Ok(())
    }
}

async fn restore(broker: &Broker, archive: &Archive) -> Result<()> {
    let (stream, description) = (&archive.stream, &archive.description);
    let question = json!({ "config": description.config, "state": description.state });
    let answer = broker.ask(&format!("STREAM.RESTORE.{stream}"), &question).await?;
    let deliver_to = answer["deliver_subject"].as_str().context("the broker does not say where to send the chunks")?;
    let chunk_size = CHUNK.min(broker.client.server_info().max_payload);
    for chunk in archive.chunks(chunk_size)? {
        broker.ask_within(ONE_CHUNK, deliver_to, chunk?.into()).await?;
    }
    let answer = broker.ask_within(LAST_CHUNK, deliver_to, Bytes::new()).await?;

    let (expected, restored) = (&description.state["last_seq"], &answer["state"]["last_seq"]);
    ensure!(restored == expected, "its last message is number {restored} instead of {expected}");
    let copies = format!("the copies of stream {stream}");
    Patience::of(COPIES).keep_trying(&copies, async || copies_are_there(broker, stream).await).await?;
    let info = broker.stream(stream).await?.context("it is not there")?;
    let (messages, before) = (&info["state"]["messages"], &description.state["messages"]);
    println!("{stream}: {messages} messages, {} consumers", info["state"]["consumer_count"]);
    if messages != before {
        println!("{stream}: there were {before} messages, some of which the stream need not keep any longer");
    }
    Ok(())
}
