use std::sync::Arc;

use common::auth::{Ended, Sessions};
use common::config::MongoConfig;
use common::error::ApiError;
use common::mongo;
use common::nats::Broker;
use common::outbox::{Outbox, Pending};
use common::testing;
use futures::TryStreamExt;
use infra_local::Nats;
use mongodb::Database;
use mongodb::bson::{Document, doc};
use payments::config::Config;
use payments::handover::{Handed, Handover};
use payments::models::order::{Details, OrderUpdate};
use payments::models::payment::Payment;
use payments::models::payments::create_indexes;
use payments::provider::{Provider, choose};
use payments::state::Payments;
use tokio::sync::mpsc;

use crate::order::TestOrder;

/// A database and a broker, shared by services that are idle.
pub struct SharedStores {
    flags: Vec<(String, String)>,
    pub database: Database,
    broker: Broker,
    _nats: Nats,
}

impl SharedStores {
    pub async fn new() -> Self {
        let (uri, nats) = (testing::new_database().await, testing::new_nats().await);
        let flags = [("mongo-uri", uri.as_str()), ("nats-url", &nats.url()), ("jwt-key", testing::JWT_KEY)];
        let flags = flags.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let broker = testing::broker(&nats).await;
        let mongo = MongoConfig { mongo_uri: uri.parse().unwrap() };
        let database = mongo::connect(&mongo, payments::NAME).await.unwrap();
        Self { flags, database, broker, _nats: nats }
    }

    /// A service without its workers: nothing happens but what the test does.
    pub async fn idle(&self, flags: &[(&str, &str)]) -> Idle {
        self.idle_with(flags, |provider| provider).await
    }

    /// The same with something between it and its provider.
    pub async fn idle_with(
        &self,
        flags: &[(&str, &str)],
        wrap: impl FnOnce(Arc<dyn Provider>) -> Arc<dyn Provider>,
    ) -> Idle {
        let own = self.flags.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let config = testing::config::<Config>(&own.chain(flags.iter().copied()).collect::<Vec<_>>());
        let (outbox, events) = Outbox::new();
        let (handover, handed) = Handover::new();
        let provider = wrap(choose(&config, &self.database).unwrap());
        let sessions = Sessions::new(&config.api.session, Ended::default());
        let payments =
            Payments::new(&config, &self.database, outbox, self.broker.clone(), provider, handover, sessions);
        create_indexes(&payments.store).await.unwrap();
        payments.clock.read().await.unwrap();
        Idle { payments, database: self.database.clone(), events, handed }
    }
}

/// See [`SharedStores::idle`].
pub struct Idle {
    pub payments: Payments,
    pub database: Database,
    events: mpsc::Receiver<Pending>,
    handed: mpsc::Receiver<Handed>,
}

impl Idle {
    /// An order that is known, by its event.
    pub async fn order(&self) -> TestOrder {
        let order = TestOrder::new();
        self.payments.apply(created(&order)).await.unwrap();
        order
    }

    /// What a request to pay for the order does.
    pub async fn pay(&self, order: &TestOrder, token: &str) -> Result<Payment, ApiError> {
        let known = self.payments.orders.find_known(order.id).await?.ok_or(ApiError::NotFound)?;
        self.payments.pay(known, token).await
    }

    /// Stores the payment as it was at another time.
    pub async fn db_replace(&self, payment: &Document) {
        let collection = self.database.collection::<Document>("payments");
        collection.replace_one(doc! {"_id": payment.get_object_id("_id").unwrap()}, payment).await.unwrap();
    }

    pub async fn db_payments(&self, order: &TestOrder) -> Vec<Document> {
        let of_order = doc! {"orderId": order.id.to_string()};
        let found = self.database.collection("payments").find(of_order).sort(doc! {"_id": 1}).await.unwrap();
        found.try_collect().await.unwrap()
    }

    /// The statuses of the order's payments, oldest first.
    pub async fn statuses(&self, order: &TestOrder) -> Vec<String> {
        let payments = self.db_payments(order).await;
        payments.iter().map(|payment| payment.get_str("status").unwrap().to_owned()).collect()
    }

    /// The order's newest payment.
    pub async fn newest(&self, order: &TestOrder) -> Payment {
        let newest = self.db_payments(order).await.pop().unwrap();
        self.payments.store.find(newest.get_object_id("_id").unwrap().into()).await.unwrap().unwrap()
    }

    /// The subjects of what was published, or republished, since the last call.
    pub fn published(&mut self) -> Vec<String> {
        let mut subjects = Vec::new();
        while let Ok(pending) = self.events.try_recv() {
            subjects.extend(pending.outbox.last().map(|entry| entry.subject.clone()));
        }
        subjects
    }

    /// Does what was handed over, until there is nothing more to do.
    pub async fn work(&mut self) {
        while let Ok((task, _)) = self.handed.try_recv() {
            let _ = self.payments.perform(task).await;
        }
    }

    /// What the sweep does once all payments of the order are due.
    pub async fn sweep(&self, order: &TestOrder) {
        for payment in self.db_payments(order).await {
            let id = payment.get_object_id("_id").unwrap().into();
            let _ = self.payments.settle_and_remind(id).await;
        }
    }
}

/// The update by `order.created`.
pub fn created(order: &TestOrder) -> OrderUpdate {
    let event = order.created();
    let details = Details { user_id: event.user_id, price: event.ticket.price, expires_at: Some(event.expires_at) };
    OrderUpdate { id: event.id, version: event.version, status: event.status, details: Some(details) }
}

/// The update by `order.completed`.
pub fn completed(order: &TestOrder) -> OrderUpdate {
    let event = order.completed();
    let details = Details { user_id: event.user_id, price: event.ticket.price, expires_at: None };
    OrderUpdate {
        id: event.id,
        version: event.version,
        status: common::api::OrderStatus::Complete,
        details: Some(details),
    }
}

/// The update by `order.cancelled` at this version.
pub fn cancelled(order: &TestOrder, version: i32) -> OrderUpdate {
    OrderUpdate { id: order.id, version, status: common::api::OrderStatus::Cancelled, details: None }
}
