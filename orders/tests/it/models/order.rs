use std::time::Duration;

use common::api::OrderStatus;
use common::id::Id;
use common::money::Money;
use common::mongo::Aggregate;
use common::timestamp::Timestamp;
use mongodb::bson::{DateTime, deserialize_from_document, serialize_to_document};
use orders::models::order::{Order, Refusal};
use orders::models::ticket::Ticket;
use proptest::prelude::*;

/// The deadline of every order here.
const DEADLINE: Timestamp = Timestamp::from_millis(4_102_444_800_000);

#[derive(Clone, Copy, Debug)]
enum Cause {
    Cancel,
    ExpireEarly,
    ExpireLate,
    Complete,
    Refund,
}

fn cause() -> impl Strategy<Value = Cause> {
    prop_oneof![
        Just(Cause::Cancel),
        Just(Cause::ExpireEarly),
        Just(Cause::ExpireLate),
        Just(Cause::Complete),
        Just(Cause::Refund)
    ]
}

fn some_order(status: OrderStatus) -> Order {
    let id = Id::from_bytes([7; 12]);
    let ticket =
        Ticket { id, title: "Concert".to_owned(), price: Money::from_cents(2000), seller: None, version: 0 };
    let (order, _) = Order::reserve(&ticket, id, Duration::from_secs(900));
    let mut stored = serialize_to_document(&order).unwrap();
    stored.insert("status", status.as_str());
    stored.insert("expiresAt", DateTime::from_millis(DEADLINE.millis()));
    deserialize_from_document(stored).unwrap()
}

/// Applies a cause; true when it published an event.
fn apply(order: &mut Order, cause: Cause) -> bool {
    let (early, late) = (Timestamp::from_millis(0), DEADLINE);
    match cause {
        Cause::Cancel => order.cancel().is_ok_and(|event| event.is_some()),
        Cause::ExpireEarly => order.expire(early).is_ok_and(|event| event.is_some()),
        Cause::ExpireLate => order.expire(late).is_ok_and(|event| event.is_some()),
        Cause::Complete => order.complete(Money::from_cents(1)).is_ok_and(|event| event.is_some()),
        Cause::Refund => {
            order.refund(Money::from_cents(1));
            false
        }
    }
}

proptest! {
    #[test]
    fn whatever_happens_an_order_ends_once_and_stays_ended(
        awaiting in any::<bool>(),
        causes in prop::collection::vec(cause(), 0..20),
    ) {
        let mut order = some_order(if awaiting { OrderStatus::AwaitingPayment } else { OrderStatus::Created });
        let mut ended_as = None;
        for cause in causes {
            let before = order.clone();
            let published = apply(&mut order, cause);
            // Every change raises the version by one, and nothing else does.
            prop_assert_eq!(order.version() - before.version(), i32::from(order != before));
            // An event is published exactly when the status changes.
            prop_assert_eq!(published, order.status() != before.status());
            if published {
                prop_assert_eq!(ended_as, None, "an order ends only once");
                ended_as = Some(order.status());
            }
            prop_assert!(ended_as.is_none_or(|ended| order.status() == ended));
            prop_assert!(matches!(cause, Cause::ExpireEarly) <= (order == before) || before.status() == order.status());
        }
        prop_assert!(matches!(ended_as, None | Some(OrderStatus::Complete | OrderStatus::Cancelled)));
    }
}

#[test]
fn a_complete_order_is_never_cancelled() {
    let mut order = some_order(OrderStatus::Complete);
    assert_eq!(order.cancel().err(), Some(Refusal::Complete));
    assert_eq!(order.expire(DEADLINE).err(), Some(Refusal::Complete));
}

#[test]
fn a_cancelled_order_is_never_completed() {
    let mut order = some_order(OrderStatus::Cancelled);
    assert_eq!(order.complete(Money::from_cents(1)).err(), Some(Refusal::Cancelled));
}

#[test]
fn an_order_does_not_expire_before_its_deadline() {
    let mut order = some_order(OrderStatus::Created);
    let just_before = Timestamp::from_millis(DEADLINE.millis() - 1);
    assert_eq!(order.expire(just_before).err(), Some(Refusal::NotDue));
    assert!(order.expire(DEADLINE).is_ok_and(|event| event.is_some()));
}
