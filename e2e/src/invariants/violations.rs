//! What must not be, once everything has settled.

use std::collections::HashSet;

use common::events::{Event, OrderCancelled, OrderCompleted, OrderCreated, PaymentCreated};
use mongodb::bson::oid::ObjectId;

use super::{Order, Snapshot};

impl Snapshot {
    /// Everything that must not be. Empty, whatever happened.
    pub fn violations(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.check_sales(&mut found);
        self.check_events(&mut found);
        found.extend(self.dead_letters.iter().map(|letter| format!("a message became a dead letter: {letter}")));
        found
    }

    /// No ticket is sold twice, and money moved exactly with the orders.
    fn check_sales(&self, found: &mut Vec<String>) {
        let mut sold = HashSet::new();
        for (id, order) in self.orders.iter().filter(|(_, order)| !order.is_cancelled()) {
            if !sold.insert(order.ticket) {
                found.push(format!("ticket {} is sold twice, the second time to order {id}", order.ticket));
            }
        }
        let mut paid = HashSet::new();
        for payment in self.payments.iter().filter(|payment| payment.status == "captured") {
            if !paid.insert(payment.order_id) {
                found.push(format!("order {} is charged twice", payment.order_id));
            }
        }
        for (id, order) in &self.orders {
            match (order.is_complete(), paid.remove(id)) {
                (true, false) => found.push(format!("order {id} is complete, and no money was taken")),
                (false, true) => found.push(format!("order {id} is {}, and money was taken", order.status)),
                _ => {}
            }
        }
        found.extend(paid.iter().map(|order| format!("order {order} is charged, and lost")));
    }

    /// One event was published of each order when it began, and one when it ended.
    fn check_events(&self, found: &mut Vec<String>) {
        let ids = |wanted: fn(&Order) -> bool| -> HashSet<&ObjectId> {
            self.orders.iter().filter(|(_, order)| wanted(order)).map(|(id, _)| id).collect()
        };
        for (subject, must, exactly) in [
            (OrderCreated::SUBJECT, ids(|_| true), true),
            (OrderCancelled::SUBJECT, ids(Order::is_cancelled), true),
            (OrderCompleted::SUBJECT, ids(Order::is_complete), true),
            // An order that was cancelled while it was being paid has one as well.
            (PaymentCreated::SUBJECT, ids(Order::is_complete), false),
        ] {
            let published = &self.published[subject];
            let lost = must.iter().filter(|order| !published.contains_key(**order));
            found.extend(lost.map(|order| format!("{subject} of order {order} is lost")));
            let doubled = published.iter().filter(|(_, times)| **times > 1);
            found.extend(
                doubled.map(|(order, times)| format!("{subject} of order {order} was published {times} times")),
            );
            let untrue = published.keys().filter(|order| exactly && !must.contains(order));
            found.extend(
                untrue.map(|order| format!("{subject} was published of order {order}, whose document says no")),
            );
        }
    }
}
