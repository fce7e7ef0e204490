//! `ops stream init`: the streams and durable consumers of a file.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::{Value, json};

use super::broker::{ApiError, Broker, Nats};
use super::copies::copies_are_there;
use super::topology::{Config, Consumer, Topology, differences, merged, name_of};
use crate::patience::{Attempt, Patience};

/// The streams and consumers that are wanted.
#[derive(Args, Debug)]
pub struct Init {
    #[command(flatten)]
    nats: Nats,
    /// A JSON file: {"streams": [configuration, …], "consumers": [{"stream": name, "config": configuration}, …]}
    #[arg(long, env = "STREAM_TOPOLOGY", value_name = "FILE")]
    topology: PathBuf,
    /// Copies of each stream, instead of what the file says: 1, or 3 on a cluster of three.
    #[arg(long, env = "STREAM_REPLICAS", value_name = "COUNT", value_parser = clap::value_parser!(u8).range(1..=5))]
    stream_replicas: Option<u8>,
    /// How long it may take, in seconds.
    #[arg(long, default_value = "300", value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    within: u64,
}

/// What became of a stream or a consumer.
#[derive(Debug, PartialEq)]
enum Change {
    Created,
    Updated(Vec<String>),
    Nothing,
}

impl Init {
    /// Does what is missing, and nothing when nothing is.
    ///
    /// # Errors
    /// When the broker refuses something or is not there in time.
    pub async fn run(self) -> Result<()> {
        let patience = Patience::of(Duration::from_secs(self.within));
        let mut topology = Topology::read(&self.topology)?;
        let broker = self.nats.connect(&patience).await?;
        let mut unchanged = true;
        for stream in &mut topology.streams {
            if let Some(replicas) = self.stream_replicas {
                stream.insert("num_replicas".to_owned(), replicas.into());
            }
            let what = format!("stream {}", name_of(stream, "name"));
            let change = patience.keep_trying(&what, async || or_wait(ensure_stream(&broker, stream).await)).await;
            unchanged &= report(&what, &change.context(what.clone())?);
        }
        for stream in &topology.streams {
            let what = format!("the copies of stream {}", name_of(stream, "name"));
            patience.keep_trying(&what, async || copies_are_there(&broker, name_of(stream, "name")).await).await?;
        }
        for consumer in &topology.consumers {
            let what = format!("consumer {} of {}", consumer.durable(), consumer.stream);
            let change = patience.keep_trying(&what, async || or_wait(ensure_consumer(&broker, consumer).await)).await;
            unchanged &= report(&what, &change.context(what.clone())?);
        }
        if unchanged {
            println!("nothing was changed");
        }
        Ok(())
    }
}

/// True when there is nothing new to tell.
fn report(what: &str, change: &Change) -> bool {
    match change {
        Change::Created => println!("{what} was created"),
        Change::Updated(fields) => println!("{what} was updated: {}", fields.join(", ")),
        Change::Nothing => println!("{what} is as wanted"),
    }
    *change == Change::Nothing
}

fn or_wait<T>(result: Result<T>) -> Result<Attempt<T>> {
    match result {
        Ok(value) => Ok(Attempt::Done(value)),
        Err(error) => error.downcast::<ApiError>()?.unless_temporary(),
    }
}

async fn ensure_stream(broker: &Broker, wanted: &Config) -> Result<Change> {
    let name = name_of(wanted, "name");
    let (change, answer) = match broker.stream(name).await? {
        None => {
            let answer = broker.ask(&format!("STREAM.CREATE.{name}"), &json!(wanted)).await?;
            (Change::Created, answer)
        }
        Some(info) => {
            let fields = differences(wanted, &info["config"]);
            if fields.is_empty() {
                return Ok(Change::Nothing);
            }
            let config = merged(wanted, &info["config"]);
            (Change::Updated(fields), broker.ask(&format!("STREAM.UPDATE.{name}"), &config).await?)
        }
    };
    check_taken(wanted, &answer)?;
    Ok(change)
}

async fn ensure_consumer(broker: &Broker, wanted: &Consumer) -> Result<Change> {
    let (stream, name) = (&wanted.stream, wanted.durable());
    let (change, action, config) = match broker.consumer(stream, name).await? {
        None => (Change::Created, "create", json!(wanted.config)),
        Some(info) => {
            let fields = differences(&wanted.config, &info["config"]);
            if fields.is_empty() {
                return Ok(Change::Nothing);
            }
            (Change::Updated(fields), "update", merged(&wanted.config, &info["config"]))
        }
    };
    let request = json!({ "stream_name": stream, "config": config, "action": action });
    let answer = broker.ask(&format!("CONSUMER.CREATE.{stream}.{name}"), &request).await?;
    check_taken(&wanted.config, &answer)?;
    Ok(change)
}

/// The broker ignores fields that it does not know: a misspelt one would otherwise never be noticed.
fn check_taken(wanted: &Config, answer: &Value) -> Result<()> {
    let fields = differences(wanted, &answer["config"]);
    ensure!(fields.is_empty(), "the broker did not take these fields as they are: {}", fields.join(", "));
    Ok(())
}
