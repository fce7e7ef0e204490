use common::auth::Sessions;
use common::dead_letters::{self, DeadLetter};
use common::events::{
    OrderCancelled, OrderCompleted, PaymentClosed, PaymentCreated, PaymentFailed, PaymentRefunded, TicketCreated,
    TicketDeleted, TicketUpdated,
};
use common::id::Id;
use common::money::Money;
use common::mongo::Aggregate;
use common::relay::Relay;
use common::testing::{self, Answer, App, Stream, User, eventually};
use common::timestamp::Timestamp;
use infra_local::Nats;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{DateTime, Document, doc};
use mongodb::{Collection, Database};
use orders::config::Config;
use orders::models::order::Order;
use orders::state::Orders;
use serde_json::{Value, json};

/// The orders service over a database and a JetStream of its own. The stream stands for the other services.
pub struct TestApp {
    pub app: App,
    pub stream: Stream,
    pub nats: Nats,
    database: Database,
    config: Config,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With these flags beside those that every service needs.
    pub async fn start_with(flags: &[(&str, &str)]) -> Self {
        Ended::new(flags).await.start_again().await
    }

    /// Buyers have so many seconds to pay; with none every order is due at once.
    pub async fn start_with_window(seconds: &str) -> Self {
        Self::start_with(&[("expiration-window-seconds", seconds)]).await
    }

    /// One more instance over the same database and stream.
    pub async fn start_another(&self) -> App {
        run(&self.config).await
    }

    /// Stops the service in good order.
    pub async fn stop(self) -> Ended {
        self.app.stop().await.unwrap();
        Ended { database: self.database, stream: self.stream, nats: self.nats, config: self.config }
    }

    /// Ends the service in the middle of what it does.
    pub fn abort(self) -> Ended {
        self.app.abort();
        Ended { database: self.database, stream: self.stream, nats: self.nats, config: self.config }
    }

    /// The tickets service publishes a ticket that somebody offers for 20 dollars.
    pub async fn some_ticket(&self) -> Id {
        self.ticket_of(Id::generate()).await
    }

    /// The same, of this seller.
    pub async fn ticket_of(&self, seller: Id) -> Id {
        let event = ticket(Id::generate(), seller);
        self.stream.publish(&event).await;
        self.handled().await;
        event.id
    }

    /// The tickets service publishes that a ticket has changed.
    pub async fn edit_ticket(&self, id: Id, version: i32, title: &str, price: Money) {
        self.update(TicketUpdated { title: title.to_owned(), price, ..updated(id, version) }).await;
    }

    /// The tickets service publishes a ticket in this state.
    pub async fn update(&self, event: TicketUpdated) {
        self.stream.publish(&event).await;
        self.handled().await;
    }

    /// The tickets service publishes that a ticket was withdrawn.
    pub async fn withdraw(&self, id: Id, version: i32) {
        self.stream.publish(&TicketDeleted { id, version }).await;
        self.handled().await;
    }

    pub async fn order(&self, buyer: &User, ticket: Id) -> Answer {
        self.app.post(Some(buyer), "/api/orders", json!({"ticketId": ticket})).await
    }

    /// The same, of the ticket at this version.
    pub async fn order_at(&self, buyer: &User, ticket: Id, version: i32) -> Answer {
        self.app.post(Some(buyer), "/api/orders", json!({"ticketId": ticket, "version": version})).await
    }

    /// The buyer orders a ticket that is like any other.
    pub async fn some_order(&self, buyer: &User) -> Id {
        let ticket = self.some_ticket().await;
        self.order(buyer, ticket).await.expect(201).id()
    }

    pub async fn cancel(&self, user: &User, order: Id) -> Answer {
        self.app.delete(Some(user), &format!("/api/orders/{order}")).await
    }

    pub async fn show(&self, user: &User, order: Id) -> Answer {
        self.app.get(Some(user), &format!("/api/orders/{order}")).await
    }

    /// The status as its buyer sees it.
    pub async fn status(&self, buyer: &User, order: Id) -> Value {
        self.show(buyer, order).await.expect(200).body["status"].clone()
    }

    /// The payments service publishes that the order's money is authorised.
    pub async fn pay(&self, order: Id) {
        self.stream.publish(&payment(order)).await;
        self.handled().await;
    }

    /// The payments service publishes that money was given back.
    pub async fn refund(&self, order: Id, amount: Money) {
        let (id, stripe_id) = (Id::generate(), "pi_1".to_owned());
        self.stream.publish(&PaymentRefunded { id, order_id: order, stripe_id, amount }).await;
        self.handled().await;
    }

    /// The payments service publishes that the order was not paid in time and cannot be paid any more.
    pub async fn close(&self, order: Id) {
        self.stream.publish(&PaymentClosed { order_id: order }).await;
        self.handled().await;
    }

    /// The payments service publishes that the order's money can never be captured.
    pub async fn fail(&self, order: Id) {
        self.stream.publish(&failure(order)).await;
        self.handled().await;
    }

    /// The tickets service publishes which order holds a ticket.
    pub async fn hold(&self, ticket: Id, version: i32, order_id: Option<Id>) {
        self.update(TicketUpdated { order_id, ..updated(ticket, version) }).await;
    }

    /// Waits until the service has dealt with everything that was published.
    pub async fn handled(&self) {
        self.stream.wait_until_handled(orders::NAME).await;
    }

    /// What the service could not handle.
    pub async fn dead_letters(&self) -> Vec<DeadLetter> {
        dead_letters::list(self.stream.broker().jetstream()).await.unwrap()
    }

