use common::api::OrderStatus;
use common::events::{OrderCancelled, OrderCompleted, OrderCreated, PricedTicket, TicketRef};
use common::id::Id;
use common::money::Money;
use common::testing::User;
use common::timestamp::Timestamp;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Document, doc};

/// An order as the orders service would publish it: for 12.50 dollars.
#[derive(Clone)]
pub struct TestOrder {
    pub id: Id,
    pub buyer: User,
    ticket: PricedTicket,
}

impl TestOrder {
    pub fn new() -> Self {
        let ticket = PricedTicket { id: Id::generate(), price: Money::from_cents(1250) };
        Self { id: Id::generate(), buyer: User::new(), ticket }
    }

    pub fn created(&self) -> OrderCreated {
        OrderCreated {
            id: self.id,
            version: 0,
            status: OrderStatus::Created,
            user_id: self.buyer.id,
            expires_at: Timestamp::now(),
            ticket: self.ticket.clone(),
        }
    }

    pub fn cancelled(&self) -> OrderCancelled {
        OrderCancelled { id: self.id, version: 1, ticket: TicketRef { id: self.ticket.id } }
    }

    pub fn completed(&self) -> OrderCompleted {
        OrderCompleted { id: self.id, version: 1, user_id: self.buyer.id, ticket: self.ticket.clone() }
    }

    /// Its replica with this status.
    pub fn replica(&self, status: &str) -> Document {
        let version = if status == "created" { 0 } else { 1 };
        doc! {
            "_id": ObjectId::from(self.id), "userId": self.buyer.id.to_string(), "price": 12.5, "status": status, "version": version,
        }
    }
}
