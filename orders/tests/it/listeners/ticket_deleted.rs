use common::events::{TicketDeleted, TicketUpdated};
use common::id::Id;
use common::money::Money;
use common::testing::{User, permutations};
use futures::future::join_all;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{DateTime, doc};
use serde_json::json;

use crate::app::{TestApp, ticket, updated};

#[tokio::test]
async fn a_withdrawn_ticket_is_not_ordered_and_no_late_event_revives_it() {
    let orders = TestApp::start().await;
    let ticket = orders.some_ticket().await;
    orders.withdraw(ticket, 2).await;
    orders.edit_ticket(ticket, 1, "Opera", Money::from_cents(1000)).await;
    assert_eq!(orders.db_ticket(ticket).await.get_str("title").unwrap(), "Concert");
    orders.order(&User::new(), ticket).await.expect_errors(404, &[("Not found", None)]);
}

#[tokio::test]
async fn a_ticket_that_was_withdrawn_before_anything_was_known_of_it_is_not_ordered() {
    let (orders, id) = (TestApp::start().await, Id::generate());
    orders.withdraw(id, 1).await;
    orders.stream.publish(&ticket(id, Id::generate())).await;
    orders.handled().await;
    orders.order(&User::new(), id).await.expect_errors(404, &[("Not found", None)]);
}

#[tokio::test]
async fn orders_of_a_ticket_that_was_withdrawn_afterwards_are_shown_as_they_were_made() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = orders.some_ticket().await;
    let order = orders.order(&buyer, ticket).await.expect(201).id();
    orders.cancel(&buyer, order).await.expect(204);
    orders.edit_ticket(ticket, 3, "Opera", Money::from_cents(9900)).await;
    orders.withdraw(ticket, 4).await;
    let shown = orders.show(&buyer, order).await.expect(200).body;
    assert_eq!(shown["ticket"], json!({"id": ticket, "title": "Concert", "price": 20, "version": 4}));
    assert_eq!(orders.app.get(Some(&buyer), "/api/orders").await.expect(200).body, json!([shown]));
}

#[tokio::test]
async fn an_order_of_the_original_keeps_the_title_and_price_of_its_withdrawn_ticket() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let [known, unknown] = [orders.some_ticket().await, Id::generate()];
    let mut shown = Vec::new();
    for ticket in [known, unknown] {
        orders.withdraw(ticket, 4).await;
        let id = Id::generate();
        let stored = doc! {
            "_id": ObjectId::from(id), "userId": buyer.id.to_string(), "status": "cancelled", "version": 2,
            "expiresAt": DateTime::from_millis(1_600_000_000_000), "ticket": ObjectId::from(ticket)
        };
        orders.db_insert("orders", stored).await;
        shown.push(orders.show(&buyer, id).await.expect(200).body["ticket"].clone());
    }
    assert_eq!(shown[0], json!({"id": known, "title": "Concert", "price": 20, "version": 4}));
    assert_eq!(shown[1], json!({"id": unknown, "title": "Ticket", "price": 0, "version": 4}));
}

/// The seller withdraws the ticket while an order of it is on its way to the tickets service. There it holds the withdrawn ticket.
#[tokio::test]
async fn a_withdrawal_and_an_order_at_the_same_time_end_in_the_same_state_in_every_order_of_arrival() {
    let (orders, holder) = (TestApp::start().await, Id::generate());
    let held = |id| TicketUpdated { order_id: Some(holder), ..updated(id, 2) };
    let cases: Vec<(Id, Vec<u8>)> =
        permutations(&[0, 1, 2, 2]).into_iter().map(|order| (Id::generate(), order)).collect();
    join_all(cases.iter().map(async |(id, order)| {
        for event in order {
            match event {
                0 => orders.stream.publish(&ticket(*id, Id::generate())).await,
                1 => orders.stream.publish(&TicketDeleted { id: *id, version: 1 }).await,
                _ => orders.stream.publish(&held(*id)).await,
            }
        }
    }))
    .await;
    orders.handled().await;
    assert!(orders.dead_letters().await.is_empty());
    for (id, order) in cases {
        let stored = orders.db_ticket(id).await;
        assert!(stored.get_bool("deleted").unwrap(), "after {order:?}");
        assert_eq!(stored.get_str("orderId").unwrap(), holder.to_string(), "after {order:?}");
        assert_eq!(stored.get_i32("version").unwrap(), 2, "after {order:?}");
    }
}
