//! The latest word on each order of a ticket, and which of them holds it.

use std::cmp::Reverse;

use common::id::Id;
use serde::{Deserialize, Serialize};

/// Released orders that are remembered. An order lives minutes; its events are long settled when so many others have followed.
const RELEASED_KEPT: usize = 32;

/// What is known of an order's hold on its ticket. The greater word wins where two have the same version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hold {
    /// The order is open: nobody else may have the ticket.
    Live,
    /// The order was cancelled.
    Released,
    /// The order is paid.
    Sold,
}

/// The latest word on one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reservation {
    order_id: Id,
    /// The order's version when it said so.
    version: i32,
    hold: Hold,
}

/// What is known of the orders of one ticket. It is the same in whatever order, and however often, it was told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservations {
    /// Sorted by id.
    orders: Vec<Reservation>,
    /// The youngest order that was released and is no longer remembered. One that is older and not known either has long
    /// been released: a late word of it must not reserve the ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    forgotten: Option<Id>,
}

impl Reservations {
    /// Takes note of what an order's event says. False when that was known, or is older than what is known.
    pub fn note(&mut self, order_id: Id, version: i32, hold: Hold) -> bool {
        match self.orders.binary_search_by_key(&order_id, |reservation| reservation.order_id) {
            Ok(found) => {
                let known = &mut self.orders[found];
                if (version, hold) <= (known.version, known.hold) {
                    return false;
                }
                (known.version, known.hold) = (version, hold);
            }
            Err(_) if hold != Hold::Sold && self.forgotten.is_some_and(|forgotten| order_id <= forgotten) => {
                return false;
            }
            Err(place) => self.orders.insert(place, Reservation { order_id, version, hold }),
        }
        self.forget_oldest_released();
        true
    }

    /// The order that holds the ticket: the one that bought it, else `current` while it is live, else the oldest live one.
    pub fn holder(&self, current: Option<Id>) -> Option<Id> {
        let rank = |reservation: &&Reservation| (reservation.hold == Hold::Sold, Some(reservation.order_id) == current);
        (self.orders.iter())
            .filter(|reservation| reservation.hold != Hold::Released)
            // The last of several greatest wins, and ids grow with age, so turn them round.
            .max_by_key(|reservation| (rank(reservation), Reverse(reservation.order_id)))
            .map(|reservation| reservation.order_id)
    }

    /// Nothing is known of any order.
    pub fn is_empty(&self) -> bool {
        self.orders.is_empty()
    }

    /// Whether anything is known of this order.
    pub fn knows(&self, order_id: Id) -> bool {
        self.orders.iter().any(|reservation| reservation.order_id == order_id)
    }

    fn forget_oldest_released(&mut self) {
        let released = |reservation: &Reservation| reservation.hold == Hold::Released;
        let mut surplus =
            self.orders.iter().filter(|reservation| released(reservation)).count().saturating_sub(RELEASED_KEPT);
        let forgotten = &mut self.forgotten;
        self.orders.retain(|reservation| {
            let forget = surplus > 0 && released(reservation);
            if forget {
                surplus -= 1;
                *forgotten = (*forgotten).max(Some(reservation.order_id));
            }
            !forget
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{Hold, RELEASED_KEPT, Reservations};
    use common::id::Id;

    fn order(number: u8) -> Id {
        Id::from_bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, number])
    }

    #[test]
    fn a_released_order_does_not_come_back() {
        let mut reservations = Reservations::default();
        assert!(reservations.note(order(1), 1, Hold::Released));
        assert!(!reservations.note(order(1), 0, Hold::Live));
        assert_eq!(reservations.holder(None), None);
    }

    #[test]
    fn the_holder_stays_while_its_order_is_live() {
        let mut reservations = Reservations::default();
        reservations.note(order(2), 0, Hold::Live);
        reservations.note(order(1), 0, Hold::Live);
        assert_eq!(reservations.holder(Some(order(2))), Some(order(2)));
        reservations.note(order(2), 1, Hold::Released);
        assert_eq!(reservations.holder(Some(order(2))), Some(order(1)));
    }

    #[test]
    fn the_order_that_bought_the_ticket_holds_it_against_a_live_one() {
        let mut reservations = Reservations::default();
        reservations.note(order(1), 0, Hold::Live);
        reservations.note(order(2), 1, Hold::Sold);
        assert_eq!(reservations.holder(Some(order(1))), Some(order(2)));
    }

    #[test]
    fn only_the_latest_released_orders_are_remembered() {
        let mut reservations = Reservations::default();
        reservations.note(order(0), 0, Hold::Live);
        for number in 1..=100 {
            reservations.note(order(number), 1, Hold::Released);
        }
        assert_eq!(reservations.orders.len(), RELEASED_KEPT + 1);
        assert_eq!(reservations.holder(None), Some(order(0)));
        assert!(reservations.knows(order(100)) && !reservations.knows(order(1)));
    }

    #[test]
    fn a_late_word_of_a_forgotten_order_changes_nothing_unless_it_bought_the_ticket() {
        let mut reservations = Reservations::default();
        for number in 1..=100 {
            reservations.note(order(number), 1, Hold::Released);
        }
        let before = reservations.clone();
        assert!(!reservations.note(order(1), 0, Hold::Live));
        assert!(!reservations.note(order(1), 1, Hold::Released));
        assert_eq!(reservations, before);
        assert!(reservations.note(order(1), 1, Hold::Sold));
        assert_eq!(reservations.holder(None), Some(order(1)));
    }
}
