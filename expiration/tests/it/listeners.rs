use common::events::ExpirationComplete;
use common::id::Id;
use common::testing::permutations;

use crate::app::{Ground, cancelled, completed, created, in_millis, tomorrow};

#[tokio::test]
async fn a_cancelled_or_completed_order_never_expires() {
    let ground = Ground::new().await;
    let _replica = ground.replica().await;
    let [first, second, last] = [Id::generate(), Id::generate(), Id::generate()];
    for order in [first, second] {
        ground.stream.publish(&created(order, in_millis(600))).await;
    }
    ground.stream.publish(&cancelled(first)).await;
    ground.stream.publish(&completed(second)).await;
    ground.heard().await;
    // Due after them: by the time it has expired they would have.
    ground.stream.publish(&created(last, in_millis(700))).await;
    assert_eq!(ground.expired(1).await, [last]);
}

#[tokio::test]
async fn an_order_that_is_created_twice_expires_once() {
    let ground = Ground::new().await;
    let _replica = ground.replica().await;
    let (order, last) = (Id::generate(), Id::generate());
    for _ in 0..3 {
        ground.stream.publish(&created(order, in_millis(-1))).await;
        ground.heard().await;
        ground.expired(1).await;
        ground.db_empty().await;
    }
    ground.stream.publish(&created(last, in_millis(0))).await;
    assert_eq!(ground.expired(2).await, [order, last]);
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Cause {
    Created,
    Cancelled,
    Completed,
}

/// The order of arrival decides only where it cannot matter: an order whose `order.created` comes last stays on the
/// schedule, and the orders service ignores its expiry. In every other order of arrival it is off.
#[tokio::test]
async fn an_orders_events_may_come_in_any_order_and_twice() {
    let ground = Ground::new().await;
    let _replica = ground.replica().await;
    let mut expected = Vec::new();
    for causes in permutations(&[Cause::Created, Cause::Cancelled, Cause::Completed]) {
        for twice in [0, 1, 2, 3] {
            let order = Id::generate();
            let mut heard = causes.clone();
            // One of the three twice in a row, or (3) all of them once more.
            match causes.get(twice) {
                Some(again) => heard.insert(twice, *again),
                None => heard.extend(causes.clone()),
            }
            for cause in &heard {
                match cause {
                    Cause::Created => ground.stream.publish(&created(order, tomorrow())).await,
                    Cause::Cancelled => ground.stream.publish(&cancelled(order)).await,
                    Cause::Completed => ground.stream.publish(&completed(order)).await,
                }
            }
            if heard.last() == Some(&Cause::Created) {
                expected.push(order);
            }
        }
    }
    ground.heard().await;
    let mut scheduled = ground.db_scheduled().await;
    scheduled.sort();
    assert_eq!(scheduled, expected);
    assert!(ground.stream.published::<ExpirationComplete>().await.is_empty());
}
