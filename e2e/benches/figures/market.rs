//! The platform under measurement: a release build with real servers, and what is on sale there.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use common::api::OrderStatus;
use common::events::TicketCreated;
use common::id::Id;
use common::listing::Details;
use common::money::Money;
use common::mongo::{Aggregate, CHANGED_AT};
use common::outbox::{Entry, Publishes};
use common::testing::{Answer, HttpClient, User, eventually_within};
use common::timestamp::Timestamp;
use e2e::stores::Stores;
use futures::TryStreamExt;
use infra_local::Fleet;
use infra_local::fleet::{Options, Output, Programs, SERVICES};
use mongodb::Database;
use mongodb::bson::{Array, DateTime, Document, RawDocumentBuf, doc, oid::ObjectId};
use mongodb::bson::{serialize_to_bson, serialize_to_document, serialize_to_raw_document_buf};
use mongodb::options::Hint;
use orders::models::order::Order;
use orders::models::ticket::Ticket as Replica;
use reqwest::Method;
use reqwest::header::COOKIE;
use serde_json::{Value, json};
use tickets::models::offer::Offer;
use tickets::models::reservations::{Hold, Reservation};
use tickets::models::ticket::Ticket;

/// About every third ticket has this word in its title.
pub const WORD: &str = "Night";

/// Documents that are written together.
const BATCH: u32 = 200;

/// The running platform.
pub struct Market {
    pub fleet: Fleet,
    pub stores: Stores,
    pub started_in: Duration,
    services: HashMap<&'static str, HttpClient>,
}

impl Market {
    /// Starts it, with limits that a load from one address does not reach.
    pub async fn start(folder: &std::path::Path, window_seconds: u32) -> Self {
        let log = std::env::temp_dir().join("ticketing-figures.log");
        let programs = Programs::Folder(folder.to_owned());
        let options = Options { programs, ..Options::temporary(Output::file(&log).unwrap()) };
        let window = window_seconds.to_string();
        let options = [
            ("EXPIRATION_WINDOW_SECONDS", window.as_str()),
            ("WRITES_PER_MINUTE", "100000000"),
            ("ADDRESS_WRITES_PER_MINUTE", "100000000"),
            ("OPEN_ORDERS_PER_BUYER", "1000"),
            ("UNPAID_ORDERS_PER_TICKET", "1000"),
            ("LIVE_TICKETS_PER_SELLER", "0"),
            ("JWT_KEY", common::testing::JWT_KEY),
        ]
        .into_iter()
        .fold(options, |options, (name, value)| options.with_all(name, value));
        let started = Instant::now();
        let fleet = Fleet::start(options).await.unwrap();
        fleet.wait_ready(Duration::from_secs(60)).await.unwrap();
        let started_in = started.elapsed();
        let stores = Stores::of_fleet(&fleet).await;
        let services = SERVICES.map(|service| (service, HttpClient::new(&fleet.service_url(service)))).into();
        Self { fleet, stores, started_in, services }
    }

    /// A path of a service, past the edge: that is not ours on a cluster.
    pub fn url(&self, service: &str, path: &str) -> String {
        format!("{}{path}", self.fleet.service_url(service))
    }

    /// A request of somebody.
    pub async fn ask(&self, method: Method, service: &str, path: &str, user: &User, body: Option<Value>) -> Answer {
        let request = self.services[service].request(method, path).header(COOKIE, &user.cookie);
        Answer::to(body.iter().fold(request, |request, body| request.json(body))).await
    }

    /// A ticket that is offered through the API. Caches see that something has changed.
    pub async fn offer(&self, seller: &User) -> Id {
        let body = Some(json!({"title": "Concert", "price": 20}));
        self.ask(Method::POST, "tickets", "/api/tickets", seller, body).await.expect(201).id()
    }

