//! What people were told, to be held against the books afterwards.

use std::sync::Mutex;

use crate::books::Books;

/// What an answer promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// The order exists.
    Ordered,
    /// It is cancelled for good.
    Cancelled,
    /// It is paid. Should it be cancelled all the same, the money is not taken.
    Paid,
}

/// All that was promised, order by order.
#[derive(Default)]
pub struct Told(Mutex<Vec<(String, Promise)>>);

impl Told {
    /// Somebody was told so.
    pub fn note(&self, order: &str, promise: Promise) {
        self.0.lock().unwrap().push((order.to_owned(), promise));
    }

    /// How many orders were placed.
    pub fn orders(&self) -> usize {
        self.0.lock().unwrap().iter().filter(|(_, promise)| *promise == Promise::Ordered).count()
    }

    /// Promises that settled books do not keep.
    pub fn problems(&self, books: &Books) -> Vec<String> {
        let told = self.0.lock().unwrap();
        let told = told.iter().filter(|(order, _)| !books.running_out.contains(order));
        told.filter_map(|(order, promise)| broken(order, *promise, books)).collect()
    }
}

fn broken(order: &str, promise: Promise, books: &Books) -> Option<String> {
    let Some(row) = books.orders.get(order) else {
        return Some(format!("order {order} was answered with 201 and is lost"));
    };
    match promise {
        Promise::Ordered => None,
        Promise::Cancelled if row.is_cancelled() => None,
        Promise::Cancelled => Some(format!("order {order} was cancelled and is {} again", row.status)),
        Promise::Paid if row.is_complete() || row.is_cancelled() => None,
        Promise::Paid => Some(format!("order {order} was paid for and is {}", row.status)),
    }
}
