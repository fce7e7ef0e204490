//! Every service dies in turn, by SIGKILL, while people buy. Afterwards the invariants must hold.

use std::sync::Arc;
use std::time::Duration;

use common::testing::eventually;
use e2e::acknowledged::{Acknowledged, Write};
use e2e::invariants::{EventLog, Snapshot};
use e2e::person::Person;
use futures::future::join_all;
use infra_local::fleet::SERVICES;
use mongodb::bson::oid::ObjectId;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::platform::Platform;

const BUYERS: usize = 4;
const TICKETS: usize = 60;

/// Orders that must have been placed between two deaths, so that each falls into the middle of business.
const ORDERS_BETWEEN_DEATHS: usize = 8;

const SETTLED_WITHIN: Duration = Duration::from_secs(30);

#[tokio::test]
async fn whatever_dies_no_order_payment_or_event_is_lost() {
    let platform = Platform::start(&[
        ("EXPIRATION_WINDOW_SECONDS", "5"),
        ("OPEN_ORDERS_PER_BUYER", "1000"),
        ("UNPAID_ORDERS_PER_TICKET", "1000"),
    ])
    .await;
    let (fleet, site) = (&platform.fleet, platform.site());
    let seller = Person::sign_up(&site).await;
    for number in 0..TICKETS {
        seller.offer(&format!("Seat {number}"), 10.0).await.expect(201);
    }
    let acknowledged = Arc::new(Acknowledged::default());
    let closing = CancellationToken::new();
    let mut buyers = Vec::new();
    for number in 0..BUYERS {
        let person = Person::sign_up(&site).await;
        buyers.push(tokio::spawn(buy(person, number, acknowledged.clone(), closing.clone())));
    }

    for service in SERVICES {
        let before = acknowledged.orders();
        eventually("business goes on", async || {
            (acknowledged.orders() >= before + ORDERS_BETWEEN_DEATHS).then_some(())
        })
        .await;
        fleet.kill(service).await.unwrap();
    }
    closing.cancel();
    join_all(buyers).await.into_iter().for_each(Result::unwrap);
    fleet.wait_ready(Duration::from_secs(60)).await.unwrap();

    // Every order has ended: none may be open any more.
    let stores = platform.stores().await;
    let snapshot = eventually("every order has ended", async || {
        let mut log = EventLog::default();
        let snapshot =
            Snapshot::settled(&stores, ObjectId::from_bytes([0; 12]), &mut log, SETTLED_WITHIN).await.unwrap();
        let has_ended = snapshot.expiring.is_empty() && !snapshot.orders.values().any(|order| order.is_open());
        has_ended.then_some(snapshot)
    })
    .await;
    assert_eq!([snapshot.violations(), acknowledged.violations(&snapshot)].concat(), Vec::<String>::new());
    assert!(snapshot.orders.values().any(|order| order.is_complete()), "somebody bought something");
    platform.stop().await;
}

/// Orders ticket after ticket, and pays, cancels or forgets.
async fn buy(person: Person, number: usize, acknowledged: Arc<Acknowledged>, closing: CancellationToken) {
    let mut turn = number;
    while !closing.is_cancelled() {
        let list = person.http.get("/api/tickets").await.body;
        let tickets = list.as_array().map(Vec::as_slice).unwrap_or_default();
        let Some(ticket) = tickets.get(turn % tickets.len().max(1)).and_then(|ticket| ticket["id"].as_str()) else {
            // The service is down, or everything is reserved at the moment.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        turn += 1;
        let order = person.order(ticket.parse().unwrap()).await;
        if order.status != 201 {
            continue;
        }
        let order = order.id();
        acknowledged.note(order, Write::Ordered);
        match turn % 5 {
            // What sells out ends the business, so only a few pay.
            0 if person.pay(order, "tok_visa").await.status == 201 => acknowledged.note(order, Write::Paid),
            1 | 2 if person.cancel(order).await.status == 204 => acknowledged.note(order, Write::Cancelled),
            _ => {}
        }
    }
}