    /// Waits until every event is published and handled and every outbox empty; how long that took.
    pub async fn settle(&self) -> Duration {
        let began = Instant::now();
        let Stores { tickets, orders, payments, jetstream, .. } = &self.stores;
        let is_settled = async || {
            for (database, name) in [(tickets, "tickets"), (orders, "orders"), (payments, "payments")] {
                let documents = database.collection::<Document>(name);
                let waiting = documents.find_one(doc! {"outbox.0": {"$exists": true}}).projection(doc! {"_id": 1});
                if waiting.hint(Hint::Name("outbox".to_owned())).await.unwrap().is_some() {
                    return None;
                }
            }
            let stream = jetstream.get_stream(common::events::STREAM).await.unwrap();
            let consumers: Vec<_> = stream.consumers().try_collect().await.unwrap();
            let is_idle =
                |info: &async_nats::jetstream::consumer::Info| info.num_pending == 0 && info.num_ack_pending == 0;
            consumers.iter().all(is_idle).then_some(())
        };
        eventually_within(Duration::from_secs(120), "every event is handled", is_settled).await;
        began.elapsed()
    }

    /// Stores so many tickets as the services would have, each with so many orders that are over: past the API, which would take hours.
    /// With orders every second ticket is sold. The orders of `often` are every hundredth, those of `seldom` ten.
    pub async fn fill(&self, tickets: u32, orders_of_each: u32, often: Id, seldom: Id) -> Vec<Id> {
        let mut on_sale = Vec::new();
        for first in (0..tickets).step_by(BATCH as usize) {
            let mut documents = Documents::default();
            for number in first..tickets.min(first + BATCH) {
                let (mut ticket, _) = Ticket::offer(listing(number, tickets), Id::generate());
                let (mut replica, is_sold) = (replica_of(&ticket), orders_of_each > 0 && number % 2 == 1);
                for turn in 0..orders_of_each {
                    let count = number * orders_of_each + turn;
                    let buyer = match count {
                        0..10 => seldom,
                        count if count % 100 == 99 => often,
                        _ => Id::generate(),
                    };
                    let (mut order, _) = Order::reserve(&replica, buyer, 0, Duration::ZERO);
                    let is_bought = is_sold && turn + 1 == orders_of_each;
                    let hold = if is_bought {
                        order.complete(replica.price).unwrap();
                        Hold::Sold
                    } else {
                        order.close().unwrap();
                        Hold::Released
                    };
                    let (order_id, version) = (order.id(), order.version());
                    ticket.apply(Reservation { order_id, version, hold, deadline: None, buyer: Some(buyer) });
                    documents.order(&order, buyer, replica.price, is_bought);
                }
                replica.version = ticket.version();
                if !is_sold {
                    on_sale.push(ticket.id());
                }
                documents.ticket(&ticket, replica);
            }
            documents.store(&self.stores).await;
        }
        // Past the services nothing has told their caches.
        self.offer(&User::new()).await;
        self.settle().await;
        on_sale
    }

    /// The CPU time so far, of every service and every store.
    pub async fn cpu(&self) -> Vec<(&'static str, Duration)> {
        let mut times = Vec::new();
        for server in self.fleet.environment().servers() {
            times.push((server.name(), server.pid().await.map_or(Duration::ZERO, cpu_of)));
        }
        times.extend(SERVICES.map(|service| (service, self.fleet.pid(service).map_or(Duration::ZERO, cpu_of))));
        times
    }
}

/// The CPU time so far of whoever measures.
pub fn cpu_of_this_process() -> Duration {
    cpu_of(std::process::id() as i32)
}

/// User and system time, which the kernel counts in hundredths of a second.
fn cpu_of(pid: i32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let hundredths: u64 = fields[11..13].iter().map(|field| field.parse::<u64>().unwrap()).sum();
    Duration::from_millis(hundredths * 10)
}

/// Documents of all databases.
#[derive(Default)]
struct Documents {
    tickets: Vec<Document>,
    replicas: Vec<Document>,
    orders: Vec<Document>,
    of_payments: Vec<Document>,
}

impl Documents {
    fn ticket(&mut self, ticket: &Ticket, mut replica: Replica) {
        let mut document = serialize_to_document(ticket).unwrap();
        replica.order_id = document.get_str("orderId").ok().map(|id| id.parse().unwrap());
        document.extend(ticket.derived().unwrap());
        self.tickets.push(published(document));
        self.replicas.push(serialize_to_document(&replica).unwrap());
    }

