use std::process::Output;
use std::sync::atomic::{AtomicI32, Ordering};

use common::api::SessionBody;
use common::events::{Event, PAYMENT, PaymentRefunded};
use common::id::Id;
use common::testing::{self, Answer, App, Stream, User, eventually};
use common::timestamp::Timestamp;
use futures::TryStreamExt;
use infra_local::Nats;
use mongodb::Database;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Bson, DateTime, Document, doc};
use payments::config::Config;
use payments::models::payment::PaymentStatus;
use serde_json::json;
use tokio::process::Command;

use crate::order::TestOrder;

/// The payments service over a database and a JetStream of its own.
pub struct TestApp {
    pub app: App,
    pub database: Database,
    pub stream: Stream,
    pub nats: Nats,
    flags: Vec<(String, String)>,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    pub async fn start_with(flags: &[(&str, &str)]) -> Self {
        let environment = Environment::new().await;
        environment.start_with(flags).await
    }

    /// Kills the service in the middle of what it does.
    pub async fn kill(self) -> Killed {
        let Self { app, database, stream, nats, flags } = self;
        app.abort();
        Killed { database, stream, nats, flags }
    }

    /// Kills the service in the middle of what it does and starts another one over the same database and stream.
    pub async fn kill_and_restart(self) -> Self {
        self.kill().await.restart().await
    }

    /// A second replica.
    pub async fn replica(&self) -> App {
        start(&self.flags).await
    }

    /// An order whose `order.created` the service has handled.
    pub async fn order(&self) -> TestOrder {
        let order = TestOrder::new();
        self.publish(&order.created()).await;
        order
    }

    /// An order that is paid for and not complete yet.
    pub async fn paid_order(&self) -> TestOrder {
        let order = self.order().await;
        self.pay(&order, "tok_visa").await.expect(201);
        order
    }

    /// Publishes an event and waits until the service has handled it.
    pub async fn publish<E: Event>(&self, event: &E) {
        self.stream.publish(event).await;
        self.stream.wait_until_handled(payments::NAME).await;
    }

    /// The buyer pays.
    pub async fn pay(&self, order: &TestOrder, token: &str) -> Answer {
        let body = json!({"token": token, "orderId": order.id});
        self.app.post(Some(&order.buyer), "/api/payments", body).await
    }

    /// An order that is complete, and its money taken.
    pub async fn complete_order(&self) -> TestOrder {
        let order = self.paid_order().await;
        self.publish(&order.completed()).await;
        self.wait_for_status(&order, "captured").await;
        order
    }

    /// An operator gives the money of the order back.
    pub async fn give_back(&self, order: &TestOrder) -> Answer {
        self.give_back_as(Some(&operator()), order).await
    }

    /// The same, as this user or as nobody.
    pub async fn give_back_as(&self, user: Option<&User>, order: &TestOrder) -> Answer {
        self.app.post(user, &format!("/api/payments/{}/refund", order.id), json!({})).await
    }

    /// What went back for the order.
    pub async fn refunds(&self, order: &TestOrder) -> Vec<PaymentRefunded> {
        let all: Vec<PaymentRefunded> = self.stream.published().await;
        all.into_iter().filter(|refund| refund.order_id == order.id).collect()
    }

    /// Waits until the order's only payment has this status, and until a captured one has nothing more to do.
    pub async fn wait_for_status(&self, order: &TestOrder, status: &str) -> Document {
        eventually(&format!("the payment is {status}"), async || {
            let payment = self.db_payment(order).await;
            let is_settled = status != "captured" || !payment.contains_key("dueAt");
            (payment.get_str("status").ok() == Some(status) && is_settled).then_some(payment)
        })
        .await
    }

    pub async fn db_payments(&self, order: &TestOrder) -> Vec<Document> {
        self.db_all("payments", doc! {"orderId": order.id.to_string()}).await
    }

    pub async fn db_payment(&self, order: &TestOrder) -> Document {
        let mut payments = self.db_payments(order).await;
        assert_eq!(payments.len(), 1, "{payments:?}");
        payments.remove(0)
    }

    pub async fn db_order(&self, id: Id) -> Option<Document> {
        self.db_all("orders", doc! {"_id": ObjectId::from(id)}).await.pop()
    }

    /// What the sandbox would have charged for the order.
    pub async fn db_sandbox(&self, order: &TestOrder) -> Vec<Document> {
        self.db_all("sandbox", doc! {"orderId": order.id.to_string()}).await
    }

    /// How the only charge of the order stands in the sandbox.
    pub async fn db_charge(&self, order: &TestOrder) -> String {
        let mut charges = self.db_sandbox(order).await;
        assert_eq!(charges.len(), 1, "{charges:?}");
        charges.remove(0).get_str("state").unwrap().to_owned()
    }

    pub async fn db_insert(&self, collection: &str, document: Document) {
        self.database.collection(collection).insert_one(document).await.unwrap();
    }

