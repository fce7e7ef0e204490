//! What a ticket publishes of its changes.

use common::events::{TicketDeleted, TicketUpdated};
use common::outbox::{Entry, Publishes};

use super::Ticket;

/// The event of a change: `ticket.updated`, and `ticket.deleted` once the ticket is withdrawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TicketChanged {
    /// It is there.
    Updated(TicketUpdated),
    /// It is not there any more.
    Deleted(TicketDeleted),
}

impl Publishes for TicketChanged {
    fn entry(&self) -> Result<Option<Entry>, serde_json::Error> {
        match self {
            Self::Updated(updated) => updated.entry(),
            Self::Deleted(deleted) => deleted.entry(),
        }
    }
}

impl Ticket {
    /// The event of its present state.
    pub(super) fn changed(&self) -> TicketChanged {
        match self.is_gone() {
            true => TicketChanged::Deleted(TicketDeleted { id: self.id, version: self.version }),
            false => TicketChanged::Updated(self.updated()),
        }
    }

    /// The event of its present state, while it is there.
    pub(super) fn updated(&self) -> TicketUpdated {
        TicketUpdated {
            id: self.id,
            version: self.version,
            title: self.title.clone(),
            price: self.price,
            user_id: self.user_id,
            order_id: self.order_id,
            starts_at: self.details.starts_at,
        }
    }
}
