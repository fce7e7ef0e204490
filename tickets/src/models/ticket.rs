//! A ticket: its document and its changes.

mod changed;
pub mod file;
mod own;
pub mod withdrawal;

use std::time::Duration;

use common::api::TicketBody;
use common::error::ApiError;
use common::events::{TICKET, TicketCreated, TicketUpdated};
use common::id::{Id, as_object_id};
use common::listing::Details;
use common::live::{Change, Frame};
use common::money::Money;
use common::mongo::{Aggregate, StoreError, Turn};
use common::outbox::{Entry, Publishes};
use common::timestamp::Timestamp;
use mongodb::bson::{DateTime, Document, doc, serialize_to_bson};
use serde::{Deserialize, Serialize};

use super::details::START_PASSED;
use super::event;
use super::listed::{Listed, Sale};
use super::offer::{Edit, Offer};
use super::price_cap::PriceCap;
use super::reservations::{Hold, Reservation, Reservations};
pub use changed::TicketChanged;
use file::File;
use withdrawal::Withdrawal;

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
    /// Set when its seller has taken it back, or an operator has taken it down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    withdrawn: Option<Withdrawal>,
    /// The ticket itself, for its buyer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<File>,
    /// The latest report that no operator has dismissed. Reports are no changes: they set it past the version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reported: Option<Id>,
    /// What its seller sent with it, by which the same request is known when it comes again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    idempotency_key: Option<String>,
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
        self.changed().entry()
    }

    fn derived(&self) -> Result<Document, StoreError> {
        Ok(doc! {"listed": serialize_to_bson(&self.listed())?})
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
            withdrawn: None,
            file: None,
            reported: None,
            idempotency_key: None,
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

    /// With the key of the request that offers it.
    pub fn with_key(self, idempotency_key: Option<String>) -> Self {
        Self { idempotency_key, ..self }
    }

    /// Its seller changes what it says, unless an order holds it: the buyer pays the price that was shown.
    pub fn edit(&mut self, edit: Edit, editor: Id, cap: PriceCap) -> Result<TicketUpdated, ApiError> {
        self.check_seller(editor)?;
        if self.order_id.is_some() {
            return Err(ApiError::refused("Cannot edit a reserved ticket"));
        }
        let details = edit.details.apply(self.details.clone());
        // One that has passed may stay, so that the rest can be edited.
        if details.starts_at != self.details.starts_at && details.has_begun(Timestamp::now()) {
            return Err(ApiError::invalid("startsAt", START_PASSED));
        }
        cap.check(edit.price, &details)?;
        (self.title, self.price, self.details) = (edit.title, edit.price, details);
        self.version += 1;
        Ok(self.updated())
    }

    /// Whether this change by its seller puts it back on sale: its event has begun, and after the change it has not.
    pub fn is_put_back_by(&self, edit: &Edit, editor: Id) -> bool {
        let now = Timestamp::now();
        let is_over = |details: &Details| details.has_begun(now);
        self.check_seller(editor).is_ok()
            && is_over(&self.details)
            && !is_over(&edit.details.clone().apply(self.details.clone()))
    }

    /// Applies the state of an order of this ticket. Nothing changes when it is known already.
    ///
    /// An order may come for a ticket that was withdrawn when the orders service did not know that yet. It holds the ticket all the
    /// same, and the withdrawal takes effect when the order is released.
    pub fn apply(&mut self, order: Reservation) -> Option<TicketChanged> {
        // A ticket that the Node original reserved has only `orderId`.
        if let Some(order_id) = self.order_id.filter(|holder| !self.reservations.knows(*holder)) {
            self.reservations.apply(Reservation {
                order_id,
                version: -1,
                hold: Hold::Live,
                deadline: None,
                buyer: None,
            });
        }
        let before = self.live_holder();
        if !self.reservations.apply(order) {
            return None;
        }
        self.order_id = self.reservations.holder(self.order_id);
        let after = self.live_holder();
        if after != before {
            self.ask = after.map(|(_, deadline)| ask_after(deadline));
        }
        self.version += 1;
        Some(self.changed())
    }

    /// The seller's alone; 404 when it was withdrawn.
    pub fn check_seller(&self, user: Id) -> Result<(), ApiError> {
        match self {
            ticket if ticket.is_gone() => Err(ApiError::NotFound),
            ticket if ticket.user_id != user => Err(ApiError::NotAuthorized),
            _ => Ok(()),
        }
    }

    /// The latest report of it that no operator has dismissed.
    pub fn reported(&self) -> Option<Id> {
        self.reported
    }

    /// The live order that holds the ticket, and its deadline, as far as that is known.
    fn live_holder(&self) -> Option<(Id, Option<Timestamp>)> {
        let holder = self.order_id?;
        self.reservations.live(holder).map(|deadline| (holder, deadline))
    }

    /// What live connections are told: it is on sale, or it is not (any more).
    pub fn change(self) -> Result<Change, serde_json::Error> {
        let gone = Frame::new("gone", &Gone { id: self.id })?;
        let is_on_sale = self.order_id.is_none() && !self.is_gone() && !self.details.has_begun(Timestamp::now());
        let body = self.body();
        // One that says neither place nor time is an event of its own.
        let (id, version, topic) = (body.id, body.version, body.event.unwrap_or(body.id));
        let frame = if is_on_sale { Frame::new("ticket", &body)? } else { gone };
        Ok(Change { id, version, topic, frame, elsewhere: Vec::new() })
    }

    /// What lists and searches find it by.
    pub fn listed(&self) -> Listed {
        let is_on_sale = self.order_id.is_none() && self.withdrawn.is_none();
        let event = event::key(&self.title, &self.details).unwrap_or(self.id);
        let sale = is_on_sale.then(|| Sale::of(event, &self.title, self.price, &self.details));
        Listed { of: self.version, sale }
    }

    /// As the API shows it.
    pub fn body(self) -> TicketBody {
        let event = event::key(&self.title, &self.details);
        TicketBody {
            id: self.id,
            title: self.title,
            price: self.price,
            user_id: self.user_id,
            order_id: self.order_id,
            version: self.version,
            details: self.details,
            event,
            has_file: self.file.is_some(),
        }
    }
}

/// What live connections are told of a ticket that is not on sale.
#[derive(Serialize)]
struct Gone {
    id: Id,
}

/// Some time after the deadline, which leaves the expiration service, payments and orders time to end the order. The sweep plans it
/// when the deadline is not known.
fn ask_after(deadline: Option<Timestamp>) -> Turn {
    let at = deadline.map(|deadline| DateTime::from_millis(deadline.after(HELD_TOO_LONG).millis()));
    Turn::first(at.unwrap_or(Turn::UNPLANNED))
}
