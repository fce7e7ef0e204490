use std::collections::BTreeSet;

use common::events::TicketUpdated;
use common::id::Id;
use common::money::Money;
use common::testing::{User, permutations};
use futures::future::join_all;
use mongodb::bson::{Bson, Document};
use serde_json::json;

use crate::app::{TestApp, ticket, updated};

const SELLER: Id = Id::from_bytes([9; 12]);

#[tokio::test]
async fn a_ticket_is_ordered_as_it_was_edited_last() {
    let orders = TestApp::start().await;
    let ticket = orders.some_ticket().await;
    orders.edit_ticket(ticket, 1, "Opera", Money::from_cents(9950)).await;
    let answer = orders.order(&User::new(), ticket).await.expect(201);
    assert_eq!(answer.body["ticket"], json!({"id": ticket, "title": "Opera", "price": 99.5, "version": 1}));
}

#[tokio::test]
async fn a_ticket_is_known_even_when_only_its_edit_was_handled() {
    let orders = TestApp::start().await;
    let ticket = Id::generate();
    orders.edit_ticket(ticket, 7, "Opera", Money::from_cents(9950)).await;
    orders.order(&User::new(), ticket).await.expect(201);
}

#[tokio::test]
async fn a_gap_in_the_versions_stalls_nobody() {
    let orders = TestApp::start().await;
    let ticket = orders.some_ticket().await;
    orders.edit_ticket(ticket, 5, "Opera", Money::from_cents(2000)).await;
    assert_eq!(orders.db_ticket(ticket).await.get_i32("version").unwrap(), 5);
}

#[tokio::test]
async fn an_older_version_changes_nothing() {
    let orders = TestApp::start().await;
    let ticket = orders.some_ticket().await;
    orders.edit_ticket(ticket, 2, "Opera", Money::from_cents(2000)).await;
    orders.edit_ticket(ticket, 1, "Ballet", Money::from_cents(1000)).await;
    assert_eq!(orders.db_ticket(ticket).await.get_str("title").unwrap(), "Opera");
}

#[tokio::test]
async fn the_replica_knows_which_order_holds_the_ticket() {
    let orders = TestApp::start().await;
    let (ticket, order) = (orders.some_ticket().await, Id::generate());
    orders.hold(ticket, 1, Some(order)).await;
    assert_eq!(orders.db_ticket(ticket).await.get_str("orderId").unwrap(), order.to_string());
    orders.hold(ticket, 2, None).await;
    assert_eq!(orders.db_ticket(ticket).await.get("orderId"), Some(&Bson::Null));
}

/// The event of this version: 0 is `ticket.created`, the others are `ticket.updated`.
async fn publish(orders: &TestApp, id: Id, version: i32) {
    if version == 0 {
        return orders.stream.publish(&ticket(id, SELLER)).await;
    }
    let (title, price) = (format!("Opera {version}"), Money::from_cents(2000 + i64::from(version)));
    orders.stream.publish(&TicketUpdated { title, price, user_id: SELLER, ..updated(id, version) }).await;
}

#[tokio::test]
async fn the_versions_of_a_ticket_end_in_the_newest_in_every_order_of_arrival() {
    let orders = TestApp::start().await;
    let sequences: BTreeSet<Vec<i32>> = permutations(&[0, 0, 1, 1, 2, 2]).into_iter().collect();
    let cases: Vec<(Id, Vec<i32>)> = sequences.into_iter().map(|versions| (Id::generate(), versions)).collect();
    join_all(cases.iter().map(async |(id, versions)| {
        for version in versions {
            publish(&orders, *id, *version).await;
        }
    }))
    .await;
    orders.handled().await;
    assert!(orders.dead_letters().await.is_empty());
    let newest: Document = serde_json::from_value(
        json!({"title": "Opera 2", "price": 20.02, "userId": SELLER, "orderId": null, "version": 2}),
    )
    .unwrap();
    for (id, versions) in cases {
        let mut stored = orders.db_ticket(id).await;
        stored.remove("_id");
        assert_eq!(json!(stored), json!(newest), "after {versions:?}");
    }
}
