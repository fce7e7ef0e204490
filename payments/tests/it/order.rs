use std::time::Duration;

use common::api::OrderStatus;
use common::events::{ExpirationComplete, OrderCancelled, OrderCompleted, OrderCreated, PricedTicket, TicketRef};
use common::id::Id;
use common::money::Money;
use common::testing::User;
use common::timestamp::Timestamp;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{DateTime, Document, doc};

/// An order as the orders service would publish it: for 12.50 dollars.
#[derive(Clone)]
pub struct TestOrder {
    pub id: Id,
    pub buyer: User,
    pub expires_at: Timestamp,
    ticket: PricedTicket,
}

impl TestOrder {
    pub fn new() -> Self {
        Self::expiring_in(Duration::from_secs(900))
    }

    pub fn expiring_in(left: Duration) -> Self {
        let ticket = PricedTicket { id: Id::generate(), price: Money::from_cents(1250) };
        let expires_at = Timestamp::now().after(left);
        Self { id: Id::generate(), buyer: User::new(), expires_at, ticket }
    }

    /// The time to pay for it is over.
    pub fn late() -> Self {
        Self::expiring_in(Duration::ZERO)
    }

    pub fn created(&self) -> OrderCreated {
        OrderCreated {
            id: self.id,
            version: 0,
            status: OrderStatus::Created,
            user_id: self.buyer.id,
            expires_at: self.expires_at,
            ticket: self.ticket.clone(),
        }
    }

    pub fn cancelled(&self) -> OrderCancelled {
        OrderCancelled { id: self.id, version: 1, ticket: TicketRef { id: self.ticket.id } }
    }

    pub fn completed(&self) -> OrderCompleted {
        OrderCompleted {
            id: self.id,
            version: 1,
            user_id: self.buyer.id,
            ticket: self.ticket.clone(),
            title: None,
            seller_id: None,
        }
    }

    /// What comes when the time to pay for it is over.
    pub fn expired(&self) -> ExpirationComplete {
        ExpirationComplete { order_id: self.id, expires_at: Some(self.expires_at) }
    }

    /// Its replica with this status.
    pub fn replica(&self, status: &str) -> Document {
        let version = if status == "created" { 0 } else { 1 };
        doc! {
            "_id": ObjectId::from(self.id), "userId": self.buyer.id.to_string(), "price": 12.5, "status": status, "version": version,
            "expiresAt": DateTime::from_millis(self.expires_at.millis()),
        }
    }
}
