//! Every service dies in turn, by SIGKILL, while people buy. Afterwards the books must agree.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::events::{Event, OrderCancelled, OrderCompleted, OrderCreated, PaymentCreated};
use common::id::Id;
use common::testing::{Stream, eventually, open_database};
use futures::TryStreamExt;
use futures::future::join_all;
use infra_local::Fleet;
use infra_local::fleet::SERVICES;
use mongodb::bson::{Document, doc};
use tokio_util::sync::CancellationToken;

use crate::person::{Person, id};
use crate::platform::Platform;

const BUYERS: usize = 4;
const TICKETS: usize = 60;

/// Orders that must have been placed between two deaths, so that each falls into the middle of business.
const ORDERS_BETWEEN_DEATHS: usize = 8;

/// What the buyers were told.
#[derive(Default)]
struct Told {
    orders: AtomicUsize,
    answered: std::sync::Mutex<Vec<(String, &'static str)>>,
}

#[tokio::test]
async fn whatever_dies_no_order_payment_or_event_is_lost() {
    let platform = Platform::start(&[("EXPIRATION_WINDOW_SECONDS", "5")]).await;
    let fleet = &platform.fleet;
    let seller = Person::sign_up(fleet).await;
    for number in 0..TICKETS {
        seller.offer(&format!("Seat {number}"), 10.0).await;
    }
    let told = Arc::new(Told::default());
    let closing = CancellationToken::new();
    let mut buyers = Vec::new();
    for number in 0..BUYERS {
        let person = Person::sign_up(fleet).await;
        buyers.push(tokio::spawn(buy(person, number, told.clone(), closing.clone())));
    }

    for service in SERVICES {
        let before = told.orders.load(Ordering::Relaxed);
        eventually("business goes on", async || {
            (told.orders.load(Ordering::Relaxed) >= before + ORDERS_BETWEEN_DEATHS).then_some(())
        })
        .await;
        fleet.kill(service).await.unwrap();
    }
    closing.cancel();
    join_all(buyers).await.into_iter().for_each(Result::unwrap);
    fleet.wait_ready(std::time::Duration::from_secs(60)).await.unwrap();

    let books = eventually("everything has settled", async || Books::read(fleet).await.settled()).await;
    books.check();
    for (order, answer) in told.answered.lock().unwrap().iter() {
        let status =
            books.orders.get(order).unwrap_or_else(|| panic!("order {order} was answered with 201 and is lost"));
        assert!(*answer != "cancelled" || status.status == "cancelled", "a cancelled order came back: {status:?}");
    }
    check_stream(fleet, &books).await;
    platform.stop().await;
}

/// Orders ticket after ticket, and pays, cancels or forgets.
async fn buy(person: Person, number: usize, told: Arc<Told>, closing: CancellationToken) {
    let mut turn = number;
    while !closing.is_cancelled() {
        let list = person.get("/api/tickets").await.body;
        let tickets = list.as_array().map(Vec::as_slice).unwrap_or_default();
        let Some(ticket) = tickets.get(turn % tickets.len().max(1)).and_then(|ticket| ticket["id"].as_str()) else {
            // Away, or everything is reserved at the moment.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            continue;
        };
        turn += 1;
        let order = person.order(ticket).await;
        if order.status != 201 {
            continue;
        }
        let order = id(&order.body);
        let say = |what| told.answered.lock().unwrap().push((order.clone(), what));
        say("ordered");
        match turn % 5 {
            // What sells out ends the business, so only a few pay.
            0 if person.pay(&order, "tok_visa").await.status == 201 => say("paid"),
            1 | 2 if person.delete(&format!("/api/orders/{order}")).await.status == 204 => say("cancelled"),
            _ => {}
        }
        told.orders.fetch_add(1, Ordering::Relaxed);
    }
}

#[derive(Debug)]
struct OrderRow {
    status: String,
    ticket: String,
}

/// What the databases say.
struct Books {
    orders: HashMap<String, OrderRow>,
    /// The order that holds each ticket.
    holders: HashMap<String, Option<String>>,
    /// Order and status of each payment.
    payments: Vec<(String, String)>,
    /// Events that still wait in an outbox.
    waiting: usize,
}

impl Books {
    async fn read(fleet: &Fleet) -> Self {
        let (orders, orders_waiting) = documents(fleet, "orders", "orders").await;
        let (tickets, tickets_waiting) = documents(fleet, "tickets", "tickets").await;
        let (payments, payments_waiting) = documents(fleet, "payments", "payments").await;
        let text = |document: &Document, field: &str| document.get_str(field).unwrap_or_default().to_owned();
        let object_id = |document: &Document, field: &str| document.get_object_id(field).unwrap().to_hex();
        let row = |order: &Document| OrderRow { status: text(order, "status"), ticket: object_id(order, "ticket") };
        Self {
            orders: orders.iter().map(|order| (object_id(order, "_id"), row(order))).collect(),
            holders: tickets
                .iter()
                .map(|ticket| (object_id(ticket, "_id"), ticket.get_str("orderId").ok().map(str::to_owned)))
                .collect(),
            payments: payments.iter().map(|payment| (text(payment, "orderId"), text(payment, "status"))).collect(),
            waiting: orders_waiting + tickets_waiting + payments_waiting,
        }
    }