    /// How the service told of the end of an order, once everything is published.
    pub async fn published_ends(&self, order: Id) -> Vec<&'static str> {
        self.db_all_published().await;
        let cancelled: Vec<OrderCancelled> = self.stream.published().await;
        let completed: Vec<OrderCompleted> = self.stream.published().await;
        let cancelled = cancelled.iter().filter(|event| event.id == order).map(|_| "cancelled");
        cancelled.chain(completed.iter().filter(|event| event.id == order).map(|_| "complete")).collect()
    }

    /// The same without repetitions: an end is published again for whoever asks for it.
    pub async fn ends(&self, order: Id) -> Vec<&'static str> {
        let mut ends = self.published_ends(order).await;
        ends.dedup();
        ends
    }

    /// An order of this buyer as the service stores it, of a ticket that it knows, with this time to its deadline.
    pub async fn db_insert_order(&self, buyer: &User, expires_at: Timestamp) -> Id {
        let ticket = self.some_ticket().await;
        db_insert_order(&self.database, buyer, ticket, expires_at).await
    }

    pub fn database(&self) -> &Database {
        &self.database
    }

    pub async fn db_insert(&self, collection: &str, document: Document) {
        self.database.collection(collection).insert_one(document).await.unwrap();
    }

    pub async fn db_order(&self, order: Id) -> Document {
        find(&self.database, "orders", order).await
    }

    pub async fn db_ticket(&self, ticket: Id) -> Document {
        find(&self.database, "tickets", ticket).await
    }

    /// Waits until every event has left its document.
    pub async fn db_all_published(&self) {
        let (orders, waiting) = (db_orders(&self.database), doc! {"outbox.0": {"$exists": true}});
        eventually("every outbox is empty", async || {
            (orders.count_documents(waiting.clone()).await.unwrap() == 0).then_some(())
        })
        .await;
    }
}

/// A service that has ended, or has not begun: its database and the stream.
pub struct Ended {
    pub stream: Stream,
    pub nats: Nats,
    pub database: Database,
    config: Config,
}

impl Ended {
    pub async fn new(flags: &[(&str, &str)]) -> Self {
        let (uri, nats) = (testing::new_database().await, testing::new_nats().await);
        let url = nats.url();
        let mut all = vec![("mongo-uri", uri.as_str()), ("nats-url", &url), ("jwt-key", testing::JWT_KEY)];
        all.extend(flags);
        let (config, database) = (testing::config::<Config>(&all), testing::open_database(&uri).await);
        Self { stream: Stream::open(&nats).await, nats, database, config }
    }

    /// Runs the service over the same database and stream.
    pub async fn start_again(self) -> TestApp {
        let Self { stream, nats, database, config } = self;
        TestApp { app: run(&config).await, stream, nats, database, config }
    }

    /// What the service's handlers and workers share. Nobody relays: events stay in their documents.
    pub fn state(&self) -> Orders {
        let (outbox, _) = Relay::<Order>::new(&self.database, self.stream.broker().clone());
        let sessions = Sessions::new(&self.config.api.session, common::auth::Ended::default());
        Orders::new(&self.config, &self.database, outbox, self.stream.broker().clone(), sessions)
    }

    pub async fn db_order(&self, order: Id) -> Document {
        find(&self.database, "orders", order).await
    }
}

async fn run(config: &Config) -> App {
    App::start(orders::build(config.clone()).await.unwrap()).await
}

/// The event of a ticket that is like any other.
pub fn ticket(id: Id, seller: Id) -> TicketCreated {
    TicketCreated {
        id,
        version: 0,
        title: "Concert".to_owned(),
        price: Money::from_cents(2000),
        user_id: seller,
        starts_at: None,
    }
}

/// The event of a ticket that is as it was offered, at this version.
pub fn updated(id: Id, version: i32) -> TicketUpdated {
    TicketUpdated {
        id,
        version,
        title: "Concert".to_owned(),
        price: Money::from_cents(2000),
        user_id: Id::generate(),
        order_id: None,
        starts_at: None,
    }
}

/// The event of an order's money.
pub fn payment(order: Id) -> PaymentCreated {
    PaymentCreated { id: Id::generate(), order_id: order, stripe_id: "pi_1".to_owned() }
}

/// The event of money that can never be captured.
pub fn failure(order: Id) -> PaymentFailed {
    PaymentFailed { id: Id::generate(), order_id: order, reason: "the charge has expired".to_owned() }
}

/// An open order as the service stores it.
pub async fn db_insert_order(database: &Database, buyer: &User, ticket: Id, expires_at: Timestamp) -> Id {
    let id = Id::generate();
    let order = doc! {
        "_id": ObjectId::from(id), "userId": buyer.id.to_string(), "status": "created", "version": 0,
        "expiresAt": DateTime::from_millis(expires_at.millis()), "ticket": ObjectId::from(ticket), "price": 20, "outbox": []
    };
    db_orders(database).insert_one(order).await.unwrap();
    id
}

fn db_orders(database: &Database) -> Collection<Document> {
    database.collection(Order::COLLECTION)
}

async fn find(database: &Database, collection: &str, id: Id) -> Document {
    let found = database.collection::<Document>(collection).find_one(doc! {"_id": ObjectId::from(id)}).await;
    found.unwrap().unwrap()
}

/// The ids of the entries of a list.
pub fn ids(list: &Answer) -> Vec<Id> {
    let entries = list.body.as_array().expect("a list is an array");
    entries.iter().map(|entry| entry["id"].as_str().unwrap().parse().unwrap()).collect()
}
