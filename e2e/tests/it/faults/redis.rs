//! Redis holds the deadlines, and may lose all of them.

use std::time::Duration;

use common::testing::eventually_within;
use common::timestamp::Timestamp;
use e2e::invariants::EventLog;

use super::market::{Market, Placed};
use crate::platform::Platform;

/// The orders service asks for whatever is overdue, in case nobody else does.
const AT_MOST_LATE: Duration = Duration::from_secs(15);
const SETTLED_WITHIN: Duration = Duration::from_secs(30);

#[tokio::test]
async fn every_order_ends_at_most_15_s_late_when_redis_is_full_and_when_it_was_wiped() {
    let platform = Platform::start(&[("EXPIRATION_WINDOW_SECONDS", "5")]).await;
    let market = Market::open(&platform).await;
    let [claimed] = market.orders().await;
    platform.redis::<()>(&["CONFIG", "SET", "maxmemory", "1"]).await;
    let orders = market.orders::<3>().await;
    market.pay(&orders[0]).await;
    end_in_time(&market, &claimed).await;
    for order in &orders[1..] {
        end_in_time(&market, order).await;
    }
    platform.redis::<()>(&["CONFIG", "SET", "maxmemory", "0"]).await;
    market.ended(&platform, EventLog::default, SETTLED_WITHIN).await;

    let orders = market.orders::<3>().await;
    market.pay(&orders[0]).await;
    platform.redis::<()>(&["FLUSHALL"]).await;
    for order in &orders[1..] {
        end_in_time(&market, order).await;
    }
    market.ended(&platform, EventLog::default, SETTLED_WITHIN).await;
    assert_eq!(market.status(&orders[0]).await, "complete");
    platform.stop().await;
}

/// The order ends after its deadline, and not too late.
async fn end_in_time(market: &Market, order: &Placed) {
    let left = order.expires_at.after(AT_MOST_LATE).remaining(Timestamp::now());
    eventually_within(left, "the order ends", async || (market.status(order).await != "created").then_some(())).await;
    assert!(Timestamp::now() >= order.expires_at, "an order ended before its deadline");
}
