//! The state of each order of a ticket, and which of them holds it.

use std::cmp::Reverse;
use std::time::Duration;

use common::id::Id;
use common::timestamp::Timestamp;
use mongodb::bson::oid::ObjectId;
use serde::{Deserialize, Serialize};

/// The most released orders that are kept.
pub const RELEASED_KEPT: usize = 256;

/// How much older than the newest order a released one may be that is kept. The stream keeps an event for 7 days unless configured
/// otherwise (`STREAM_MAX_AGE_DAYS`), and an order is open for at most 7: no event of an older one comes any more.
pub const RELEASED_KEPT_FOR: Duration = Duration::from_secs(60 * 24 * 60 * 60);

/// An order's hold on its ticket. It only rises, whatever the versions of its events say and whenever they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hold {
    /// The order is open: nobody else may have the ticket.
    Live,
    /// The order is paid.
    Sold,
    /// The order was cancelled, also after it was paid, when its money could not be captured.
    Released,
}

/// The state of one order, as its events say and as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reservation {
    /// The order.
    pub order_id: Id,
    /// The order's version in that state, for who reads the document; nothing is decided by it.
    pub version: i32,
    /// Its hold on the ticket.
    pub hold: Hold,
    /// When the order ends, while it is live. One that the original or an earlier version reserved has no deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
    /// Whose order it is, until it is released. One that the original or an earlier version reserved has no buyer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer: Option<Id>,
}

impl Reservation {
    /// Only a live order has a deadline, and a released one no buyer.
    fn tidied(self) -> Self {
        let deadline = self.deadline.filter(|_| self.hold == Hold::Live);
        let buyer = self.buyer.filter(|_| self.hold != Hold::Released);
        Self { deadline, buyer, ..self }
    }

    /// Takes over what another event of the order says. False when nothing of it is new.
    fn merge(&mut self, other: Self) -> bool {
        let mut learned = if other.hold > self.hold { other.clone() } else { self.clone() };
        learned.deadline = self.deadline.or(other.deadline);
        learned.buyer = self.buyer.or(other.buyer);
        let learned = learned.tidied();
        let is_new = learned != *self;
        *self = learned;
        is_new
    }
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
    /// Applies the state of an order. False when nothing changes.
    pub fn apply(&mut self, state: Reservation) -> bool {
        let state = state.tidied();
        match self.orders.binary_search_by_key(&state.order_id, |reservation| reservation.order_id) {
            Ok(found) if !self.orders[found].merge(state.clone()) => return false,
            Ok(_) => {}
            Err(_)
                if state.hold != Hold::Sold && self.forgotten.is_some_and(|forgotten| state.order_id <= forgotten) =>
            {
                return false;
            }
            Err(place) => self.orders.insert(place, state),
        }
        self.forget_released();
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

    /// Whether this order is live, and until when, as far as that is known.
    pub fn live(&self, order_id: Id) -> Option<Option<Timestamp>> {
        self.of(order_id).filter(|reservation| reservation.hold == Hold::Live).map(|reservation| reservation.deadline)
    }

    /// What is known of this order.
    pub fn of(&self, order_id: Id) -> Option<&Reservation> {
        self.orders.iter().find(|reservation| reservation.order_id == order_id)
    }

    /// No order is known.
    pub fn is_empty(&self) -> bool {
        self.orders.is_empty()
    }

    /// Whether this order is known.
    pub fn knows(&self, order_id: Id) -> bool {
        self.of(order_id).is_some()
    }

    /// Forgets the oldest released orders beyond [`RELEASED_KEPT`], and those that are too old for another event.
    fn forget_released(&mut self) {
        let newest = self.orders.last().map_or(0, |newest| created_at(newest.order_id));
        let is_released = |reservation: &Reservation| reservation.hold == Hold::Released;
        let is_old = |reservation: &Reservation| {
            newest - created_at(reservation.order_id) > RELEASED_KEPT_FOR.as_millis() as i64
        };
        let released = self.orders.iter().filter(|reservation| is_released(reservation)).count();
        let mut surplus = released.saturating_sub(RELEASED_KEPT);
        let forgotten = &mut self.forgotten;
        self.orders.retain(|reservation| {
            let forget = is_released(reservation) && (surplus > 0 || is_old(reservation));
            if forget {
                surplus = surplus.saturating_sub(1);
                *forgotten = (*forgotten).max(Some(reservation.order_id));
            }
            !forget
        });
    }
}

/// When the order was made, in milliseconds: an id begins with its second.
fn created_at(order_id: Id) -> i64 {
    ObjectId::from(order_id).timestamp().timestamp_millis()
}
