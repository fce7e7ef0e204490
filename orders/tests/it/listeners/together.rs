//! What may end an order: its payment, the closing of the till and its buyer. It ends once, whoever comes first.
//! Payments publishes either a payment or a closing of one order; should both come, the first one counts.

use std::collections::BTreeSet;

use common::events::PaymentClosed;
use common::id::Id;
use common::testing::{User, permutations};
use futures::future::join_all;

use crate::app::{TestApp, payment};

/// A service with this window, and somebody who may have many open orders.
async fn start(window: &str) -> (TestApp, User) {
    let flags = [("expiration-window-seconds", window), ("open-orders-per-buyer", "40")];
    (TestApp::start_with(&flags).await, User::new())
}

/// Orders that are made at the same time, of a ticket each.
async fn some_orders(orders: &TestApp, buyer: &User, count: usize) -> Vec<Id> {
    join_all((0..count).map(|_| orders.some_order(buyer))).await
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    Paid,
    Closed,
}

async fn publish(orders: &TestApp, order: Id, cause: Cause) {
    match cause {
        Cause::Paid => orders.stream.publish(&payment(order)).await,
        Cause::Closed => orders.stream.publish(&PaymentClosed { order_id: order }).await,
    }
}

#[tokio::test]
async fn a_payment_and_a_closing_end_an_order_once_as_the_first_of_them_says() {
    use Cause::{Closed, Paid};
    let (orders, buyer) = start("0").await;
    let sequences: BTreeSet<Vec<Cause>> = permutations(&[Paid, Paid, Closed, Closed]).into_iter().collect();
    let ids = some_orders(&orders, &buyer, sequences.len()).await;
    let cases: Vec<_> = ids.into_iter().zip(sequences).collect();
    join_all(cases.iter().map(async |(order, causes)| {
        for cause in causes {
            publish(&orders, *order, *cause).await;
        }
    }))
    .await;
    orders.handled().await;
    for (order, causes) in cases {
        let end = if causes[0] == Paid { "complete" } else { "cancelled" };
        assert_eq!(orders.status(&buyer, order).await, end, "after {causes:?}");
        assert_eq!(orders.ends(order).await, [end], "after {causes:?}");
    }
    assert!(orders.dead_letters().await.is_empty());
}

#[tokio::test]
async fn of_a_payment_and_a_cancellation_at_the_same_time_exactly_one_wins() {
    let (orders, buyer) = start("900").await;
    let ids = some_orders(&orders, &buyer, 40).await;
    let answers = join_all(ids.iter().map(async |order| {
        let (answer, ()) = tokio::join!(orders.cancel(&buyer, *order), publish(&orders, *order, Cause::Paid));
        (*order, answer)
    }))
    .await;
    orders.handled().await;
    for (order, answer) in answers {
        let end = if answer.status == 204 { "cancelled" } else { "complete" };
        if end == "complete" {
            answer.expect_errors(400, &[("Cannot cancel a completed order", None)]);
        }
        assert_eq!(orders.status(&buyer, order).await, end);
        assert_eq!(orders.ends(order).await, [end]);
    }
    assert!(orders.dead_letters().await.is_empty());
}

#[tokio::test]
async fn of_a_closing_and_a_cancellation_at_the_same_time_one_event_comes() {
    let (orders, buyer) = start("0").await;
    let ids = some_orders(&orders, &buyer, 20).await;
    join_all(ids.iter().map(async |order| {
        let (answer, ()) = tokio::join!(orders.cancel(&buyer, *order), publish(&orders, *order, Cause::Closed));
        answer.expect(204);
    }))
    .await;
    orders.handled().await;
    for order in ids {
        assert_eq!(orders.published_ends(order).await, ["cancelled"]);
    }
}

#[tokio::test]
async fn two_replicas_that_handle_events_of_one_order_end_it_once() {
    let (orders, buyer) = start("0").await;
    let other = orders.start_another().await;
    let ids = some_orders(&orders, &buyer, 20).await;
    join_all(
        ids.iter()
            .flat_map(|order| [Cause::Paid, Cause::Closed, Cause::Paid].map(|cause| publish(&orders, *order, cause))),
    )
    .await;
    orders.handled().await;
    for order in ids {
        let ends = orders.ends(order).await;
        assert_eq!(ends.len(), 1, "{ends:?}");
        assert_eq!(orders.status(&buyer, order).await, ends[0]);
    }
    other.stop().await.unwrap();
}
