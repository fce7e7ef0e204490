use std::time::Duration;

use common::api::{CancelCause, OrderStatus};
use common::id::Id;
use common::money::Money;
use common::mongo::Aggregate;
use mongodb::bson::{DateTime, deserialize_from_document, serialize_to_document};
use orders::models::order::{Order, Refusal};
use orders::models::ticket::Ticket;
use proptest::prelude::*;

/// What may end an order, and a refund, which ends none.
#[derive(Clone, Copy, Debug)]
enum Event {
    Cancel,
    Close,
    Fail,
    Complete,
    Refund,
}

fn event() -> impl Strategy<Value = Event> {
    use Event::{Cancel, Close, Complete, Fail, Refund};
    prop_oneof![Just(Cancel), Just(Close), Just(Fail), Just(Complete), Just(Refund)]
}

fn some_order(status: OrderStatus) -> Order {
    let id = Id::from_bytes([7; 12]);
    let (title, price) = ("Concert".to_owned(), Money::from_cents(2000));
    let ticket = Ticket { id, title, price, seller: None, order_id: None, starts_at: None, deleted: false, version: 0 };
    let (order, _) = Order::reserve(&ticket, id, 0, Duration::from_secs(900));
    let mut stored = serialize_to_document(&order).unwrap();
    stored.insert("status", status.as_str());
    deserialize_from_document(stored).unwrap()
}

/// Applies an event; true when it published one.
fn apply(order: &mut Order, event: Event) -> bool {
    match event {
        Event::Cancel => order.cancel().is_ok_and(|event| event.is_some()),
        Event::Close => order.close().is_ok_and(|event| event.is_some()),
        Event::Fail => order.fail().is_some(),
        Event::Complete => order.complete(Money::from_cents(1)).is_ok_and(|event| event.is_some()),
        Event::Refund => {
            order.refund(Money::from_cents(1));
            false
        }
    }
}

proptest! {
    #[test]
    fn whatever_happens_an_order_ends_once_and_only_a_failed_payment_cancels_a_complete_one(
        awaiting in any::<bool>(),
        events in prop::collection::vec(event(), 0..20),
    ) {
        let mut order = some_order(if awaiting { OrderStatus::AwaitingPayment } else { OrderStatus::Created });
        for event in events {
            let before = order.clone();
            let published = apply(&mut order, event);
            // Every change raises the version by one, and nothing else does.
            prop_assert_eq!(order.version() - before.version(), i32::from(order != before));
            // An event is published exactly when the status changes.
            prop_assert_eq!(published, order.status() != before.status());
            match (before.status(), order.status()) {
                (OrderStatus::Cancelled, after) => prop_assert_eq!(after, OrderStatus::Cancelled),
                (OrderStatus::Complete, OrderStatus::Complete) => {}
                (OrderStatus::Complete, after) => {
                    prop_assert_eq!(after, OrderStatus::Cancelled);
                    prop_assert!(matches!(event, Event::Fail), "{event:?} cancelled a complete order");
                }
                _ => {}
            }
            // A cancelled order says why, and for good.
            prop_assert_eq!(order.cancelled_by().is_some(), order.status() == OrderStatus::Cancelled);
            prop_assert!(before.cancelled_by().is_none_or(|cause| order.cancelled_by() == Some(cause)));
        }
    }
}

#[test]
fn the_till_closes_before_time_cancels_so_no_clock_cancels_an_order() {
    let mut stored = serialize_to_document(&some_order(OrderStatus::Created)).unwrap();
    for deadline in [0, 4_102_444_800_000] {
        stored.insert("expiresAt", DateTime::from_millis(deadline));
        let mut order: Order = deserialize_from_document(stored.clone()).unwrap();
        assert!(order.complete(Money::from_cents(1)).is_ok_and(|event| event.is_some()), "paid, whatever the deadline");
        let mut order: Order = deserialize_from_document(stored.clone()).unwrap();
        assert!(order.close().is_ok_and(|event| event.is_some()), "closed by payments, whatever the deadline");
    }
}

#[test]
fn a_complete_order_is_cancelled_neither_by_its_buyer_nor_by_time() {
    let mut order = some_order(OrderStatus::Complete);
    assert_eq!(order.cancel().err(), Some(Refusal::Complete));
    assert_eq!(order.close().err(), Some(Refusal::Complete));
}

#[test]
fn a_complete_order_whose_payment_failed_is_cancelled() {
    let mut order = some_order(OrderStatus::Complete);
    assert!(order.fail().is_some());
    assert_eq!((order.status(), order.cancelled_by()), (OrderStatus::Cancelled, Some(CancelCause::Payment)));
}

#[test]
fn a_cancelled_order_is_never_completed() {
    let mut order = some_order(OrderStatus::Cancelled);
    assert_eq!(order.complete(Money::from_cents(1)).err(), Some(Refusal::Cancelled));
}

#[test]
fn an_order_keeps_the_cause_of_its_cancellation() {
    let cancelled = |cancel: fn(&mut Order)| {
        let mut order = some_order(OrderStatus::Created);
        cancel(&mut order);
        serialize_to_document(&order).unwrap().get_str("cancelledBy").unwrap().to_owned()
    };
    assert_eq!(cancelled(|order| assert!(order.cancel().is_ok())), "buyer");
    assert_eq!(cancelled(|order| assert!(order.close().is_ok())), "time");
    assert_eq!(cancelled(|order| assert!(order.fail().is_some())), "payment");
}

#[test]
fn an_order_agrees_with_the_ticket_that_it_holds_while_it_is_live_and_does_not_hold_afterwards() {
    use OrderStatus::{AwaitingPayment, Cancelled, Complete, Created};
    let id = Id::from_bytes([7; 12]);
    for status in [Created, AwaitingPayment, Complete, Cancelled] {
        let order = some_order(status);
        for (order_id, is_held) in [(None, false), (Some(Id::generate()), false), (Some(order.id()), true)] {
            // A ticket may be withdrawn while an order of it is on its way: then it is held all the same.
            for deleted in [false, true] {
                let (title, price) = ("Concert".to_owned(), Money::from_cents(2000));
                let ticket = Ticket { id, title, price, seller: None, order_id, starts_at: None, deleted, version: 1 };
                assert_eq!(order.agrees_with(&ticket), is_held == (status != Cancelled), "{status:?}, {ticket:?}");
            }
        }
    }
}
