use std::collections::BTreeSet;

use common::id::Id;
use common::testing::permutations;
use common::timestamp::Timestamp;
use serde_json::json;
use tickets::models::reservations::{Hold, RELEASED_KEPT, RELEASED_KEPT_FOR, Reservation, Reservations};

/// An order that was made on this day.
fn order_of_day(day: u32, number: u16) -> Id {
    let ([a, b, c, d], [e, f]) = ((day * 24 * 60 * 60).to_be_bytes(), number.to_be_bytes());
    Id::from_bytes([a, b, c, d, 0, 0, 0, 0, 0, 0, e, f])
}

fn order(number: u16) -> Id {
    order_of_day(0, number)
}

fn apply(reservations: &mut Reservations, order_id: Id, version: i32, hold: Hold) -> bool {
    reservations.apply(Reservation { order_id, version, hold, deadline: None, buyer: None })
}

/// The state of the first order.
fn first(hold: Hold, deadline: Option<Timestamp>, buyer: Option<Id>) -> Reservation {
    Reservation { order_id: order(1), version: i32::from(hold != Hold::Live), hold, deadline, buyer }
}

#[test]
fn a_released_order_does_not_come_back() {
    let mut reservations = Reservations::default();
    assert!(apply(&mut reservations, order(1), 1, Hold::Released));
    assert!(!apply(&mut reservations, order(1), 0, Hold::Live));
    assert_eq!(reservations.holder(None), None);
}

#[test]
fn an_order_only_rises_from_live_to_sold_to_released_whatever_the_versions_say() {
    let holds = [Hold::Live, Hold::Sold, Hold::Released];
    for versions in permutations(&[0, 1, 2]) {
        for order_of_arrival in permutations(&[0, 1, 2, 0, 1, 2]).into_iter().collect::<BTreeSet<_>>() {
            let (mut reservations, mut highest) = (Reservations::default(), None);
            for event in order_of_arrival {
                let rises = Some(holds[event]) > highest;
                assert_eq!(apply(&mut reservations, order(1), versions[event], holds[event]), rises);
                highest = highest.max(Some(holds[event]));
                let holder = (highest != Some(Hold::Released)).then(|| order(1));
                assert_eq!(reservations.holder(None), holder);
            }
        }
    }
}

/// The capture failed: the order was complete and is cancelled, and tickets handles the end before the completion.
#[test]
fn a_completion_that_comes_after_the_cancellation_leaves_the_ticket_free() {
    let mut reservations = Reservations::default();
    assert!(apply(&mut reservations, order(1), 2, Hold::Released));
    assert!(!apply(&mut reservations, order(1), 1, Hold::Sold));
    assert!(!apply(&mut reservations, order(1), 3, Hold::Sold));
    assert_eq!(reservations.holder(None), None);
}

#[test]
fn the_holder_stays_while_its_order_is_live() {
    let mut reservations = Reservations::default();
    apply(&mut reservations, order(2), 0, Hold::Live);
    apply(&mut reservations, order(1), 0, Hold::Live);
    assert_eq!(reservations.holder(Some(order(2))), Some(order(2)));
    apply(&mut reservations, order(2), 1, Hold::Released);
    assert_eq!(reservations.holder(Some(order(2))), Some(order(1)));
}

#[test]
fn the_order_that_bought_the_ticket_holds_it_against_a_live_one() {
    let mut reservations = Reservations::default();
    apply(&mut reservations, order(1), 0, Hold::Live);
    apply(&mut reservations, order(2), 1, Hold::Sold);
    assert_eq!(reservations.holder(Some(order(1))), Some(order(2)));
}

/// Buyer A cancels, buyer B orders and pays, and the cancellation is handled last.
#[test]
fn a_cancellation_that_comes_last_does_not_put_the_ticket_of_a_complete_order_on_sale() {
    let (a, b) = (order(1), order(2));
    let mut reservations = Reservations::default();
    let mut holder = None;
    for (order, version, hold) in [(a, 0, Hold::Live), (b, 0, Hold::Live), (b, 1, Hold::Sold), (a, 1, Hold::Released)] {
        apply(&mut reservations, order, version, hold);
        holder = reservations.holder(holder);
    }
    assert_eq!(holder, Some(b));
}

#[test]
fn a_live_order_keeps_its_deadline_and_an_order_that_has_ended_needs_none() {
    let (early, late) = (Some(Timestamp::from_millis(1)), Some(Timestamp::from_millis(2)));
    let mut reservations = Reservations::default();
    assert!(reservations.apply(first(Hold::Live, None, None)));
    assert_eq!(reservations.live(order(1)), Some(None), "the original knows none");
    assert!(reservations.apply(first(Hold::Live, early, None)));
    assert!(!reservations.apply(first(Hold::Live, late, None)));
    assert!(!reservations.apply(first(Hold::Live, None, None)));
    assert_eq!(reservations.live(order(1)), Some(early));
    for ended in [Hold::Sold, Hold::Released] {
        assert!(reservations.apply(first(ended, early, None)));
        assert!(!reservations.apply(first(ended, early, None)));
        assert_eq!(reservations.live(order(1)), None);
    }
}

