//! What live connections are told of orders: whatever happens to the one order that they are for.

use std::collections::HashMap;

use async_nats::Message;
use common::id::Id;
use common::live::{Change, Frame, Source};
use common::mongo::{Aggregate, Store, StoreError};

use crate::models::order::Order;
use crate::models::ticket::Ticket;
use crate::state::Orders;

impl Source for Orders {
    type Aggregate = Order;
    const ONLY_LISTENED_TO: bool = true;

    fn store(&self) -> &Store<Order> {
        &self.store
    }

    fn handle(&self, message: &Message) {
        self.rush.handle(message);
        self.nothing_open.handle(message);
    }

    async fn changes(&self, orders: Vec<Order>) -> Result<Vec<Change>, StoreError> {
        let tickets = self.tickets.find_all(orders.iter().map(Order::ticket)).await?;
        let tickets: HashMap<Id, Ticket> = tickets.into_iter().map(|ticket| (ticket.id, ticket)).collect();
        let change = |order: &Order| {
            let frame = frame(order, tickets.get(&order.ticket()))?;
            Ok(Change { id: order.id(), version: order.version(), topic: order.id(), frame, elsewhere: Vec::new() })
        };
        orders.iter().map(change).collect()
    }
}

/// An order as its buyer's page is told of it.
pub fn frame(order: &Order, ticket: Option<&Ticket>) -> Result<Frame, StoreError> {
    Ok(Frame::new("order", &order.body(ticket))?)
}
