//! The payments service decides whether an order was paid in time: while it is unavailable, nothing expires.

use std::time::Duration;

use common::testing::eventually_within;
use e2e::invariants::EventLog;
use infra_local::process::Signal;

use super::market::Market;
use crate::platform::Platform;

const PAST_THE_DEADLINE: Duration = Duration::from_secs(6);
const EXPIRED_WITHIN: Duration = Duration::from_secs(15);
/// Longer than the broker waits for the acks of a process that was frozen.
const SETTLED_WITHIN: Duration = Duration::from_secs(60);

#[tokio::test]
async fn nothing_expires_while_payments_is_down_and_everything_within_15_s_of_its_return() {
    let platform = Platform::start(&[("EXPIRATION_WINDOW_SECONDS", "5")]).await;
    let market = Market::open(&platform).await;
    for is_frozen in [false, true] {
        let orders = market.orders::<3>().await;
        market.pay(&orders[0]).await;
        if is_frozen {
            platform.fleet.signal("payments", Signal::STOP).unwrap();
        } else {
            platform.fleet.take_away("payments").await.unwrap();
        }
        orders[2].overdue(PAST_THE_DEADLINE).await;
        for order in &orders[1..] {
            assert_eq!(market.status(order).await, "created");
            assert_eq!(market.holder(order.ticket).await, Some(order.id), "its ticket is still held");
        }
        if is_frozen {
            platform.fleet.signal("payments", Signal::CONT).unwrap();
        } else {
            platform.fleet.bring_back("payments").unwrap();
        }
        let all_expired = async || {
            for order in &orders[1..] {
                if market.status(order).await != "cancelled" {
                    return None;
                }
            }
            Some(())
        };
        eventually_within(EXPIRED_WITHIN, "every order expires once payments is back", all_expired).await;
        market.ended(&platform, EventLog::default, SETTLED_WITHIN).await;
        assert_eq!(market.status(&orders[0]).await, "complete");
    }
    platform.stop().await;
}
