//! An order: its document and the changes of its status.

use std::time::Duration;

use common::api::{OrderBody, OrderStatus, OrderedTicketBody};
use common::error::ApiError;
use common::events::{OrderCancelled, OrderCompleted, OrderCreated, PricedTicket, TicketRef};
use common::id::{Id, as_object_id};
use common::money::Money;
use common::mongo::Aggregate;
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
    /// What the buyer saw and pays. The original's documents lack it: there the ticket's price counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    price: Option<Money>,
    /// What the buyer got back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refunded: Option<Money>,
}

/// Why an order's status does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is paid: nothing takes the ticket from the buyer any more.
    #[error("the order is complete")]
    Complete,
    /// It has given its ticket back, which somebody else may have by now.
    #[error("the order is cancelled")]
    Cancelled,
    /// Its deadline has not passed.
    #[error("the order is not due yet")]
    NotDue,
}

impl Aggregate for Order {
    const COLLECTION: &'static str = "orders";

    fn id(&self) -> Id {
        self.id
    }

    fn version(&self) -> i32 {
        self.version
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
        let created = OrderCreated {
            id: order.id,
            version: order.version,
            status: order.status,
            user_id: order.user_id,
            expires_at: order.expires_at,
            ticket: PricedTicket { id: ticket.id, price: ticket.price },
        };
        (order, created)
    }

    /// created | awaiting:payment -> cancelled, because the buyer says so. Nothing changes when it is cancelled already.
    ///
    /// # Errors
    /// [`Refusal::Complete`]
    pub fn cancel(&mut self) -> Result<Option<OrderCancelled>, Refusal> {
        match self.status {
            OrderStatus::Complete => Err(Refusal::Complete),
            OrderStatus::Cancelled => Ok(None),
            OrderStatus::Created | OrderStatus::AwaitingPayment => {
                self.status = OrderStatus::Cancelled;
                self.version += 1;
                Ok(Some(OrderCancelled { id: self.id, version: self.version, ticket: TicketRef { id: self.ticket } }))
            }
        }
    }

    /// created | awaiting:payment -> cancelled, because the deadline has passed.
    ///
    /// # Errors
    /// [`Refusal::Complete`], and [`Refusal::NotDue`] before the deadline.
    pub fn expire(&mut self, now: Timestamp) -> Result<Option<OrderCancelled>, Refusal> {
        match self.status {
            OrderStatus::Created | OrderStatus::AwaitingPayment if now < self.expires_at => Err(Refusal::NotDue),
            _ => self.cancel(),
        }
    }

    /// created | awaiting:payment -> complete, because the money is authorised. Nothing changes when it is complete already.
    ///
    /// # Errors
    /// [`Refusal::Cancelled`]
    pub fn complete(&mut self, ticket_price: Money) -> Result<Option<OrderCompleted>, Refusal> {
        match self.status {
            OrderStatus::Cancelled => Err(Refusal::Cancelled),
            OrderStatus::Complete => Ok(None),
            OrderStatus::Created | OrderStatus::AwaitingPayment => {
                self.status = OrderStatus::Complete;
                self.version += 1;
                Ok(Some(OrderCompleted {
                    id: self.id,
                    version: self.version,
                    user_id: self.user_id,
                    ticket: PricedTicket { id: self.ticket, price: self.price.unwrap_or(ticket_price) },
                }))
            }
        }
    }

    /// The buyer got money back. The status does not change, and there is no event.
    pub fn note_refund(&mut self, amount: Money) {
        if self.refunded != Some(amount) {
            self.refunded = Some(amount);
            self.version += 1;
        }
    }

    /// Only the buyer may see and change an order.
    ///
    /// # Errors
    /// 401 for everybody else.
    pub fn check_buyer(&self, user: Id) -> Result<(), ApiError> {
        if self.user_id == user { Ok(()) } else { Err(ApiError::NotAuthorized) }
    }

    /// What the buyer saw; unknown of an order of the original.
    pub fn price(&self) -> Option<Money> {
        self.price
    }

    /// The ticket that it reserves.
    pub fn ticket(&self) -> Id {
        self.ticket
    }

    /// Where it stands.
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Copy, Debug)]
    enum Cause {
        Cancel,
        ExpireEarly,
        ExpireLate,
        Complete,
        Refund,
    }

    fn cause() -> impl Strategy<Value = Cause> {
        prop_oneof![
            Just(Cause::Cancel),
            Just(Cause::ExpireEarly),
            Just(Cause::ExpireLate),
            Just(Cause::Complete),
            Just(Cause::Refund)
        ]
    }

    fn some_order(status: OrderStatus) -> Order {
        let id = Id::from_bytes([7; 12]);
        let ticket =
            Ticket { id, title: "Concert".to_owned(), price: Money::from_cents(2000), seller: None, version: 0 };
        Order { status, ..Order::reserve(&ticket, id, Duration::from_secs(900)).0 }
    }

    /// Applies a cause; says whether an event came of it.
    fn apply(order: &mut Order, cause: Cause) -> bool {
        let (early, late) = (Timestamp::from_millis(0), order.expires_at);
        match cause {
            Cause::Cancel => order.cancel().is_ok_and(|event| event.is_some()),
            Cause::ExpireEarly => order.expire(early).is_ok_and(|event| event.is_some()),
            Cause::ExpireLate => order.expire(late).is_ok_and(|event| event.is_some()),
            Cause::Complete => order.complete(Money::from_cents(1)).is_ok_and(|event| event.is_some()),
            Cause::Refund => {
                order.note_refund(Money::from_cents(1));
                false
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_happens_an_order_ends_once_and_stays_ended(
            awaiting in any::<bool>(),
            causes in prop::collection::vec(cause(), 0..20),
        ) {
            let mut order = some_order(if awaiting { OrderStatus::AwaitingPayment } else { OrderStatus::Created });
            let mut ended_as = None;
            for cause in causes {
                let before = order.clone();
                let told = apply(&mut order, cause);
                // Every change raises the version by one, and nothing else does.
                prop_assert_eq!(order.version - before.version, i32::from(order != before));
                // An event is published exactly when the status changes.
                prop_assert_eq!(told, order.status != before.status);
                if told {
                    prop_assert_eq!(ended_as, None, "an order ends only once");
                    ended_as = Some(order.status);
                }
                prop_assert!(ended_as.is_none_or(|ended| order.status == ended));
                prop_assert!(matches!(cause, Cause::ExpireEarly) <= (order == before) || before.status == order.status);
            }
            prop_assert!(matches!(ended_as, None | Some(OrderStatus::Complete | OrderStatus::Cancelled)));
        }
    }

    #[test]
    fn a_complete_order_is_never_cancelled() {
        let mut order = some_order(OrderStatus::Complete);
        assert_eq!(order.cancel().err(), Some(Refusal::Complete));
        assert_eq!(order.expire(order.expires_at).err(), Some(Refusal::Complete));
    }

    #[test]
    fn a_cancelled_order_is_never_completed() {
        let mut order = some_order(OrderStatus::Cancelled);
        assert_eq!(order.complete(Money::from_cents(1)).err(), Some(Refusal::Cancelled));
    }

    #[test]
    fn an_order_does_not_expire_before_its_deadline() {
        let mut order = some_order(OrderStatus::Created);
        let just_before = Timestamp::from_millis(order.expires_at.millis() - 1);
        assert_eq!(order.expire(just_before).err(), Some(Refusal::NotDue));
        assert!(order.expire(order.expires_at).is_ok_and(|event| event.is_some()));
    }
}
