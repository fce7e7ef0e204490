//! Writes that were acknowledged to a user, to be compared with the databases afterwards.

use std::collections::HashSet;
use std::sync::Mutex;

use common::id::Id;
use mongodb::bson::oid::ObjectId;

use crate::invariants::Snapshot;

/// What an answer acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// The order exists.
    Ordered,
    /// Nothing yet: its buyer has asked to cancel it, and the answer may be lost.
    Cancelling,
    /// It is cancelled for good.
    Cancelled,
    /// It is paid: it becomes complete, unless its buyer cancels it.
    Paid,
}

/// All acknowledged writes, order by order.
#[derive(Default)]
pub struct Acknowledged(Mutex<Vec<(ObjectId, Write)>>);

impl Acknowledged {
    /// A write of this order was acknowledged.
    pub fn note(&self, order: Id, write: Write) {
        self.0.lock().unwrap().push((order.into(), write));
    }

    /// How many orders were placed.
    pub fn orders(&self) -> usize {
        self.0.lock().unwrap().iter().filter(|(_, write)| *write == Write::Ordered).count()
    }

    /// Acknowledged writes that the databases have lost.
    pub fn violations(&self, snapshot: &Snapshot) -> Vec<String> {
        let acknowledged = self.0.lock().unwrap();
        let settled = acknowledged.iter().filter(|(order, _)| !snapshot.expiring.contains(order));
        let cancelling = acknowledged.iter().filter(|(_, write)| [Write::Cancelling, Write::Cancelled].contains(write));
        let cancelling: HashSet<ObjectId> = cancelling.map(|(order, _)| *order).collect();
        settled.filter_map(|(order, write)| violation(*order, *write, cancelling.contains(order), snapshot)).collect()
    }
}

fn violation(order: ObjectId, write: Write, is_cancelling: bool, snapshot: &Snapshot) -> Option<String> {
    let Some(document) = snapshot.orders.get(&order) else {
        return Some(format!("order {order} was answered with 201 and is lost"));
    };
    // The one payment that does not keep its promise, and says so.
    let has_failed = snapshot.payments.iter().any(|it| it.order_id == order && it.status == "failed");
    let keeps_promise = document.is_complete() || (document.is_cancelled() && (is_cancelling || has_failed));
    match write {
        Write::Cancelled if !document.is_cancelled() => {
            Some(format!("order {order} was cancelled and is {} again", document.status))
        }
        Write::Paid if !keeps_promise => Some(format!("order {order} was paid for and is {}", document.status)),
        _ => None,
    }
}
