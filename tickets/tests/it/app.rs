use common::api::OrderStatus;
use common::auth::Sessions;
use common::dead_letters::{self, DeadLetter};
use common::events::{OrderCancelled, OrderCompleted, OrderCreated, PricedTicket, TicketRef};
use common::id::Id;
use common::money::Money;
use common::relay::Relay;
use common::testing::{self, Answer, App, Stream, User, eventually};
use common::timestamp::Timestamp;
use futures::TryStreamExt;
use infra_local::Nats;
use mongodb::Database;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Document, doc};
use serde_json::{Value, json};
use tickets::config::Config;
use tickets::models::ticket::Ticket;
use tickets::state::Tickets;

/// The deadline of every order that does not say otherwise: no test lives to see it.
pub const DEADLINE: Timestamp = Timestamp::from_millis(4_102_444_800_000);

/// Whoever orders where it does not matter who does.
pub const BUYER: Id = Id::from_bytes([9; 12]);

/// The tickets service over a database and a JetStream of its own. The stream stands for the other services.
pub struct TestApp {
    pub app: App,
    pub database: Database,
    pub stream: Stream,
    pub nats: Nats,
    config: Config,
}

/// A service that has ended, or has not begun: its database and the stream.
pub struct Ended {
    pub database: Database,
    pub stream: Stream,
    pub nats: Nats,
    config: Config,
}

impl Ended {
    pub async fn new() -> Self {
        Self::configured(&[]).await
    }

    /// With these flags beside those that every service needs.
    pub async fn configured(extra: &[(&str, &str)]) -> Self {
        let (uri, nats) = (testing::new_database().await, testing::new_nats().await);
        let url = nats.url();
        let needed = [("mongo-uri", uri.as_str()), ("nats-url", &url), ("jwt-key", testing::JWT_KEY)];
        let config = testing::config::<Config>(&[&needed, extra].concat());
        let (database, stream) = (testing::open_database(&uri).await, Stream::open(&nats).await);
        Self { database, stream, nats, config }
    }

    /// What the service's handlers and workers share. Nobody relays: events stay in their documents.
    pub fn state(&self) -> Tickets {
        let (outbox, _) = Relay::<Ticket>::new(&self.database, self.stream.broker().clone());
        let sessions = Sessions::new(&self.config.api.session, common::auth::Ended::default());
        Tickets::new(&self.config, &self.database, outbox, self.stream.broker().clone(), sessions)
    }

    /// Runs the service over the same database and stream.
    pub async fn start_again(self) -> TestApp {
        let Self { database, stream, nats, config } = self;
        TestApp { app: run(&config).await, database, stream, nats, config }
    }
}

/// The events of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OrderEvent {
    Created,
    Cancelled,
    Completed,
}

impl TestApp {
    pub async fn start() -> Self {
        Ended::new().await.start_again().await
    }