    /// Whether every order has ended, every payment too, every event is out, and tickets have heard it all.
    fn settled(self) -> Option<Self> {
        let orders = self.orders.values().all(|order| ["complete", "cancelled"].contains(&order.status.as_str()));
        let payments =
            self.payments.iter().all(|(_, status)| ["captured", "voided", "declined"].contains(&status.as_str()));
        let tickets = self.holders.iter().all(|(ticket, holder)| holder.as_ref() == self.buyer_of(ticket));
        (orders && payments && tickets && self.waiting == 0).then_some(self)
    }

    /// The complete order of a ticket.
    fn buyer_of(&self, ticket: &str) -> Option<&String> {
        let mut complete = self.orders.iter().filter(|(_, order)| order.ticket == ticket && order.status == "complete");
        complete.next().map(|(order, _)| order)
    }

    fn check(&self) {
        let complete: Vec<_> = self.orders.iter().filter(|(_, order)| order.status == "complete").collect();
        let sold: HashSet<_> = complete.iter().map(|(_, order)| &order.ticket).collect();
        assert_eq!(sold.len(), complete.len(), "no ticket is sold twice");
        let captured: Vec<_> =
            self.payments.iter().filter(|(_, status)| status == "captured").map(|(order, _)| order).collect();
        let paid: HashSet<_> = captured.iter().copied().collect();
        assert_eq!(paid.len(), captured.len(), "no order is charged twice");
        assert_eq!(paid, complete.iter().map(|(id, _)| *id).collect(), "money moved exactly with the orders");
        assert!(!complete.is_empty(), "somebody bought something");
    }
}

async fn documents(fleet: &Fleet, service: &str, collection: &str) -> (Vec<Document>, usize) {
    let database = open_database(&fleet.ground().mongo_uri(service)).await;
    let found = database.collection::<Document>(collection).find(doc! {}).await.unwrap();
    let documents: Vec<Document> = found.try_collect().await.unwrap();
    let waiting = documents.iter().filter_map(|document| document.get_array("outbox").ok()).map(Vec::len).sum();
    (documents, waiting)
}

/// Every order was told of once when it began and once when it ended, and every listener has heard everything.
async fn check_stream(fleet: &Fleet, books: &Books) {
    let stream = Stream::open(fleet.ground().nats.as_ref().expect("a broker of our own")).await;
    for service in ["tickets", "orders", "payments", "expiration"] {
        stream.wait_until_heard(service).await;
    }
    let begun = orders_of::<OrderCreated>(&stream).await;
    let cancelled = orders_of::<OrderCancelled>(&stream).await;
    let completed = orders_of::<OrderCompleted>(&stream).await;
    assert_eq!(begun, books.orders.keys().cloned().collect());
    let ended = |status: &str| {
        let rows = books.orders.iter().filter(|(_, order)| order.status == status);
        rows.map(|(id, _)| id.clone()).collect::<HashSet<_>>()
    };
    assert_eq!(cancelled, ended("cancelled"));
    assert_eq!(completed, ended("complete"));
    assert!(orders_of::<PaymentCreated>(&stream).await.is_superset(&completed));
    let parked = common::parked::list(stream.broker().jetstream()).await.unwrap();
    assert!(parked.is_empty(), "{parked:?}");
}

/// The orders that events of one kind speak of; no order twice.
async fn orders_of<E: Event>(stream: &Stream) -> HashSet<String> {
    let events: Vec<E> = stream.published().await;
    let orders: HashSet<String> = events.iter().map(|event| Id::to_string(&event.aggregate())).collect();
    assert_eq!(orders.len(), events.len(), "{} was published twice for one order", E::SUBJECT);
    orders
}
