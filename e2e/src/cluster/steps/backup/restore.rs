//! A backup is worth what can be made of it: something is destroyed, put back, and compared.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use async_nats::jetstream;
use common::events::STREAM;
use futures::TryStreamExt;
use futures::future::try_join_all;
use mongodb::Database;
use mongodb::bson::{Document, doc};
use tokio::process::Command;
use tokio::time::timeout;

use super::jobs;
use crate::cluster::report::say;
use crate::cluster::stores::OpenStores;
use crate::cluster::workloads::Workload;
use crate::cluster::world::World;

const LIMIT: Duration = Duration::from_secs(900);

/// Those that write to the streams or listen to them.
const ON_THE_STREAM: [&str; 4] = ["tickets", "orders", "payments", "expiration"];

/// Half of the tickets are deleted and the others are changed; then their database is restored.
pub async fn tickets(world: &World) -> Result<Vec<String>> {
    let tickets = Workload::of_service("tickets").await?;
    tickets.scale(0, &world.undo).await?;
    let open = OpenStores::open().await?;
    let database = &open.stores.tickets;
    let before = documents(database).await?;
    jobs::run("tickets-mongo-backup", &world.undo).await?;
    destroy_half(database, &before).await?;
    restore("tickets").await?;
    let after = documents(database).await?;
    say(&format!("tickets has {} of {} documents again", after.len(), before.len()));
    tickets.scale_back(&world.undo).await?;
    let problem = "the restored tickets are not those that were backed up";
    Ok((before != after).then(|| problem.to_owned()).into_iter().collect())
}

/// Every document of every collection, in the order of collections and ids.
async fn documents(database: &Database) -> Result<Vec<(String, Document)>> {
    let mut documents = Vec::new();
    let mut names = database.list_collection_names().await?;
    names.sort();
    for name in names {
        let found = database.collection::<Document>(&name).find(doc! {}).sort(doc! {"_id": 1}).await?;
        let found: Vec<Document> = found.try_collect().await?;
        documents.extend(found.into_iter().map(|document| (name.clone(), document)));
    }
    Ok(documents)
}

async fn destroy_half(database: &Database, documents: &[(String, Document)]) -> Result<()> {
    let (collection, middle) = documents.get(documents.len() / 2).context("there are no tickets to lose")?;
    let collection = database.collection::<Document>(collection);
    let middle = middle.get("_id").context("a document has no id")?;
    let deleted = collection.delete_many(doc! {"_id": {"$gte": middle}}).await?.deleted_count;
    let changed = collection.update_many(doc! {}, doc! {"$set": {"title": "destroyed"}}).await?.modified_count;
    say(&format!("{deleted} tickets are deleted and {changed} changed"));
    Ok(())
}

/// The stream is deleted, and restored with what each consumer has heard.
pub async fn streams(world: &World) -> Result<Vec<String>> {
    let services = try_join_all(ON_THE_STREAM.map(Workload::of_service)).await?;
    try_join_all(services.iter().map(|service| service.scale(0, &world.undo))).await?;
    let open = OpenStores::open().await?;
    let before = positions(&open.stores.jetstream).await?;
    jobs::run("nats-backup", &world.undo).await?;
    open.stores.jetstream.delete_stream(STREAM).await?;
    say(&format!("the stream {STREAM} is deleted"));
    restore("nats").await?;
    let after = positions(&open.stores.jetstream).await?;
    after.iter().for_each(|line| println!("  {line}"));
    try_join_all(services.iter().map(|service| service.scale_back(&world.undo))).await?;
    let problem = || format!("the restored stream is not the one that was backed up, which had {}", before.join("; "));
    Ok((before != after).then(problem).into_iter().collect())
}

/// Where the stream begins and ends, and how far each service has heard it.
async fn positions(jetstream: &jetstream::Context) -> Result<Vec<String>> {
    let stream = jetstream.get_stream(STREAM).await.context("there is no stream")?;
    let state = &stream.cached_info().state;
    let mut lines =
        vec![format!("{} messages, from {} to {}", state.messages, state.first_sequence, state.last_sequence)];
    for service in ON_THE_STREAM {
        let consumer = stream.consumer_info(service).await.with_context(|| format!("{service} has no consumer"))?;
        lines.push(format!(
            "{service} has heard {} and has {} to hear",
            consumer.ack_floor.stream_sequence, consumer.num_pending
        ));
    }
    Ok(lines)
}

/// By the operator's own command.
async fn restore(store: &str) -> Result<()> {
    let mut command = Command::from(infra_local::cargo::command());
    command.args(["run", "--quiet", "--package", "xtask", "--", "cluster", "restore", store, "--replace"]);
    let status = timeout(LIMIT, command.kill_on_drop(true).status()).await;
    let status = status.with_context(|| format!("{store} is not restored within {} s", LIMIT.as_secs()))??;
    ensure!(status.success(), "`cargo xtask cluster restore {store} --replace` failed");
    Ok(())
}
