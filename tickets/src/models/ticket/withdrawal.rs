//! Withdrawing a ticket: by its seller, or by an operator. It stays as a tombstone, so that its last event can be published again.

use std::time::Duration;

use common::error::ApiError;
use common::events::TicketDeleted;
use common::id::Id;
use common::timestamp::{Timestamp, as_date};
use serde::{Deserialize, Serialize};

use super::Ticket;
use super::changed::TicketChanged;
use crate::models::reservations::Hold;

/// Since when a ticket is withdrawn, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    #[serde(with = "as_date")]
    at: Timestamp,
    /// What the operator says to the seller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Withdrawal {
    /// Why an operator took it down.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }
}

/// How long the file of a withdrawn ticket is kept: an order that was made at the same moment may still get the ticket. No order is
/// open for longer.
pub const WITHDRAWN_FILE_KEPT_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

impl Ticket {
    /// Whether it was withdrawn, and no order that was made at the same moment holds it.
    pub fn is_gone(&self) -> bool {
        self.withdrawn.is_some() && self.order_id.is_none()
    }

    /// Whether it was withdrawn so long ago that no order gets it any more.
    pub fn is_long_gone(&self, now: Timestamp) -> bool {
        let is_old = |withdrawal: &Withdrawal| withdrawal.at.after(WITHDRAWN_FILE_KEPT_FOR) <= now;
        self.is_gone() && self.withdrawn.as_ref().is_some_and(is_old)
    }

    /// Whether it was withdrawn, even if an order holds it.
    pub fn is_withdrawn(&self) -> bool {
        self.withdrawn.is_some()
    }

    /// Its seller takes it back, unless an order holds it.
    pub fn withdraw(&mut self, seller: Id) -> Result<TicketDeleted, ApiError> {
        self.check_seller(seller)?;
        self.end(None)
    }

    /// An operator takes it down, unless an order holds it.
    pub fn take_down(&mut self, reason: &str) -> Result<TicketDeleted, ApiError> {
        if self.is_gone() {
            return Err(ApiError::NotFound);
        }
        self.end(Some(reason.to_owned()))
    }

    /// Its seller's account is deleted: it leaves the market at once, or when the order that holds it is released. What is sold stays sold.
    pub fn leave(&mut self) -> Option<TicketChanged> {
        let is_sold =
            self.order_id.is_some_and(|holder| self.reservations.of(holder).is_some_and(|of| of.hold == Hold::Sold));
        if self.withdrawn.is_some() || is_sold {
            return None;
        }
        self.withdrawn = Some(Withdrawal { at: Timestamp::now(), reason: None });
        self.reported = None;
        self.version += 1;
        Some(self.changed())
    }

    fn end(&mut self, reason: Option<String>) -> Result<TicketDeleted, ApiError> {
        if self.order_id.is_some() {
            return Err(ApiError::refused("Cannot withdraw a reserved ticket"));
        }
        self.withdrawn = Some(Withdrawal { at: Timestamp::now(), reason });
        self.reported = None;
        self.version += 1;
        Ok(TicketDeleted { id: self.id, version: self.version })
    }
}
