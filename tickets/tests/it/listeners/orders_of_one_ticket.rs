//! The events of a ticket's orders end in the same ticket, in whatever order and however often they come.

use std::collections::BTreeSet;

use common::id::Id;
use common::listing::Details;
use common::money::Money;
use common::testing::permutations;
use futures::future::join_all;
use mongodb::bson::{Document, serialize_to_document};
use tickets::models::offer::Offer;
use tickets::models::reservations::{Hold, Reservation};
use tickets::models::ticket::Ticket;

use crate::app::{BUYER, DEADLINE, OrderEvent, TestApp};

/// An event of one of a ticket's orders: the number of the order, the older one first, and the event.
type Published = (usize, OrderEvent);

const CREATED: Published = (0, OrderEvent::Created);
const CANCELLED: Published = (0, OrderEvent::Cancelled);
const COMPLETED: Published = (0, OrderEvent::Completed);
const NEXT_CREATED: Published = (1, OrderEvent::Created);
const NEXT_COMPLETED: Published = (1, OrderEvent::Completed);

/// Every order in which the events can arrive when each comes twice.
fn each_twice(events: &[Published]) -> BTreeSet<Vec<Published>> {
    permutations(&[events, events].concat()).into_iter().collect()
}

/// Every order in which the events can arrive when all of them come again afterwards.
fn and_all_again(events: &[Published]) -> BTreeSet<Vec<Published>> {
    permutations(events).into_iter().map(|sequence| sequence.repeat(2)).collect()
}

/// A ticket, its two orders, and their events one after another.
struct Case {
    ticket: Id,
    orders: [Id; 2],
    events: Vec<Published>,
}

/// Lets a ticket live through each sequence, all of them at the same time, step by step. The one end of them all.
async fn end_of(sequences: BTreeSet<Vec<Published>>) -> Document {
    let tickets = TestApp::start().await;
    let cases = join_all(sequences.into_iter().map(async |events| {
        let ticket = tickets.some_ticket().await;
        Case { ticket, orders: [Id::generate(), Id::generate()], events }
    }))
    .await;
    let steps = cases[0].events.len();
    for step in 0..steps {
        join_all(cases.iter().map(|case| {
            let (order, event) = case.events[step];
            tickets.publish(case.orders[order], case.ticket, event)
        }))
        .await;
        // Events of different orders are handled at the same time: the next step must not overtake this one.
        tickets.handled().await;
    }
    assert_eq!(tickets.dead_letters().await.len(), 0);
    let mut one_end = None;
    for case in cases {
        let end = named(tickets.db_ticket(case.ticket).await, &case.orders);
        assert_eq!(&end, one_end.get_or_insert_with(|| end.clone()), "after {:?}", case.events);
    }
    one_end.unwrap()
}

/// The stored state without what differs between tickets or tells of the way there, with names for the orders.
fn named(mut stored: Document, orders: &[Id; 2]) -> Document {
    for field in ["_id", "userId", "version", "outbox", "changedAt", "listed"] {
        stored.remove(field);
    }
    let text = serde_json::to_string(&stored).unwrap();
    let text = text.replace(&orders[0].to_string(), "older").replace(&orders[1].to_string(), "newer");
    serde_json::from_str(&text).unwrap()
}

fn holder(end: &Document) -> Option<&str> {
    end.get("orderId").map(|order| order.as_str().unwrap())
}

#[tokio::test]
async fn an_order_that_was_created_and_cancelled_leaves_the_ticket_free() {
    assert_eq!(holder(&end_of(each_twice(&[CREATED, CANCELLED])).await), None);
}

#[tokio::test]
async fn an_order_that_was_created_and_completed_has_the_ticket() {
    assert_eq!(holder(&end_of(each_twice(&[CREATED, COMPLETED])).await), Some("older"));
}

/// Its money could not be captured: the order was complete and is cancelled.
#[tokio::test]
async fn an_order_that_was_completed_and_cancelled_leaves_the_ticket_free() {
    assert_eq!(holder(&end_of(each_twice(&[CREATED, CANCELLED, COMPLETED])).await), None);
}

#[tokio::test]
async fn the_next_order_has_the_ticket_although_the_first_was_completed_and_cancelled() {
    let end = end_of(and_all_again(&[CREATED, CANCELLED, COMPLETED, NEXT_CREATED])).await;
    assert_eq!(holder(&end), Some("newer"));
}

/// Buyer A cancels, buyer B orders and pays, and the cancellation is handled last.
#[tokio::test]
async fn a_cancellation_that_comes_last_does_not_put_the_ticket_of_a_complete_order_on_sale() {
    let sequence = vec![CREATED, NEXT_CREATED, NEXT_COMPLETED, CANCELLED];
    assert_eq!(holder(&end_of(BTreeSet::from([sequence])).await), Some("newer"));
}

#[tokio::test]
async fn the_next_order_has_the_ticket_whenever_the_first_is_cancelled() {
    assert_eq!(holder(&end_of(each_twice(&[CREATED, CANCELLED, NEXT_CREATED])).await), Some("newer"));
}

#[tokio::test]
async fn the_next_order_that_is_paid_has_the_ticket_whenever_the_first_is_cancelled() {
    let end = end_of(and_all_again(&[CREATED, CANCELLED, NEXT_CREATED, NEXT_COMPLETED])).await;
    assert_eq!(holder(&end), Some("newer"));
}

/// With each event twice there are thousands of orders of arrival: too many for the stream, not for the model.
#[test]
fn the_model_ends_alike_in_every_order_of_arrival_of_two_orders() {
    for events in [
        [CREATED, CANCELLED, NEXT_CREATED, NEXT_COMPLETED],
        [CREATED, COMPLETED, CANCELLED, NEXT_CREATED],
        [COMPLETED, CANCELLED, NEXT_CREATED, NEXT_COMPLETED],
    ] {
        assert_eq!(holder(&end_of_model(each_twice(&events))), Some("newer"), "{events:?}");
    }
}

/// The one end of tickets that live through these sequences.
fn end_of_model(sequences: BTreeSet<Vec<Published>>) -> Document {
    let orders = [Id::generate(), Id::generate()];
    let mut ends = sequences.into_iter().map(|events| {
        let (title, price) = ("Concert".to_owned(), Money::from_cents(2000));
        let offer = Offer { title, price, details: Details::default() };
        let (mut ticket, _) = Ticket::offer(offer, Id::from_bytes([9; 12]));
        for (order, event) in events {
            let (version, hold, deadline, buyer) = match event {
                OrderEvent::Created => (0, Hold::Live, Some(DEADLINE), Some(BUYER)),
                OrderEvent::Cancelled => (1, Hold::Released, None, None),
                OrderEvent::Completed => (1, Hold::Sold, None, Some(BUYER)),
            };
            ticket.apply(Reservation { order_id: orders[order], version, hold, deadline, buyer });
        }
        named(serialize_to_document(&ticket).unwrap(), &orders)
    });
    let end = ends.next().unwrap();
    assert!(ends.all(|other| other == end));
    end
}
