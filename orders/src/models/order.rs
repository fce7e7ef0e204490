//! An order: its document and the changes of its status.

use std::time::Duration;

use common::api::{OrderBody, OrderStatus, OrderedTicketBody};
use common::error::ApiError;
use common::events::{ORDER, OrderCancelled, OrderCompleted, OrderCreated, PricedTicket, TicketRef};
use common::id::{Id, as_object_id};
use common::money::Money;
use common::mongo::Aggregate;
use common::outbox::{Entry, Publishes};
use common::timestamp::{Timestamp, as_date};
use serde::{Deserialize, Serialize};

use super::ticket::Ticket;

/// A document of `orders`, the original's fields and ours beside them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    #[serde(rename = "_id", with = "as_object_id")]
    id: Id,
    user_id: Id,
    status: OrderStatus,
    #[serde(with = "as_date")]
    expires_at: Timestamp,
    #[serde(with = "as_object_id")]
    ticket: Id,
    #[serde(default)]
    version: i32,
    /// What the buyer pays: the ticket's price when it was ordered. Documents of the original have none; there the ticket's
    /// present price counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    price: Option<Money>,
    /// What the buyer got back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refunded: Option<Money>,
}

/// Why an order's status does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is paid, and keeps its ticket for good.
    #[error("the order is complete")]
    Complete,
    /// It has released its ticket, which another order may hold by now.
    #[error("the order is cancelled")]
    Cancelled,
    /// Its deadline has not passed.
    #[error("the order is not due yet")]
    NotDue,
}

impl Aggregate for Order {
    const COLLECTION: &'static str = "orders";
    const KIND: &'static str = ORDER;

    fn id(&self) -> Id {
        self.id
    }

    fn version(&self) -> i32 {
        self.version
    }

    fn state(&self) -> Result<Option<Entry>, serde_json::Error> {
        // An order of the original has no price of its own, and was never published here.
        let Some(price) = self.price else {
            return Ok(None);
        };
        match self.status {
            OrderStatus::Created | OrderStatus::AwaitingPayment => self.created(price).entry(),
            OrderStatus::Complete => self.completed(price).entry(),
            OrderStatus::Cancelled => self.cancelled().entry(),
        }
    }
}

impl Order {
    /// A buyer reserves a ticket for this long.
    pub fn reserve(ticket: &Ticket, buyer: Id, window: Duration) -> (Self, OrderCreated) {
        let order = Self {
            id: Id::generate(),
            user_id: buyer,
            status: OrderStatus::Created,
            expires_at: Timestamp::now().after(window),
            ticket: ticket.id,
            version: 0,
            price: Some(ticket.price),
            refunded: None,
        };
        let created = order.created(ticket.price);
        (order, created)
    }

    fn created(&self, price: Money) -> OrderCreated {
        OrderCreated {
            id: self.id,
            version: self.version,
            status: self.status,
            user_id: self.user_id,
            expires_at: self.expires_at,
            ticket: PricedTicket { id: self.ticket, price },
        }
    }

    fn completed(&self, price: Money) -> OrderCompleted {
        let ticket = PricedTicket { id: self.ticket, price };
        OrderCompleted { id: self.id, version: self.version, user_id: self.user_id, ticket }
    }

    fn cancelled(&self) -> OrderCancelled {
        OrderCancelled { id: self.id, version: self.version, ticket: TicketRef { id: self.ticket } }
    }

    /// created | awaiting:payment -> cancelled, by the buyer. Nothing changes when it is cancelled already.
    pub fn cancel(&mut self) -> Result<Option<OrderCancelled>, Refusal> {
        match self.status {
            OrderStatus::Complete => Err(Refusal::Complete),
            OrderStatus::Cancelled => Ok(None),
            OrderStatus::Created | OrderStatus::AwaitingPayment => {
                self.status = OrderStatus::Cancelled;
                self.version += 1;
                Ok(Some(self.cancelled()))
            }
        }
    }

    /// created | awaiting:payment -> cancelled, because the deadline has passed.
    pub fn expire(&mut self, now: Timestamp) -> Result<Option<OrderCancelled>, Refusal> {
        match self.status {
            OrderStatus::Created | OrderStatus::AwaitingPayment if now < self.expires_at => Err(Refusal::NotDue),
            _ => self.cancel(),
        }
    }

    /// created | awaiting:payment -> complete, because the money is authorised. Nothing changes when it is complete already.
    pub fn complete(&mut self, ticket_price: Money) -> Result<Option<OrderCompleted>, Refusal> {
        match self.status {
            OrderStatus::Cancelled => Err(Refusal::Cancelled),
            OrderStatus::Complete => Ok(None),
            OrderStatus::Created | OrderStatus::AwaitingPayment => {
                self.status = OrderStatus::Complete;
                self.version += 1;
                Ok(Some(self.completed(self.price.unwrap_or(ticket_price))))
            }
        }
    }

    /// Stores what the buyer got back. The status does not change, and there is no event.
    pub fn refund(&mut self, amount: Money) {
        if self.refunded != Some(amount) {
            self.refunded = Some(amount);
            self.version += 1;
        }
    }

    /// Only the buyer may see and change an order: 401 for everybody else.
    pub fn check_buyer(&self, user: Id) -> Result<(), ApiError> {
        if self.user_id == user { Ok(()) } else { Err(ApiError::NotAuthorized) }
    }

    /// What the buyer pays; an order of the original has no price of its own.
    pub fn price(&self) -> Option<Money> {
        self.price
    }

    /// The ticket that it reserves.
    pub fn ticket(&self) -> Id {
        self.ticket
    }

    /// Its status.
    pub fn status(&self) -> OrderStatus {
        self.status
    }

    /// As the API shows it.
    pub fn body(&self, ticket: &Ticket) -> OrderBody {
        OrderBody {
            id: self.id,
            user_id: self.user_id,
            status: self.status,
            expires_at: self.expires_at,
            version: self.version,
            ticket: OrderedTicketBody {
                id: ticket.id,
                title: ticket.title.clone(),
                price: self.price.unwrap_or(ticket.price),
                version: ticket.version,
            },
        }
    }
}
