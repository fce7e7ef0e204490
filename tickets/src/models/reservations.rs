//! The latest state of each order of a ticket, and which of them holds it.

use std::cmp::Reverse;

use common::id::Id;
use serde::{Deserialize, Serialize};

/// Released orders that are kept. An order lives minutes; its events have all been handled when so many others have followed.
pub const RELEASED_KEPT: usize = 32;

/// An order's hold on its ticket. Of two holds at the same version of the order, the greater one counts.
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

/// The latest state of one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reservation {
    order_id: Id,
    /// The order's version in that state.
    version: i32,
    hold: Hold,
}

/// The orders of one ticket. The result is the same in whatever order, and however often, their events are applied.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservations {
    /// Sorted by id.
    orders: Vec<Reservation>,
    /// The newest released order that is no longer kept. An unknown order that is older has been released too: a late event of
    /// it must not reserve the ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    forgotten: Option<Id>,
}

impl Reservations {
    /// Applies the state of an order. False when it is known, or older than the known one.
    pub fn apply(&mut self, order_id: Id, version: i32, hold: Hold) -> bool {
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
            // The oldest has the least id.
            .max_by_key(|reservation| (rank(reservation), Reverse(reservation.order_id)))
            .map(|reservation| reservation.order_id)
    }

    /// No order is known.
    pub fn is_empty(&self) -> bool {
        self.orders.is_empty()
    }

    /// Whether this order is known.
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
