//! The events of a ticket's orders end in the same ticket, in whatever order and however often they come.

use std::collections::BTreeSet;

use common::id::Id;
use common::money::Money;
use common::testing::permutations;
use futures::future::join_all;
use mongodb::bson::{Document, serialize_to_document};
use tickets::models::offer::Offer;
use tickets::models::reservations::Hold;
use tickets::models::ticket::Ticket;

use crate::app::{Said, TestApp};

/// What one of a ticket's orders says: the number of the order, the older one first, and what it says.
type Told = (usize, Said);

const CREATED: Told = (0, Said::Created);
const CANCELLED: Told = (0, Said::Cancelled);
const COMPLETED: Told = (0, Said::Completed);
const NEXT_CREATED: Told = (1, Said::Created);
const NEXT_COMPLETED: Told = (1, Said::Completed);

/// Every order in which the events can arrive when each comes twice.
fn each_twice(events: &[Told]) -> BTreeSet<Vec<Told>> {
    permutations(&[events, events].concat()).into_iter().collect()
}

/// Every order in which the events can arrive when all of them come again afterwards.
fn and_all_again(events: &[Told]) -> BTreeSet<Vec<Told>> {
    permutations(events).into_iter().map(|sequence| sequence.repeat(2)).collect()
}

/// A ticket, its two orders, and what they say one after another.
struct Case {
    ticket: Id,
    orders: [Id; 2],
    events: Vec<Told>,
}

/// Lets a ticket live through each sequence, all of them at the same time, step by step. The one end of them all.
async fn end_of(sequences: BTreeSet<Vec<Told>>) -> Document {
    let tickets = TestApp::start().await;
    let cases = join_all(sequences.into_iter().map(async |events| {
        let ticket = tickets.some_ticket().await;
        Case { ticket, orders: [Id::generate(), Id::generate()], events }
    }))
    .await;
    let steps = cases[0].events.len();
    for step in 0..steps {
        join_all(cases.iter().map(|case| {
            let (order, said) = case.events[step];
            tickets.tell(case.orders[order], case.ticket, said)
        }))
        .await;
        // Events of different orders are handled at the same time: the next step must not overtake this one.
        tickets.heard().await;
    }
    assert_eq!(tickets.parked().await.len(), 0);
    let mut one_end = None;
    for case in cases {
        let end = named(tickets.db_ticket(case.ticket).await, &case.orders);
        assert_eq!(&end, one_end.get_or_insert_with(|| end.clone()), "after {:?}", case.events);
    }
    one_end.unwrap()
}

/// The stored state without what differs between tickets or tells of the way there, with names for the orders.
fn named(mut stored: Document, orders: &[Id; 2]) -> Document {
    for field in ["_id", "userId", "version", "outbox"] {
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

/// The orders service never says both of one order. Should it happen, everybody still sees the same.
#[tokio::test]
async fn an_order_that_was_cancelled_and_completed_ends_alike_in_every_order_of_arrival() {
    assert_eq!(holder(&end_of(each_twice(&[CREATED, CANCELLED, COMPLETED])).await), Some("older"));
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
    let orders = [Id::generate(), Id::generate()];
    let mut ends = each_twice(&[CREATED, CANCELLED, NEXT_CREATED, NEXT_COMPLETED]).into_iter().map(|events| {
        let offer = Offer { title: "Concert".to_owned(), price: Money::from_cents(2000) };
        let (mut ticket, _) = Ticket::offer(offer, Id::from_bytes([9; 12]));
        for (order, said) in events {
            let (version, hold) = match said {
                Said::Created => (0, Hold::Live),
                Said::Cancelled => (1, Hold::Released),
                Said::Completed => (1, Hold::Sold),
            };
            ticket.apply(orders[order], version, hold);
        }
        named(serialize_to_document(&ticket).unwrap(), &orders)
    });
    let end = ends.next().unwrap();
    assert_eq!(holder(&end), Some("newer"));
    assert!(ends.all(|other| other == end));
}
