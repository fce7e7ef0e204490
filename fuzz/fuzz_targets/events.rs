//! What arrives on the stream: it is decoded or it is a dead letter. What was decoded can be published again and is the same.
#![no_main]

use std::fmt::Debug;

use common::events::{
    Event, ExpirationComplete, OrderCancelled, OrderCompleted, OrderCreated, PaymentClosed, PaymentCreated,
    PaymentFailed, PaymentRefunded, SessionEnded, StateRequested, TicketCreated, TicketDeleted, TicketUpdated,
    UserDeleted,
};
use libfuzzer_sys::fuzz_target;

fn decode<E: Event + Debug + PartialEq>(payload: &[u8]) {
    let Ok(event) = serde_json::from_slice::<E>(payload) else { return };
    let again = serde_json::to_vec(&event).expect("an event can be published");
    let decoded: E = serde_json::from_slice(&again).expect("what is published can be decoded");
    assert_eq!((decoded.aggregate(), &decoded), (event.aggregate(), &event));
}

fuzz_target!(|payload: &[u8]| {
    decode::<TicketCreated>(payload);
    decode::<TicketUpdated>(payload);
    decode::<TicketDeleted>(payload);
    decode::<OrderCreated>(payload);
    decode::<OrderCancelled>(payload);
    decode::<OrderCompleted>(payload);
    decode::<ExpirationComplete>(payload);
    decode::<PaymentClosed>(payload);
    decode::<PaymentCreated>(payload);
    decode::<PaymentFailed>(payload);
    decode::<PaymentRefunded>(payload);
    decode::<SessionEnded>(payload);
    decode::<UserDeleted>(payload);
    decode::<StateRequested>(payload);
});
