use common::events::{Event, OrderCreated, TicketUpdated};
use common::id::Id;
use common::money::Money;
use serde_json::json;

#[test]
fn an_order_created_reads_the_originals_payload_and_ignores_what_it_does_not_know() {
    let event: OrderCreated = serde_json::from_value(json!({
        "id": "65a1b2c3d4e5f60718293a4b", "version": 0, "status": "created", "userId": "65a1b2c3d4e5f60718293a4c",
        "expiresAt": "2026-01-01T00:15:00.000Z", "ticket": {"id": "65a1b2c3d4e5f60718293a4d", "price": 12.5, "new": 1}, "new": true
    }))
    .unwrap();
    assert_eq!(event.ticket.price, Money::from_cents(1250));
    assert_eq!(event.aggregate(), event.id);
}

#[test]
fn a_free_tickets_event_has_no_order_id() {
    let id: Id = "65a1b2c3d4e5f60718293a4b".parse().unwrap();
    let event = TicketUpdated {
        id,
        version: 1,
        title: "Concert".into(),
        price: Money::from_cents(2000),
        user_id: id,
        order_id: None,
        starts_at: None,
    };
    assert_eq!(
        serde_json::to_value(&event).unwrap(),
        json!({"id": id, "version": 1, "title": "Concert", "price": 20, "userId": id})
    );
}