    fn order(&mut self, order: &Order, buyer: Id, price: Money, is_complete: bool) {
        let mut document = serialize_to_document(order).unwrap();
        // It agrees with its ticket.
        document.remove("check");
        self.orders.push(published(document));
        let status = if is_complete { OrderStatus::Complete } else { OrderStatus::Cancelled };
        self.of_payments.push(doc! {
            "_id": ObjectId::from(order.id()), "userId": buyer.to_string(), "price": serialize_to_bson(&price).unwrap(),
            "status": status.as_str(), "version": order.version(), "expiresAt": DateTime::now(),
        });
    }

    async fn store(self, stores: &Stores) {
        let insert = async |database: &Database, name: &str, documents: Vec<Document>| {
            let collection = database.collection(name);
            if documents.is_empty() { Ok(()) } else { collection.insert_many(documents).ordered(false).await.map(drop) }
        };
        tokio::try_join!(
            insert(&stores.tickets, "tickets", self.tickets),
            insert(&stores.orders, "tickets", self.replicas),
            insert(&stores.orders, "orders", self.orders),
            insert(&stores.payments, "orders", self.of_payments),
        )
        .unwrap();
    }
}

/// As its service leaves it once its event is published.
fn published(mut document: Document) -> Document {
    document.insert("outbox", Array::new());
    document.insert(CHANGED_AT, DateTime::now());
    document
}

fn replica_of(ticket: &Ticket) -> Replica {
    let body = ticket.clone().body();
    Replica {
        id: body.id,
        title: body.title,
        price: body.price,
        seller: Some(body.user_id),
        order_id: None,
        starts_at: body.details.starts_at,
        deleted: false,
        version: body.version,
    }
}

/// What a seller offers: of a number of tickets about twelve are for the same event, some events have no date, and some of those no place.
fn listing(number: u32, of: u32) -> Offer {
    // Spread, and the same in every run.
    let event = u64::from(number) * 7919 % (u64::from(of) * 2 / 25).max(1);
    let spread = |of: u64, by: u64| of.wrapping_mul(2_654_435_761) / 64 % by;
    let word = if event.is_multiple_of(3) { WORD } else { "Day" };
    let begins = (Timestamp::now().millis() / 3_600_000 + 24 + spread(event, 365 * 24) as i64) * 3_600_000;
    let details = Details {
        venue: (!event.is_multiple_of(24)).then(|| format!("Hall {}", spread(event, 400))),
        city: (!event.is_multiple_of(24)).then(|| format!("City {}", spread(event, 60))),
        starts_at: (!event.is_multiple_of(12)).then(|| Timestamp::from_millis(begins).to_string().parse().unwrap()),
        section: Some(format!("Block {}", number % 26)),
        row: Some((number % 40).to_string()),
        quantity: Some((1 + number % 4) as i32),
        ..Details::default()
    };
    let price = Money::from_cents(1000 + spread(number.into(), 18_000) as i64);
    Offer { title: format!("Artist {} {word}", spread(event, 1500)), price, details }
}

/// A ticket as `POST /api/tickets` writes it, for whoever makes the same writes without the service.
pub struct NewTicket {
    pub id: ObjectId,
    pub document: RawDocumentBuf,
    pub replica: Document,
    pub event: String,
    pub payload: Vec<u8>,
}

/// One that nobody has.
pub fn new_ticket() -> NewTicket {
    let offer = Offer { title: "Concert".to_owned(), price: Money::from_cents(2050), details: Details::default() };
    let (ticket, created): (Ticket, TicketCreated) = Ticket::offer(offer, Id::generate());
    let payload = serde_json::to_vec(&created).unwrap();
    let entry: Entry = created.entry().unwrap().unwrap();
    let mut document = serialize_to_document(&ticket).unwrap();
    document.extend(ticket.derived().unwrap());
    document.insert("outbox", vec![serialize_to_bson(&entry).unwrap()]);
    document.insert(CHANGED_AT, DateTime::now());
    let mut replica = serialize_to_document(&replica_of(&ticket)).unwrap();
    replica.remove("_id");
    NewTicket {
        id: ticket.id().into(),
        document: serialize_to_raw_document_buf(&document).unwrap(),
        replica,
        event: entry.id,
        payload,
    }
}

/// So many new users.
pub fn users(count: usize) -> Vec<User> {
    (0..count).map(|_| User::new()).collect()
}
