use common::events::ExpirationComplete;
use common::id::Id;
use common::testing::permutations;

use crate::app::{Environment, cancelled, completed, created, in_millis, tomorrow};

#[tokio::test]
async fn a_cancelled_or_completed_order_never_expires() {
    let environment = Environment::new().await;
    let _replica = environment.replica().await;
    let [first, second, last] = [Id::generate(), Id::generate(), Id::generate()];
    for order in [first, second] {
        environment.stream.publish(&created(order, in_millis(600))).await;
    }
    environment.stream.publish(&cancelled(first)).await;
    environment.stream.publish(&completed(second)).await;
    environment.handled().await;
    // Due after them: by the time it has expired they would have.
    environment.stream.publish(&created(last, in_millis(700))).await;
    assert_eq!(environment.expired(1).await, [last]);
}

#[tokio::test]
async fn an_order_that_is_created_twice_expires_once() {
    let environment = Environment::new().await;
    let _replica = environment.replica().await;
    let (order, due, last) = (Id::generate(), in_millis(-1), Id::generate());
    for _ in 0..3 {
        environment.stream.publish(&created(order, due)).await;
        environment.handled().await;
        environment.expired(1).await;
        environment.db_empty().await;
    }
    environment.stream.publish(&created(last, in_millis(0))).await;
    assert_eq!(environment.expired(2).await, [order, last]);
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Cause {
    Created,
    Cancelled,
    Completed,
}

/// The order of arrival decides only where it cannot matter: an order whose `order.created` comes last stays on the
/// schedule, and its expiry has no effect. In every other order of arrival it is off.
#[tokio::test]
async fn an_orders_events_may_come_in_any_order_and_twice() {
    let environment = Environment::new().await;
    let _replica = environment.replica().await;
    let mut expected = Vec::new();
    for causes in permutations(&[Cause::Created, Cause::Cancelled, Cause::Completed]) {
        for twice in [0, 1, 2, 3] {
            let order = Id::generate();
            let mut events = causes.clone();
            // One of the three twice in a row, or (3) all of them once more.
            match causes.get(twice) {
                Some(again) => events.insert(twice, *again),
                None => events.extend(causes.clone()),
            }
            for cause in &events {
                match cause {
                    Cause::Created => environment.stream.publish(&created(order, tomorrow())).await,
                    Cause::Cancelled => environment.stream.publish(&cancelled(order)).await,
                    Cause::Completed => environment.stream.publish(&completed(order)).await,
                }
            }
            if events.last() == Some(&Cause::Created) {
                expected.push(order);
            }
        }
    }
    environment.handled().await;
    let mut scheduled = environment.db_scheduled().await;
    scheduled.sort();
    assert_eq!(scheduled, expected);
    assert!(environment.stream.published::<ExpirationComplete>().await.is_empty());
}
