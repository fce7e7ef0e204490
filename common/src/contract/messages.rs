//! The events as they are described to others.

use serde_json::Value;
use utoipa::ToSchema;

use super::{absent_is_not_null, schemas_of};
use crate::events::{
    Event, ExpirationComplete, OrderCancelled, OrderCompleted, OrderCreated, PaymentClosed, PaymentCreated,
    PaymentFailed, PaymentRefunded, SessionEnded, StateRequested, TicketCreated, TicketDeleted, TicketUpdated,
    UserDeleted,
};

/// An event as it is described to others.
pub struct Message {
    /// Where it is published.
    pub subject: &'static str,
    /// The name of its type.
    pub name: String,
    /// The schemas of its payload, by their names: that of the event has its own.
    pub schemas: Value,
}

fn message<E: Event + ToSchema>() -> serde_json::Result<Message> {
    let mut schemas = serde_json::to_value(schemas_of::<E>())?;
    absent_is_not_null(&mut schemas);
    Ok(Message { subject: E::SUBJECT, name: E::name().into_owned(), schemas })
}

/// Every event.
///
/// # Errors
/// When a schema cannot be written as JSON.
pub fn messages() -> serde_json::Result<Vec<Message>> {
    let messages = [
        message::<TicketCreated>(),
        message::<TicketUpdated>(),
        message::<TicketDeleted>(),
        message::<OrderCreated>(),
        message::<OrderCancelled>(),
        message::<OrderCompleted>(),
        message::<ExpirationComplete>(),
        message::<PaymentClosed>(),
        message::<PaymentCreated>(),
        message::<PaymentFailed>(),
        message::<PaymentRefunded>(),
        message::<SessionEnded>(),
        message::<UserDeleted>(),
        message::<StateRequested>(),
    ];
    messages.into_iter().collect()
}
