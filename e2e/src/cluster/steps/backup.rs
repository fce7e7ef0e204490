//! A backup is worth what can be made of it: something is destroyed, put back, and compared.

use anyhow::{Context, Result, ensure};
use async_nats::jetstream;
use common::events::STREAM;
use futures::TryStreamExt;
use mongodb::Database;
use mongodb::bson::{Document, doc};
use tokio::time::Instant;

use crate::cluster::jobs;
use crate::cluster::kubectl::{self, text};
use crate::cluster::platform::Platform;
use crate::cluster::report::{Verdict, say, seconds};
use crate::cluster::restore::restore;
use crate::cluster::workloads::Workload;
use crate::invariants::LISTENERS;
use crate::stores::Stores;

pub async fn run(platform: &Platform) -> Result<Verdict> {
    let found = kubectl::list(&["cronjobs", "--selector=app.kubernetes.io/component=backup"]).await?;
    ensure!(!found.is_empty(), "there is no CronJob with the label app.kubernetes.io/component: backup");
    // Nobody may write between a backup and the restore.
    for service in LISTENERS {
        let workload = Workload::of_service(service).await?;
        workload.plan_scale_back(&platform.undo);
        workload.scale(0).await?;
        workload.wait_for_pods().await?;
    }
    for cron_job in found.iter().map(|cron_job| text(cron_job, "/metadata/name")) {
        let began = Instant::now();
        jobs::run(&cron_job, &[]).await?;
        say(&format!("{cron_job} took {}", seconds(began.elapsed())));
    }
    let mut problems = Vec::new();
    problems.extend(tickets().await?);
    problems.extend(streams().await?);
    platform.undo.run().await;
    problems.extend(platform.violations(None).await?);
    Ok(Verdict::new(format!("{} backups, 2 restored", found.len()), problems))
}

/// Half of the tickets are deleted and the others are changed; then their database is restored.
async fn tickets() -> Result<Option<String>> {
    let stores = Stores::of_cluster().await?;
    let database = &stores.tickets;
    let before = documents(database).await?;
    let (collection, middle) = before.get(before.len() / 2).context("there are no tickets to lose")?;
    let collection = database.collection::<Document>(collection);
    let middle = middle.get("_id").context("a document has no id")?;
    let deleted = collection.delete_many(doc! {"_id": {"$gte": middle}}).await?.deleted_count;
    let changed = collection.update_many(doc! {}, doc! {"$set": {"title": "destroyed"}}).await?.modified_count;
    say(&format!("{deleted} tickets are deleted and {changed} changed"));
    restore("tickets", "latest").await?;
    let after = documents(database).await?;
    say(&format!("tickets has {} of {} documents again", after.len(), before.len()));
    Ok((before != after).then(|| "the restored tickets are not those that were backed up".to_owned()))
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

/// The stream is deleted, and restored with what each consumer has acked.
async fn streams() -> Result<Option<String>> {
    let stores = Stores::of_cluster().await?;
    let before = positions(&stores.jetstream).await?;
    stores.jetstream.delete_stream(STREAM).await?;
    say(&format!("the stream {STREAM} is deleted"));
    restore("nats", "latest").await?;
    let after = positions(&stores.jetstream).await?;
    after.iter().for_each(|line| println!("  {line}"));
    let problem = || format!("the restored stream is not the one that was backed up, which had {}", before.join("; "));
    Ok((before != after).then(problem))
}

/// Where the stream begins and ends, and how far each service has handled it.
async fn positions(jetstream: &jetstream::Context) -> Result<Vec<String>> {
    let stream = jetstream.get_stream(STREAM).await.context("there is no stream")?;
    let state = &stream.cached_info().state;
    let mut lines =
        vec![format!("{} messages, from {} to {}", state.messages, state.first_sequence, state.last_sequence)];
    for service in LISTENERS {
        let consumer = stream.consumer_info(service).await.with_context(|| format!("{service} has no consumer"))?;
        let (acked, pending) = (consumer.ack_floor.stream_sequence, consumer.num_pending);
        lines.push(format!("{service} has acked up to {acked} and has {pending} to handle"));
    }
    Ok(lines)
}
