use common::id::Id;
use tickets::models::reservations::{Hold, RELEASED_KEPT, Reservations};

fn order(number: u8) -> Id {
    Id::from_bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, number])
}

#[test]
fn a_released_order_does_not_come_back() {
    let mut reservations = Reservations::default();
    assert!(reservations.apply(order(1), 1, Hold::Released));
    assert!(!reservations.apply(order(1), 0, Hold::Live));
    assert_eq!(reservations.holder(None), None);
}

#[test]
fn the_holder_stays_while_its_order_is_live() {
    let mut reservations = Reservations::default();
    reservations.apply(order(2), 0, Hold::Live);
    reservations.apply(order(1), 0, Hold::Live);
    assert_eq!(reservations.holder(Some(order(2))), Some(order(2)));
    reservations.apply(order(2), 1, Hold::Released);
    assert_eq!(reservations.holder(Some(order(2))), Some(order(1)));
}

#[test]
fn the_order_that_bought_the_ticket_holds_it_against_a_live_one() {
    let mut reservations = Reservations::default();
    reservations.apply(order(1), 0, Hold::Live);
    reservations.apply(order(2), 1, Hold::Sold);
    assert_eq!(reservations.holder(Some(order(1))), Some(order(2)));
}

#[test]
fn only_the_latest_released_orders_are_kept() {
    let mut reservations = Reservations::default();
    reservations.apply(order(0), 0, Hold::Live);
    for number in 1..=100 {
        reservations.apply(order(number), 1, Hold::Released);
    }
    let stored = serde_json::to_value(&reservations).unwrap();
    assert_eq!(stored["orders"].as_array().unwrap().len(), RELEASED_KEPT + 1);
    assert_eq!(reservations.holder(None), Some(order(0)));
    assert!(reservations.knows(order(100)) && !reservations.knows(order(1)));
}

#[test]
fn a_late_event_of_a_forgotten_order_changes_nothing_unless_it_bought_the_ticket() {
    let mut reservations = Reservations::default();
    for number in 1..=100 {
        reservations.apply(order(number), 1, Hold::Released);
    }
    let before = reservations.clone();
    assert!(!reservations.apply(order(1), 0, Hold::Live));
    assert!(!reservations.apply(order(1), 1, Hold::Released));
    assert_eq!(reservations, before);
    assert!(reservations.apply(order(1), 1, Hold::Sold));
    assert_eq!(reservations.holder(None), Some(order(1)));
}
