//! The load that the cluster is tried with, on a platform where nothing is disturbed.

use std::sync::Arc;
use std::time::Duration;

use e2e::cluster::load::{Load, Users};
use e2e::invariants::{EventLog, Snapshot};
use mongodb::bson::oid::ObjectId;
use tokio::time::sleep;

use crate::platform::Platform;

const ORDERS_PER_SECOND: u32 = 20;
const SECONDS: u64 = 4;

#[tokio::test]
async fn a_load_sees_no_failure_and_leaves_orders_paid_cancelled_and_open() {
    // Slow answers must not make a buyer's orders too many.
    let platform = Platform::start(&[("OPEN_ORDERS_PER_BUYER", "1000")]).await;
    let load = Load::start(Arc::new(Users::sign_up(&platform.site()).await), ORDERS_PER_SECOND);
    sleep(Duration::from_secs(SECONDS)).await;
    let record = load.stop().await.unwrap();

    let figures = record.all();
    assert_eq!((figures.failed, figures.unusual()), (0, Vec::new()), "{figures}");
    let orders = record.by_kind()["POST /api/orders"].requests() as u64;
    assert!(orders >= u64::from(ORDERS_PER_SECOND) * SECONDS, "{figures}");

    let stores = platform.stores().await;
    let (mut log, limit) = (EventLog::default(), Duration::from_secs(30));
    let snapshot = Snapshot::settled(&stores, ObjectId::from_bytes([0; 12]), &mut log, limit).await.unwrap();
    assert_eq!([snapshot.violations(), record.acknowledged.violations(&snapshot)].concat(), Vec::<String>::new());
    let some = |status: &str| snapshot.orders.values().any(|order| order.status == status);
    assert!(some("complete") && some("cancelled") && some("created"), "{:?}", snapshot.counts());
    platform.stop().await;
}
