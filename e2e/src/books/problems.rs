//! What must not be, once everything has settled.

use std::collections::HashSet;

use common::events::{Event, OrderCancelled, OrderCompleted, OrderCreated, PaymentCreated};

use super::{Books, Order};

/// No ticket is sold twice, and money moved exactly with the orders.
pub fn of_the_sales(books: &Books) -> Vec<String> {
    let mut problems = Vec::new();
    let mut sold = HashSet::new();
    for (id, order) in books.orders.iter().filter(|(_, order)| !order.is_cancelled()) {
        if !sold.insert(&order.ticket) {
            problems.push(format!("ticket {} is sold twice, the second time to order {id}", order.ticket));
        }
    }
    let mut paid = HashSet::new();
    for payment in books.payments.iter().filter(|payment| payment.status == "captured") {
        if !paid.insert(payment.order.as_str()) {
            problems.push(format!("order {} is charged twice", payment.order));
        }
    }
    for (id, order) in &books.orders {
        match (order.is_complete(), paid.remove(id.as_str())) {
            (true, false) => problems.push(format!("order {id} is complete, and no money was taken")),
            (false, true) => problems.push(format!("order {id} is {}, and money was taken", order.status)),
            _ => {}
        }
    }
    problems.extend(paid.iter().map(|order| format!("order {order} is charged, and lost")));
    problems
}

/// Every order was told of once when it began and once when it ended.
pub fn of_the_stream(books: &Books) -> Vec<String> {
    let ids = |wanted: fn(&Order) -> bool| -> HashSet<&str> {
        books.orders.iter().filter(|(_, order)| wanted(order)).map(|(id, _)| id.as_str()).collect()
    };
    let mut problems = Vec::new();
    for (subject, must, exactly) in [
        (OrderCreated::SUBJECT, ids(|_| true), true),
        (OrderCancelled::SUBJECT, ids(Order::is_cancelled), true),
        (OrderCompleted::SUBJECT, ids(Order::is_complete), true),
        // One whose order was cancelled meanwhile was told of as well.
        (PaymentCreated::SUBJECT, ids(Order::is_complete), false),
    ] {
        let told = &books.told[subject];
        let lost = must.iter().filter(|order| !told.contains_key(**order));
        problems.extend(lost.map(|order| format!("{subject} of order {order} is lost")));
        let doubled = told.iter().filter(|(_, times)| **times > 1);
        problems.extend(doubled.map(|(order, times)| format!("{subject} of order {order} was told {times} times")));
        let untrue = told.keys().filter(|order| exactly && !must.contains(order.as_str()));
        problems.extend(untrue.map(|order| format!("{subject} was told of order {order}, whose document says no")));
    }
    problems
}
