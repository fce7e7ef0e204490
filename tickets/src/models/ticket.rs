//! A ticket: its document and its changes.

use std::time::Duration;

use common::api::TicketBody;
use common::error::ApiError;
use common::events::{TICKET, TicketCreated, TicketUpdated};
use common::id::{Id, as_object_id};
use common::listing::Details;
use common::money::Money;
use common::mongo::{Aggregate, Turn};
use common::outbox::{Entry, Publishes};
use common::timestamp::Timestamp;
use mongodb::bson::DateTime;
use serde::{Deserialize, Serialize};

use super::offer::Offer;
use super::reservations::{Hold, Reservations};

/// A document of `tickets`, the original's fields and our `reservations` beside them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ticket {
    #[serde(rename = "_id", with = "as_object_id")]
    id: Id,
    title: String,
    price: Money,
    user_id: Id,
    /// What else the listing says.
    #[serde(flatten)]
    details: Details,
    /// The order that holds or has bought the ticket, computed from `reservations`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order_id: Option<Id>,
    #[serde(default)]
    version: i32,
    #[serde(default, skip_serializing_if = "Reservations::is_empty")]
    reservations: Reservations,
    /// Set while a live order holds the ticket, to ask for that order's end when it does not come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ask: Option<Turn>,
}

/// How long after its order's deadline a ticket is held too long.
pub const HELD_TOO_LONG: Duration = Duration::from_secs(30);

impl Aggregate for Ticket {
    const COLLECTION: &'static str = "tickets";
    const KIND: &'static str = TICKET;

    fn id(&self) -> Id {
        self.id
    }

    fn version(&self) -> i32 {
        self.version
    }

    fn state(&self) -> Result<Option<Entry>, serde_json::Error> {
        self.updated().entry()
    }
}

impl Ticket {
    /// A seller offers a ticket.
    pub fn offer(offer: Offer, seller: Id) -> (Self, TicketCreated) {
        let Offer { title, price, details } = offer;
        let ticket = Self {
            id: Id::generate(),
            title,
            price,
            user_id: seller,
            details,
            order_id: None,
            version: 0,
            reservations: Reservations::default(),
            ask: None,
        };
        let created = TicketCreated {
            id: ticket.id,
            version: ticket.version,
            title: ticket.title.clone(),
            price: ticket.price,
            user_id: ticket.user_id,
            starts_at: ticket.details.starts_at,
        };
        (ticket, created)
    }

    /// Its seller changes title and price, unless an order holds it: the buyer pays the price that was shown.
    pub fn edit(&mut self, offer: Offer, editor: Id) -> Result<TicketUpdated, ApiError> {
        if self.user_id != editor {
            return Err(ApiError::NotAuthorized);
        }
        if self.order_id.is_some() {
            return Err(ApiError::refused("Cannot edit a reserved ticket"));
        }
        (self.title, self.price) = (offer.title, offer.price);
        self.version += 1;
        Ok(self.updated())
    }

    /// Applies an order's hold on this ticket; `deadline` is that of a live order. Nothing changes when it is known already.
    pub fn apply(
        &mut self,
        order_id: Id,
        order_version: i32,
        hold: Hold,
        deadline: Option<Timestamp>,
    ) -> Option<TicketUpdated> {
        // A ticket that the Node original reserved has only `orderId`.
        if let Some(holder) = self.order_id.filter(|holder| !self.reservations.knows(*holder)) {
            self.reservations.apply(holder, -1, Hold::Live, None);
        }
        let before = self.live_holder();
        if !self.reservations.apply(order_id, order_version, hold, deadline) {
            return None;
        }
        self.order_id = self.reservations.holder(self.order_id);
        let after = self.live_holder();
        if after != before {
            self.ask = after.map(|(_, deadline)| ask_after(deadline));
        }
        self.version += 1;
        Some(self.updated())
    }

    /// The live order that holds the ticket, and its deadline, as far as that is known.
    fn live_holder(&self) -> Option<(Id, Option<Timestamp>)> {
        let holder = self.order_id?;
        self.reservations.live(holder).map(|deadline| (holder, deadline))
    }

    fn updated(&self) -> TicketUpdated {
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

    /// As the API shows it.
    pub fn body(self) -> TicketBody {
        TicketBody {
            id: self.id,
            title: self.title,
            price: self.price,
            user_id: self.user_id,
            order_id: self.order_id,
            version: self.version,
            details: self.details,
            event: None,
            has_file: false,
        }
    }
}

/// Some time after the deadline, which leaves the expiration service, payments and orders time to end the order. The sweep plans it
/// when the deadline is not known.
fn ask_after(deadline: Option<Timestamp>) -> Turn {
    let at = deadline.map(|deadline| DateTime::from_millis(deadline.after(HELD_TOO_LONG).millis()));
    Turn::first(at.unwrap_or(Turn::UNPLANNED))
}
