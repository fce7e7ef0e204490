use anyhow::{Result, ensure};
use mongodb::bson::doc;
use tokio::time::Instant;

use crate::cluster::disturbances::Disturbances;
use crate::cluster::platform::Platform;
use crate::cluster::report::{Verdict, say};
use crate::cluster::workloads::Workload;
use crate::cluster::{jobs, kubectl};
use crate::stores::Stores;

const STORE: &str = "tickets-mongo";
const MEMBERS: u64 = 3;

/// Little, for three members write everything three times.
const ORDERS_PER_SECOND: u32 = 5;

pub async fn run(platform: &Platform) -> Result<Verdict> {
    let store = Workload::named(&format!("statefulset/{STORE}")).await?;
    ensure!(store.replicas == 1, "{STORE} has {} members already", store.replicas);
    let mut disturbances = Disturbances::begin(platform, ORDERS_PER_SECOND).await?;

    say(&format!("{STORE} grows to {MEMBERS} members"));
    let began = Instant::now();
    store.scale(MEMBERS).await?;
    store.wait_for_pods().await?;
    jobs::run_init(STORE, MEMBERS).await?;
    expect_members(MEMBERS).await?;
    disturbances.note(&format!("{MEMBERS} members"), began, false).await;

    say(&format!("{STORE} goes back to one member"));
    let began = Instant::now();
    // First out of the set, then deleted: the set must not lose its majority.
    jobs::run_init(STORE, 1).await?;
    store.scale(1).await?;
    store.wait_for_pods().await?;
    for number in 1..MEMBERS {
        kubectl::run(&["delete", "persistentvolumeclaim", &format!("data-{STORE}-{number}")]).await?;
    }
    expect_members(1).await?;
    disturbances.note("one member", began, false).await;

    disturbances.end(platform, false).await
}

/// Fails unless the set has so many members and all of them have what the primary has.
async fn expect_members(count: u64) -> Result<()> {
    let stores = Stores::of_cluster().await?;
    let hello = stores.tickets.run_command(doc! {"hello": 1}).await?;
    let hosts = hello.get_array("hosts")?.len() as u64;
    ensure!(hosts == count, "{STORE} has {hosts} members and not {count}");
    // A write that changes nothing is acknowledged when so many members have everything before it.
    let nothing = doc! {"q": {"_id": "nobody"}, "u": {"$set": {"title": ""}}};
    let concern = doc! {"w": i32::try_from(count)?, "wtimeout": 60_000};
    let write = doc! {"update": "tickets", "updates": [nothing], "writeConcern": concern};
    let reply = stores.tickets.run_command(write).await?;
    ensure!(!reply.contains_key("writeConcernError"), "a member of {STORE} lags: {reply}");
    Ok(())
}