    async fn db_all(&self, collection: &str, filter: Document) -> Vec<Document> {
        let found = self.database.collection(collection).find(filter).sort(doc! {"_id": 1}).await.unwrap();
        found.try_collect().await.unwrap()
    }
}

/// What a service that was killed leaves behind.
pub struct Killed {
    pub database: Database,
    stream: Stream,
    nats: Nats,
    flags: Vec<(String, String)>,
}

impl Killed {
    /// Another service over the same database and stream.
    pub async fn restart(self) -> TestApp {
        let Self { database, stream, nats, flags } = self;
        let app = start(&flags).await;
        TestApp { app, database, stream, nats, flags }
    }

    /// `payments reconcile`, with the settings of the service.
    pub async fn reconcile(&self) -> Output {
        self.reconcile_with(&[]).await
    }

    /// The same with more arguments.
    pub async fn reconcile_with(&self, more: &[&str]) -> Output {
        let flags = self.flags.iter().map(|(name, value)| format!("--{name}={value}"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_payments"));
        command.arg("reconcile").args(flags).args(more).kill_on_drop(true).output().await.unwrap()
    }

    pub async fn db_insert(&self, collection: &str, document: Document) {
        self.database.collection(collection).insert_one(document).await.unwrap();
    }
}

/// A database and a JetStream, before the service runs.
pub struct Environment {
    uri: String,
    pub database: Database,
    nats: Nats,
}

impl Environment {
    pub async fn new() -> Self {
        let uri = testing::new_database().await;
        let new = Self { database: testing::open_database(&uri).await, uri, nats: testing::new_nats().await };
        // The relay has looked at the stream before. At a first start it publishes the state of everything that a test left here.
        let seen: Vec<Document> = Vec::new();
        new.db_insert("relay", doc! {"_id": PAYMENT, "marks": seen, "server": Bson::Null}).await;
        new
    }

    pub async fn db_insert(&self, collection: &str, document: Document) {
        self.database.collection(collection).insert_one(document).await.unwrap();
    }

    pub async fn start(self) -> TestApp {
        self.start_with(&[]).await
    }

    pub async fn start_with(self, more: &[(&str, &str)]) -> TestApp {
        let mut flags = vec![
            ("mongo-uri".to_owned(), self.uri),
            ("nats-url".to_owned(), self.nats.url()),
            ("jwt-key".to_owned(), testing::JWT_KEY.to_owned()),
            ("admin-ids".to_owned(), operator().id.to_string()),
        ];
        flags.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let stream = Stream::open(&self.nats).await;
        let app = start(&flags).await;
        TestApp { app, database: self.database, stream, nats: self.nats, flags }
    }
}

/// The operator of every service under test.
pub fn operator() -> User {
    let (id, iat) = (Id::from_bytes([0xAD; 12]), Timestamp::now().millis() / 1000);
    User::with_session(&SessionBody { id, email: "operator@example.com".to_owned(), iat, verified: true })
}

async fn start(flags: &[(String, String)]) -> App {
    let flags: Vec<(&str, &str)> = flags.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    App::start(payments::build(testing::config::<Config>(&flags)).await.unwrap()).await
}

/// A payment as a service that died long ago left it. Each is another attempt. A pending one has its intent already.
pub fn payment_left_behind(order: &TestOrder, status: &str) -> Document {
    static NUMBER: AtomicI32 = AtomicI32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let mut payment = doc! {
        "_id": ObjectId::new(), "orderId": order.id.to_string(), "version": 3, "status": status, "tries": 0, "outbox": [],
    };
    if status != "closed" {
        payment.extend(doc! {"amount": 12.5, "number": number, "stripeId": format!("sandbox_{}-{number}", order.id)});
    }
    if status == "pending" {
        payment.insert("token", "tok_visa");
    }
    if PaymentStatus::UNSETTLED.iter().any(|unsettled| unsettled.as_str() == status) {
        payment.insert("dueAt", DateTime::from_millis(0));
    }
    payment
}

/// The same before the provider was asked.
pub fn claim_left_behind(order: &TestOrder) -> Document {
    let mut claim = payment_left_behind(order, "pending");
    claim.remove("stripeId");
    claim
}

/// What the sandbox holds for it.
pub fn charge_left_behind(payment: &Document, state: &str) -> Document {
    let (order, number) = (payment.get_str("orderId").unwrap(), payment.get_i32("number").unwrap());
    doc! {
        "_id": format!("{order}-{number}"), "orderId": order, "number": number, "amount": 12.5, "token": "tok_visa",
        "state": state,
    }
}

/// A payment as the Node original stored it: charged at once.
pub fn payment_of_the_original(order: &TestOrder) -> Document {
    doc! {"_id": ObjectId::new(), "orderId": order.id.to_string(), "stripeId": "ch_3NvPXJ2eZvKYlo2C", "__v": 0}
}
