//! What must not be, once everything has settled.

use std::collections::{BTreeSet, HashSet};

use common::events::{
    Event, OrderCancelled, OrderCompleted, OrderCreated, PaymentClosed, PaymentCreated, PaymentFailed,
};
use mongodb::bson::oid::ObjectId;

use super::{Order, Snapshot};

impl Snapshot {
    /// Everything that must not be. Empty, whatever happened.
    pub fn violations(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.check_sales(&mut found);
        self.check_charges(&mut found);
        self.check_refunds(&mut found);
        self.check_events(&mut found);
        found.extend(self.doubled.iter().map(|message| format!("the stream holds {message} twice")));
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
        for payment in &self.payments {
            let (id, status) = (payment.order_id, payment.status.as_str());
            let survives = self.orders.get(&id).filter(|order| !order.is_cancelled());
            if let Some(order) = survives.filter(|_| ["closed", "failed"].contains(&status)) {
                found.push(format!("the payment of order {id} is {status}, and the order is {}", order.status));
            }
        }
        let paid = self.payments.iter().filter(|payment| payment.is_paid());
        self.check_money("charged", paid.map(|payment| payment.order_id), found);
    }

    /// The orders whose money an operator has given back: they stay complete.
    fn given_back(&self) -> BTreeSet<ObjectId> {
        let given_back = self.payments.iter().filter(|payment| payment.given_back_by.is_some());
        given_back.map(|payment| payment.order_id).collect()
    }

    /// A complete order says that it is refunded if and only if its money went back.
    fn check_refunds(&self, found: &mut Vec<String>) {
        let given_back = self.given_back();
        for (id, order) in self.orders.iter().filter(|(_, order)| order.is_complete()) {
            match (order.refunded.is_some(), given_back.contains(id)) {
                (true, false) => found.push(format!("order {id} says that it is refunded, and its payment does not")),
                (false, true) => found.push(format!("the money of order {id} went back, and it does not say so")),
                _ => {}
            }
        }
    }

    /// The provider says the same.
    fn check_charges(&self, found: &mut Vec<String>) {
        if !self.charges.is_empty() {
            let given_back = self.given_back();
            let state = |order: &ObjectId| if given_back.contains(order) { "refunded" } else { "captured" };
            let taken = self.charges.iter().filter(|charge| charge.state == state(&charge.order_id));
            self.check_money("charged by the provider", taken.map(|charge| charge.order_id), found);
        }
    }

    /// Money was taken once for each order that is complete, and for no other.
    fn check_money(&self, charged: &str, orders: impl Iterator<Item = ObjectId>, found: &mut Vec<String>) {
        let mut paid = BTreeSet::new();
        for order in orders {
            if !paid.insert(order) {
                found.push(format!("order {order} is {charged} twice"));
            }
        }
        for (id, order) in &self.orders {
            match (order.is_complete(), paid.remove(id)) {
                (true, false) => found.push(format!("order {id} is complete, and not {charged}")),
                (false, true) => found.push(format!("order {id} is {}, and {charged}", order.status)),
                _ => {}
            }
        }
        found.extend(paid.iter().map(|order| format!("order {order} is {charged}, and lost")));
    }

    /// An event was published of each order when it began, and one when it ended; none says what the order's document denies.
    fn check_events(&self, found: &mut Vec<String>) {
        let ids = |wanted: fn(&Order) -> bool| -> BTreeSet<ObjectId> {
            self.orders.iter().filter(|(_, order)| wanted(order)).map(|(id, _)| *id).collect()
        };
        let (all, cancelled, complete) = (ids(|_| true), ids(Order::is_cancelled), ids(Order::is_complete));
        // The one exception to "a complete order is never cancelled".
        let failed = self.payments.iter().filter(|payment| payment.status == "failed");
        let once_complete = complete.iter().copied().chain(failed.map(|payment| payment.order_id)).collect();
        let none = BTreeSet::new();
        for (subject, must, may) in [
            (OrderCreated::SUBJECT, &all, Some(&all)),
            (OrderCancelled::SUBJECT, &cancelled, Some(&cancelled)),
            (OrderCompleted::SUBJECT, &complete, Some(&once_complete)),
            // An order that was cancelled while it was being paid has one as well.
            (PaymentCreated::SUBJECT, &complete, None),
            (PaymentClosed::SUBJECT, &none, Some(&cancelled)),
            (PaymentFailed::SUBJECT, &none, Some(&cancelled)),
        ] {
            let published = &self.published[subject];
            let lost = must.difference(published).filter(|_| !self.is_forgetful);
            found.extend(lost.map(|order| format!("{subject} of order {order} is lost")));
            let untrue = may.into_iter().flat_map(|may| published.difference(may));
            found.extend(
                untrue.map(|order| format!("{subject} was published of order {order}, whose document says no")),
            );
        }
    }
}
