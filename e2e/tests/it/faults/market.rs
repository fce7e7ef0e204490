//! Somebody who sells and somebody who buys, and what was acknowledged to them.

use std::time::Duration;

use common::id::Id;
use common::testing::{Answer, HttpClient, eventually};
use common::timestamp::Timestamp;
use e2e::acknowledged::{Acknowledged, Write};
use e2e::invariants::{EventLog, Snapshot};
use e2e::person::Person;
use e2e::stores::Stores;
use futures::future::join_all;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Document, doc};
use tokio::time::sleep;

use crate::platform::Platform;

/// An order as it was answered.
#[derive(Clone, Debug)]
pub struct Placed {
    pub id: Id,
    pub ticket: Id,
    pub expires_at: Timestamp,
}

impl Placed {
    /// Waits until so long after its deadline.
    pub async fn overdue(&self, by: Duration) {
        sleep(self.expires_at.after(by).remaining(Timestamp::now())).await;
    }
}

pub struct Market {
    pub seller: Person,
    pub buyer: Person,
    pub stores: Stores,
    pub acknowledged: Acknowledged,
}

impl Market {
    pub async fn open(platform: &Platform) -> Self {
        let site: HttpClient = platform.site();
        let (seller, buyer) = (Person::sign_up(&site).await, Person::sign_up(&site).await);
        Self { seller, buyer, stores: platform.stores().await, acknowledged: Acknowledged::default() }
    }

    /// New tickets, known to the orders service.
    pub async fn tickets<const N: usize>(&self) -> [Id; N] {
        let tickets =
            (0..N).map(async |number| self.seller.offer(&format!("Seat {number}"), 10.0).await.expect(201).id());
        let tickets: Vec<Id> = join_all(tickets).await;
        for ticket in &tickets {
            eventually("orders knows the ticket", async || self.orders_knows(*ticket).await.then_some(())).await;
        }
        tickets.try_into().unwrap()
    }

    /// Orders a ticket.
    pub async fn order(&self, ticket: Id) -> Placed {
        let order = self.buyer.order(ticket).await.expect(201);
        self.acknowledged.note(order.id(), Write::Ordered);
        let expires_at = serde_json::from_value(order.body["expiresAt"].clone()).unwrap();
        Placed { id: order.id(), ticket, expires_at }
    }

    /// New tickets and an order of each, known to all services.
    pub async fn orders<const N: usize>(&self) -> [Placed; N] {
        let tickets: [Id; N] = self.tickets().await;
        let placed = join_all(tickets.map(|ticket| self.order(ticket))).await;
        for order in &placed {
            eventually("every service knows the order", async || {
                let payments = self.payments_knows(order).await.is_some();
                (payments && self.holder(order.ticket).await == Some(order.id)).then_some(())
            })
            .await;
        }
        placed.try_into().unwrap()
    }

    /// Pays, and expects the promise.
    pub async fn pay(&self, order: &Placed) -> Answer {
        let paid = self.buyer.pay(order.id, "tok_visa").await.expect(201);
        self.acknowledged.note(order.id, Write::Paid);
        paid
    }

    /// The buyer cancels.
    pub async fn cancel(&self, order: &Placed) {
        self.acknowledged.note(order.id, Write::Cancelling);
        self.buyer.cancel(order.id).await.expect(204);
        self.acknowledged.note(order.id, Write::Cancelled);
    }

    /// An order's status in the database of orders, which is there also while the service is not.
    pub async fn status(&self, order: &Placed) -> String {
        let found = find(&self.stores.orders, "orders", order.id).await.unwrap();
        found.get_str("status").unwrap().to_owned()
    }

    /// Waits until the order has this status.
    pub async fn becomes(&self, order: &Placed, status: &str) {
        eventually(&format!("an order is {status}"), async || (self.status(order).await == status).then_some(())).await;
    }

    /// The order that holds a ticket, likewise.
    pub async fn holder(&self, ticket: Id) -> Option<Id> {
        let found = find(&self.stores.tickets, "tickets", ticket).await?;
        found.get_str("orderId").ok().map(|id| id.parse().unwrap())
    }

    /// The status of an order in the replica of payments.
    pub async fn payments_knows(&self, order: &Placed) -> Option<String> {
        let found = find(&self.stores.payments, "orders", order.id).await?;
        found.get_str("status").ok().map(str::to_owned)
    }

    /// Whether a ticket is in the replica of orders.
    pub async fn orders_knows(&self, ticket: Id) -> bool {
        find(&self.stores.orders, "tickets", ticket).await.is_some()
    }

    /// Waits until every event has left its outbox.
    pub async fn published(&self) {
        let waits = async |database: &mongodb::Database, collection: &str| {
            let waiting = doc! {"outbox.0": {"$exists": true}};
            database.collection::<Document>(collection).count_documents(waiting).await.unwrap() > 0
        };
        let Stores { tickets, orders, payments, .. } = &self.stores;
        eventually("every event is published", async || {
            let waiting =
                waits(tickets, "tickets").await || waits(orders, "orders").await || waits(payments, "payments").await;
            (!waiting).then_some(())
        })
        .await;
    }

    /// Everything has settled, and the invariants hold.
    pub async fn settled(&self, platform: &Platform, limit: Duration) {
        platform.settled(&self.acknowledged, EventLog::default(), limit).await;
    }

    /// Every order has ended, and the invariants hold.
    pub async fn ended(&self, platform: &Platform, log: fn() -> EventLog, limit: Duration) -> Snapshot {
        platform.ended(&self.acknowledged, log, limit).await
    }
}

async fn find(database: &mongodb::Database, collection: &str, id: Id) -> Option<Document> {
    let documents = database.collection::<Document>(collection);
    documents.find_one(doc! {"_id": ObjectId::from(id)}).await.unwrap()
}