#[test]
fn an_order_keeps_its_buyer_until_it_is_released() {
    let (buyer, nobody) = (Some(order(9)), None);
    let buyer_of = |reservations: &Reservations| reservations.of(order(1)).unwrap().buyer;
    let mut reservations = Reservations::default();
    assert!(reservations.apply(first(Hold::Live, None, buyer)));
    assert!(reservations.apply(first(Hold::Sold, None, nobody)), "an earlier version's event says nobody");
    assert_eq!(buyer_of(&reservations), buyer);
    assert!(reservations.apply(first(Hold::Released, None, buyer)));
    assert_eq!(buyer_of(&reservations), nobody);
    assert!(
        !reservations.apply(first(Hold::Live, None, buyer)) && !reservations.apply(first(Hold::Released, None, buyer))
    );
}

#[test]
fn a_buyer_that_an_earlier_version_did_not_store_is_learned_from_any_event() {
    for (stored, event) in [(Hold::Live, Hold::Live), (Hold::Sold, Hold::Sold), (Hold::Sold, Hold::Live)] {
        let mut reservations = Reservations::default();
        assert!(reservations.apply(first(stored, None, None)));
        assert!(reservations.apply(first(event, None, Some(order(9)))));
        assert!(!reservations.apply(first(event, None, Some(order(9)))));
        let learned = reservations.of(order(1)).unwrap();
        assert_eq!((learned.buyer, learned.hold), (Some(order(9)), stored));
    }
}

#[test]
fn only_the_latest_released_orders_are_kept() {
    let (mut reservations, many) = (Reservations::default(), RELEASED_KEPT as u16 + 50);
    apply(&mut reservations, order(0), 0, Hold::Live);
    for number in 1..=many {
        apply(&mut reservations, order(number), 1, Hold::Released);
    }
    let stored = serde_json::to_value(&reservations).unwrap();
    assert_eq!(stored["orders"].as_array().unwrap().len(), RELEASED_KEPT + 1);
    assert_eq!(reservations.holder(None), Some(order(0)));
    assert!(reservations.knows(order(many)) && reservations.knows(order(51)) && !reservations.knows(order(50)));
}

#[test]
fn a_released_order_is_kept_for_longer_than_the_stream_keeps_an_event() {
    let days = (RELEASED_KEPT_FOR.as_secs() / (24 * 60 * 60)) as u32;
    assert!(days > 37, "a month in the stream, and seven days that an order may be open");
    let mut reservations = Reservations::default();
    apply(&mut reservations, order_of_day(0, 1), 1, Hold::Released);
    apply(&mut reservations, order_of_day(1, 1), 1, Hold::Sold);
    apply(&mut reservations, order_of_day(days, 1), 0, Hold::Live);
    assert!(reservations.knows(order_of_day(0, 1)));
    apply(&mut reservations, order_of_day(days + 2, 1), 0, Hold::Live);
    assert!(!reservations.knows(order_of_day(0, 1)));
    assert!(reservations.knows(order_of_day(1, 1)), "a sold one is kept for good");
    assert!(!apply(&mut reservations, order_of_day(0, 1), 0, Hold::Live), "it has been released");
}

#[test]
fn a_late_event_of_a_forgotten_order_changes_nothing_unless_it_bought_the_ticket() {
    let mut reservations = Reservations::default();
    for number in 1..=RELEASED_KEPT as u16 + 50 {
        apply(&mut reservations, order(number), 1, Hold::Released);
    }
    let before = reservations.clone();
    assert!(!apply(&mut reservations, order(1), 0, Hold::Live));
    assert!(!apply(&mut reservations, order(1), 1, Hold::Released));
    assert_eq!(reservations, before);
    assert!(apply(&mut reservations, order(1), 1, Hold::Sold));
    assert_eq!(reservations.holder(None), Some(order(1)));
}

#[test]
fn reservations_of_an_earlier_version_are_read() {
    let stored = json!({
        "orders": [
            {"orderId": order(1), "version": 1, "hold": "released"},
            {"orderId": order(2), "version": 1, "hold": "sold"},
            {"orderId": order(3), "version": 0, "hold": "live"},
        ],
        "forgotten": order(0)
    });
    let mut reservations: Reservations = serde_json::from_value(stored).unwrap();
    assert_eq!(reservations.holder(None), Some(order(2)));
    assert_eq!(reservations.live(order(3)), Some(None));
    assert!(apply(&mut reservations, order(2), 2, Hold::Released));
    assert_eq!(reservations.holder(None), Some(order(3)));
}
