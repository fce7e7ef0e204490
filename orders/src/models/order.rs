//! An order: its document and the changes of its status.

use std::time::Duration;

use common::api::{CancelCause, OrderBody, OrderStatus, OrderedTicketBody};
use common::error::ApiError;
use common::events::{ORDER, OrderCancelled, OrderCompleted, OrderCreated, PricedTicket, TicketRef};
use common::id::{Id, as_object_id};
use common::money::Money;
use common::mongo::{Aggregate, Turn};
use common::outbox::{Entry, Publishes};
use common::timestamp::{Timestamp, as_date};
use serde::{Deserialize, Serialize};

use super::ticket::Ticket;

/// The title of a ticket that neither the order nor the replica knows.
const UNKNOWN_TITLE: &str = "Ticket";

/// The sweep plans when an order whose status has changed is compared with its ticket.
const TO_BE_CHECKED: Turn = Turn::first(Turn::UNPLANNED);

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
    /// The ticket's title when it was ordered. Documents of the original and of earlier versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// Who sold the ticket. Documents of the original and of earlier versions do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seller_id: Option<Id>,
    /// Why it was cancelled. Documents of the original and of earlier versions do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cancelled_by: Option<CancelCause>,
    /// What the buyer got back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refunded: Option<Money>,
    /// Which of its buyer's open orders it is: one of a limited number, by which the database keeps that limit. It means nothing once the
    /// order is not open any more. Documents of the original and of earlier versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    slot: Option<i32>,
    /// Set while the ticket has to be compared with this order, since a change of the status until both agree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    check: Option<Turn>,
}

/// Why an order's status does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is paid, and keeps its ticket.
    #[error("the order is complete")]
    Complete,
    /// It has released its ticket, which another order may hold by now.
    #[error("the order is cancelled")]
    Cancelled,
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
        match (self.status, self.price) {
            (OrderStatus::Cancelled, _) => self.cancelled().entry(),
            // An order of the original has no price of its own until it is asked for or ends here.
            (_, None) => Ok(None),
            (OrderStatus::Complete, Some(price)) => self.completed(price).entry(),
            (OrderStatus::Created | OrderStatus::AwaitingPayment, Some(price)) => self.created(price).entry(),
        }
    }
}

impl Order {
    /// A buyer reserves a ticket for this long, in this slot of the buyer's open orders.
    pub fn reserve(ticket: &Ticket, buyer: Id, slot: i32, window: Duration) -> (Self, OrderCreated) {
        let order = Self {
            id: Id::generate(),
            user_id: buyer,
            status: OrderStatus::Created,
            expires_at: Timestamp::now().after(window),
            ticket: ticket.id,
            version: 0,
            price: Some(ticket.price),
            title: Some(ticket.title.clone()),
            seller_id: ticket.seller,
            cancelled_by: None,
            refunded: None,
            slot: Some(slot),
            check: Some(TO_BE_CHECKED),
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
        OrderCompleted {
            id: self.id,
            version: self.version,
            user_id: self.user_id,
            ticket: PricedTicket { id: self.ticket, price },
            title: self.title.clone(),
            seller_id: self.seller_id,
        }
    }

    fn cancelled(&self) -> OrderCancelled {
        OrderCancelled { id: self.id, version: self.version, ticket: TicketRef { id: self.ticket } }
    }

    /// created | awaiting:payment -> cancelled, by the buyer. Nothing changes when it is cancelled already.
    pub fn cancel(&mut self) -> Result<Option<OrderCancelled>, Refusal> {
        match self.status {
            OrderStatus::Complete => Err(Refusal::Complete),
            OrderStatus::Cancelled => Ok(None),
            OrderStatus::Created | OrderStatus::AwaitingPayment => Ok(Some(self.end_cancelled(CancelCause::Buyer))),
        }
    }

    /// created | awaiting:payment -> cancelled, because the till is closed: it was not paid in time, and no card is charged for it
    /// any more. Nothing changes when it is cancelled already. No clock is asked: payments alone decides.
    pub fn close(&mut self) -> Result<Option<OrderCancelled>, Refusal> {
        match self.status {
            OrderStatus::Complete => Err(Refusal::Complete),
            OrderStatus::Cancelled => Ok(None),
            OrderStatus::Created | OrderStatus::AwaitingPayment => Ok(Some(self.end_cancelled(CancelCause::Time))),
        }
    }

    /// created | awaiting:payment | complete -> cancelled, because the money was authorised and can never be captured: the one
    /// exception to "a complete order is never cancelled". Nothing changes when it is cancelled already.
    pub fn fail(&mut self) -> Option<OrderCancelled> {
        match self.status {
            OrderStatus::Cancelled => None,
            OrderStatus::Created | OrderStatus::AwaitingPayment | OrderStatus::Complete => {
                Some(self.end_cancelled(CancelCause::Payment))
            }
        }
    }

    fn end_cancelled(&mut self, cause: CancelCause) -> OrderCancelled {
        self.status = OrderStatus::Cancelled;
        self.cancelled_by = Some(cause);
        self.check = Some(TO_BE_CHECKED);
        self.version += 1;
        self.cancelled()
    }

    /// created | awaiting:payment -> complete, because the money is authorised. Nothing changes when it is complete already.
    pub fn complete(&mut self, ticket_price: Money) -> Result<Option<OrderCompleted>, Refusal> {
        match self.status {
            OrderStatus::Cancelled => Err(Refusal::Cancelled),
            OrderStatus::Complete => Ok(None),
            OrderStatus::Created | OrderStatus::AwaitingPayment => {
                self.status = OrderStatus::Complete;
                self.check = Some(TO_BE_CHECKED);
                self.version += 1;
                let price = *self.price.get_or_insert(ticket_price);
                Ok(Some(self.completed(price)))
            }
        }
    }

    /// Stores the price of an order of the original, which has none of its own and cannot be published without.
    pub fn keep_price(&mut self, ticket_price: Money) {
        if self.price.is_none() {
            self.price = Some(ticket_price);
            self.version += 1;
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

    /// Who ordered.
    pub fn buyer(&self) -> Id {
        self.user_id
    }

    /// Why it was cancelled, as far as that is stored.
    pub fn cancelled_by(&self) -> Option<CancelCause> {
        self.cancelled_by
    }

    /// Whether it keeps its ticket from everybody else.
    pub fn is_live(&self) -> bool {
        OrderStatus::LIVE.contains(&self.status)
    }

    /// Whether the ticket's replica shows what this order says: held by it while it is live, not held by it once it is cancelled.
    pub fn agrees_with(&self, ticket: &Ticket) -> bool {
        let is_holder = ticket.order_id == Some(self.id);
        is_holder == self.is_live()
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

    /// As the API shows it, with the title and price that it was made for. A ticket that is not known (any more) is shown with
    /// what the order itself knows.
    pub fn body(&self, ticket: Option<&Ticket>) -> OrderBody {
        let known = ticket.filter(|ticket| ticket.is_known());
        let title = self.title.clone().or_else(|| known.map(|ticket| ticket.title.clone()));
        let price = self.price.or_else(|| known.map(|ticket| ticket.price));
        OrderBody {
            id: self.id,
            user_id: self.user_id,
            status: self.status,
            expires_at: self.expires_at,
            version: self.version,
            ticket: OrderedTicketBody {
                id: self.ticket,
                title: title.unwrap_or_else(|| UNKNOWN_TITLE.to_owned()),
                price: price.unwrap_or(Money::from_cents(0)),
                version: ticket.map_or(0, |ticket| ticket.version),
            },
            refunded: self.refunded,
            cancelled_by: self.cancelled_by,
        }
    }
}