    /// A service with these flags beside those that every service needs.
    pub async fn configured(extra: &[(&str, &str)]) -> Self {
        Ended::configured(extra).await.start_again().await
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

    pub async fn offer(&self, seller: &User, title: &str, price: impl Into<Value>) -> Answer {
        self.app.post(Some(seller), "/api/tickets", json!({"title": title, "price": price.into()})).await
    }

    /// Somebody offers a ticket that is like any other.
    pub async fn offer_with(&self, seller: &User, body: Value) -> Id {
        self.app.post(Some(seller), "/api/tickets", body).await.expect(201).id()
    }

    pub async fn some_ticket(&self) -> Id {
        self.offer(&User::new(), "Concert", 20).await.expect(201).id()
    }

    pub async fn withdraw(&self, user: &User, ticket: Id) -> Answer {
        self.app.delete(Some(user), &format!("/api/tickets/{ticket}")).await
    }

    pub async fn edit(&self, user: &User, ticket: Id, title: &str, price: impl Into<Value>) -> Answer {
        let body = json!({"title": title, "price": price.into()});
        self.app.put(Some(user), &format!("/api/tickets/{ticket}"), body).await
    }

    /// The ticket as everybody sees it.
    pub async fn show(&self, ticket: Id) -> Value {
        self.app.get(None, &format!("/api/tickets/{ticket}")).await.expect(200).body
    }

    /// The ids on the list, in its order.
    pub async fn list(&self) -> Vec<Id> {
        ids(&self.app.get(None, "/api/tickets").await.expect(200))
    }

    /// Publishes an event of an order of like any other buyer. It is not awaited that the service handles it.
    pub async fn publish(&self, order: Id, ticket: Id, event: OrderEvent) {
        self.publish_of(BUYER, order, ticket, event).await;
    }

    /// The same of this buyer.
    pub async fn publish_of(&self, user_id: Id, order: Id, ticket: Id, event: OrderEvent) {
        let price = Money::from_cents(2000);
        let (priced, version) = (PricedTicket { id: ticket, price }, i32::from(event != OrderEvent::Created));
        match event {
            OrderEvent::Created => {
                let (status, expires_at) = (OrderStatus::Created, DEADLINE);
                let event = OrderCreated { id: order, version, status, user_id, expires_at, ticket: priced };
                self.stream.publish(&event).await;
            }
            OrderEvent::Cancelled => {
                let event = OrderCancelled { id: order, version, ticket: TicketRef { id: ticket } };
                self.stream.publish(&event).await;
            }
            OrderEvent::Completed => {
                let (title, seller_id) = (None, None);
                let event = OrderCompleted { id: order, version, user_id, ticket: priced, title, seller_id };
                self.stream.publish(&event).await;
            }
        }
    }

    /// This buyer orders the ticket and pays.
    pub async fn sell(&self, ticket: Id, buyer: &User) -> Id {
        let order = Id::generate();
        for event in [OrderEvent::Created, OrderEvent::Completed] {
            self.publish_of(buyer.id, order, ticket, event).await;
        }
        self.handled().await;
        order
    }

    /// Somebody orders the ticket until this deadline.
    pub async fn order_until(&self, ticket: Id, expires_at: Timestamp) -> Id {
        let (order, user_id) = (Id::generate(), BUYER);
        let (status, ticket) = (OrderStatus::Created, PricedTicket { id: ticket, price: Money::from_cents(2000) });
        self.stream.publish(&OrderCreated { id: order, version: 0, status, user_id, expires_at, ticket }).await;
        self.handled().await;
        order
    }

    /// Somebody orders the ticket.
    pub async fn order(&self, ticket: Id) -> Id {
        let order = Id::generate();
        self.publish(order, ticket, OrderEvent::Created).await;
        self.handled().await;
        order
    }

    /// The order gives the ticket back.
    pub async fn cancel(&self, order: Id, ticket: Id) {
        self.publish(order, ticket, OrderEvent::Cancelled).await;
        self.handled().await;
    }

    /// The order is paid.
    pub async fn complete(&self, order: Id, ticket: Id) {
        self.publish(order, ticket, OrderEvent::Completed).await;
        self.handled().await;
    }

    /// Waits until the service has dealt with everything that was published.
    pub async fn handled(&self) {
        self.stream.wait_until_handled(tickets::NAME).await;
    }

    /// What the service could not handle.
    pub async fn dead_letters(&self) -> Vec<DeadLetter> {
        dead_letters::list(self.stream.broker().jetstream()).await.unwrap()
    }

    pub async fn db_insert(&self, ticket: Document) {
        self.db_tickets().insert_one(ticket).await.unwrap();
    }

    pub async fn db_ticket(&self, ticket: Id) -> Document {
        self.db_tickets().find_one(doc! {"_id": ObjectId::from(ticket)}).await.unwrap().unwrap()
    }

    /// Sets fields of a stored ticket past the API.
    pub async fn db_set(&self, ticket: Id, fields: Document) {
        let (id, set) = (doc! {"_id": ObjectId::from(ticket)}, doc! {"$set": fields});
        assert_eq!(self.db_tickets().update_one(id, set).await.unwrap().matched_count, 1);
    }

    /// Waits until every event has left its document.
    pub async fn db_all_published(&self) {
        let waiting = doc! {"outbox.0": {"$exists": true}};
        eventually("every outbox is empty", async || {
            (self.db_tickets().count_documents(waiting.clone()).await.unwrap() == 0).then_some(())
        })
        .await;
    }

    /// The most documents that the database examines for one search of tickets while this is done.
    pub async fn db_most_examined(&self, work: impl Future<Output = ()>) -> i32 {
        self.database.run_command(doc! {"profile": 2}).await.unwrap();
        work.await;
        self.database.run_command(doc! {"profile": 0}).await.unwrap();
        let profile = self.database.collection::<Document>("system.profile");
        // What an older replica has changed is looked for beside it.
        let searched = doc! {"op": "query", "command.find": "tickets", "command.filter.changedAt": {"$exists": false}};
        let searches: Vec<Document> = profile.find(searched).await.unwrap().try_collect().await.unwrap();
        profile.drop().await.unwrap();
        searches.iter().map(|search| search.get_i32("docsExamined").unwrap()).max().expect("there was a search")
    }

    fn db_tickets(&self) -> mongodb::Collection<Document> {
        self.database.collection("tickets")
    }
}

async fn run(config: &Config) -> App {
    App::start(tickets::build(config.clone()).await.unwrap()).await
}

/// The ids of the entries of a list.
pub fn ids(list: &Answer) -> Vec<Id> {
    let entries = list.body.as_array().expect("a list is an array");
    entries.iter().map(|entry| entry["id"].as_str().unwrap().parse().unwrap()).collect()
}
