//! A ticket as its seller sees it.

use common::api::{ListingState, OwnTicketBody};
use common::timestamp::Timestamp;

use super::Ticket;
use super::withdrawal::Withdrawal;
use crate::models::reservations::Hold;

impl Ticket {
    /// As the API shows it to its seller, and to operators.
    pub fn own_body(self, now: Timestamp) -> OwnTicketBody {
        OwnTicketBody {
            state: self.listing_state(now),
            held_until: self.live_holder().and_then(|(_, deadline)| deadline),
            taken_down: self.withdrawn.as_ref().and_then(Withdrawal::reason).map(str::to_owned),
            ticket: self.body(),
        }
    }

    fn listing_state(&self, now: Timestamp) -> ListingState {
        match self.order_id.map(|holder| self.reservations.of(holder)) {
            Some(Some(holder)) if holder.hold == Hold::Sold => ListingState::Sold,
            // The original kept no more than the order's id: it is held until its order says more.
            Some(_) => ListingState::Held,
            None if self.withdrawn.is_some() => ListingState::Withdrawn,
            None if self.details.has_begun(now) => ListingState::Over,
            None => ListingState::OnSale,
        }
    }
}
