//! The load that the cluster is tried with, on a platform where nothing is disturbed.

use std::sync::Arc;
use std::time::Duration;

use e2e::books::{Books, Log, Since};
use e2e::cluster::crowd::Crowd;
use e2e::cluster::load::{Kind, Load};
use tokio::time::sleep;

use crate::platform::Platform;

const ORDERS_PER_SECOND: u32 = 20;
const SECONDS: u64 = 4;

#[tokio::test]
async fn a_load_sees_no_failure_and_leaves_orders_paid_cancelled_and_open() {
    let platform = Platform::start(&[]).await;
    let load = Load::start(Arc::new(Crowd::gather(&platform.site()).await), ORDERS_PER_SECOND);
    sleep(Duration::from_secs(SECONDS)).await;
    let record = load.stop().await.unwrap();

    let figures = record.figures();
    assert_eq!((figures.failed, figures.unsent, figures.unusual()), (0, 0, Vec::new()), "{figures}");
    assert!(record.of(Kind::Order).requests as u64 >= u64::from(ORDERS_PER_SECOND) * SECONDS, "{figures}");

    let stores = platform.stores().await;
    let books = Books::settled(&stores, Since::BEGINNING, &mut Log::default(), Duration::from_secs(30)).await.unwrap();
    assert_eq!([books.problems(), record.told.problems(&books)].concat(), Vec::<String>::new());
    let some = |status: &str| books.orders.values().any(|order| order.status == status);
    assert!(some("complete") && some("cancelled") && some("created"), "{:?}", books.counts);
    platform.stop().await;
}
