//! The events of the stream `TICKETING`, with the original's payloads. Who sends and who handles each is in `contracts/asyncapi.json`.
//!
//! Unknown fields are ignored, so that a service can be upgraded before its neighbours.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::OrderStatus;
use crate::id::Id;
use crate::listing::LocalTime;
use crate::money::Money;
use crate::timestamp::Timestamp;

/// The stream that carries every event.
pub const STREAM: &str = "TICKETING";

/// The subjects of [`STREAM`].
pub const STREAM_SUBJECTS: [&str; 7] =
    ["ticket.*", "order.*", "expiration.*", "payment.*", "session.*", "user.*", "state.*"];

/// The kinds of aggregates, each the first word of their events' subjects: their state is requested by it.
pub const TICKET: &str = "ticket";
/// See [`TICKET`].
pub const ORDER: &str = "order";
/// See [`TICKET`].
pub const PAYMENT: &str = "payment";
/// See [`TICKET`].
pub const SESSION: &str = "session";
/// See [`TICKET`].
pub const USER: &str = "user";

/// All of them.
pub const KINDS: [&str; 5] = [TICKET, ORDER, PAYMENT, SESSION, USER];

/// The schema version of every payload below, sent in the header [`SCHEMA_VERSION_HEADER`].
///
/// Raise it when a field changes its meaning; a new field needs no new version.
pub const SCHEMA_VERSION: &str = "1";

/// The name of the header that carries [`SCHEMA_VERSION`].
pub const SCHEMA_VERSION_HEADER: &str = "Schema-Version";

/// A fact that one service publishes for the others.
pub trait Event: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// Where it is published.
    const SUBJECT: &'static str;

    /// The aggregate that it is about: events of one aggregate are handled one after another.
    fn aggregate(&self) -> Id;
}

/// Declares an event and where it travels.
macro_rules! event {
    ($(#[$doc:meta])* $name:ident, $subject:literal, $aggregate:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "camelCase")]
        pub struct $name { $($(#[$field_meta])* pub $field: $type,)* }

        impl Event for $name {
            const SUBJECT: &'static str = $subject;

            fn aggregate(&self) -> Id {
                self.$aggregate
            }
        }
    };
}

event! {
    /// A ticket was offered.
    TicketCreated, "ticket.created", id {
        /// The ticket.
        id: Id,
        /// The ticket's version, 0.
        version: i32,
        /// Its title.
        title: String,
        /// Its price in dollars.
        price: Money,
        /// The seller.
        user_id: Id,
        /// When the event begins: from then on the ticket is not for sale.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        starts_at: Option<LocalTime>,
    }
}

event! {
    /// A ticket was edited, reserved, released or sold.
    TicketUpdated, "ticket.updated", id {
        /// The ticket.
        id: Id,
        /// The ticket's version after the change.
        version: i32,
        /// Its title.
        title: String,
        /// Its price in dollars.
        price: Money,
        /// The seller.
        user_id: Id,
        /// The order that holds or has bought it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        order_id: Option<Id>,
        /// When the event begins: from then on the ticket is not for sale.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        starts_at: Option<LocalTime>,
    }
}

event! {
    /// A ticket was withdrawn by its seller or taken down by an operator.
    TicketDeleted, "ticket.deleted", id {
        /// The ticket.
        id: Id,
        /// The ticket's version after the change.
        version: i32,
    }
}

event! {
    /// A ticket was reserved.
    OrderCreated, "order.created", id {
        /// The order.
        id: Id,
        /// The order's version, 0.
        version: i32,
        /// `created`
        status: OrderStatus,
        /// The buyer.
        user_id: Id,
        /// When the reservation ends.
        expires_at: Timestamp,
        /// What is bought.
        ticket: PricedTicket,
    }
}

event! {
    /// A reservation was cancelled by the buyer or by its deadline.
    OrderCancelled, "order.cancelled", id {
        /// The order.
        id: Id,
        /// The order's version after the change.
        version: i32,
        /// What is free again.
        ticket: TicketRef,
    }
}

event! {
    /// An order was paid for.
    OrderCompleted, "order.completed", id {
        /// The order.
        id: Id,
        /// The order's version after the change.
        version: i32,
        /// The buyer.
        user_id: Id,
        /// What was bought.
        ticket: PricedTicket,
        /// The ticket's title when it was ordered. Messages of an earlier version lack it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// The seller. Messages of an earlier version lack it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seller_id: Option<Id>,
    }
}

event! {
    /// An order's deadline has passed.
    ExpirationComplete, "expiration.complete", order_id {
        /// The order.
        order_id: Id,
        /// The deadline. Messages of an earlier version lack it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<Timestamp>,
    }
}

event! {
    /// An order was not paid in time, and no card is charged for it any more.
    PaymentClosed, "payment.closed", order_id {
        /// The order.
        order_id: Id,
    }
}

event! {
    /// The money for an order was authorised.
    PaymentCreated, "payment.created", order_id {
        /// The payment.
        id: Id,
        /// The order that is paid for.
        order_id: Id,
        /// The provider's id of the payment.
        stripe_id: String,
    }
}

event! {
    /// The money for an order was authorised and can never be captured.
    PaymentFailed, "payment.failed", order_id {
        /// The payment.
        id: Id,
        /// The order that was paid for.
        order_id: Id,
        /// Why, in the provider's words.
        reason: String,
    }
}

event! {
    /// Captured money was refunded, because its order was cancelled, or by an operator.
    PaymentRefunded, "payment.refunded", order_id {
        /// The payment.
        id: Id,
        /// The order, cancelled or complete.
        order_id: Id,
        /// The provider's id of the payment.
        stripe_id: String,
        /// The amount refunded, in dollars.
        amount: Money,
    }
}

event! {
    /// A session was ended, or all sessions of a user were that had begun before a moment.
    SessionEnded, "session.ended", user_id {
        /// Whose.
        user_id: Id,
        /// The one that was ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session_id: Option<Id>,
        /// All were ended whose `iat` is earlier than this: whole seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Timestamp>,
    }
}

event! {
    /// An account was deleted, and all its sessions with it.
    UserDeleted, "user.deleted", id {
        /// The account.
        id: Id,
        /// Its version after the change.
        version: i32,
    }
}

/// A request to publish the present state of aggregates again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StateRequested {
    /// Who asks.
    pub service: String,
    /// The kind of the aggregates, one of [`KINDS`].
    pub of: String,
    /// One aggregate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Id>,
    /// Without an id: every aggregate that has changed since then, or every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

impl Event for StateRequested {
    const SUBJECT: &'static str = "state.requested";

    fn aggregate(&self) -> Id {
        self.id.unwrap_or(Id::from_bytes([0; 12]))
    }
}

/// A ticket and its price, inside an event of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PricedTicket {
    /// The ticket.
    pub id: Id,
    /// Dollars.
    pub price: Money,
}

/// A ticket, inside an event of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketRef {
    /// The ticket.
    pub id: Id,
}
