//! How many there are of everything.

use std::collections::BTreeMap;

use super::Books;

/// One line for each kind of thing.
pub fn of(books: &Books, accounts: u64) -> Vec<String> {
    let (all, held) = (books.tickets.len(), books.tickets.values().filter(|ticket| ticket.order.is_some()).count());
    let orders = books.orders.values().map(|order| order.status.as_str());
    let payments = books.payments.iter().map(|payment| payment.status.as_str());
    let events = books.told.iter().map(|(subject, orders)| format!("{} {subject}", orders.len()));
    vec![
        format!("accounts  {accounts}"),
        format!("tickets   {all}: {held} held or sold, {} free", all - held),
        format!("orders    {}: {}", books.orders.len(), by_status(orders)),
        format!("payments  {}: {}", books.payments.len(), by_status(payments)),
        format!("events    {}", events.collect::<Vec<_>>().join(", ")),
    ]
}

fn by_status<'a>(statuses: impl Iterator<Item = &'a str>) -> String {
    let mut counts = BTreeMap::new();
    statuses.for_each(|status| *counts.entry(status).or_insert(0) += 1);
    counts.iter().map(|(status, count)| format!("{count} {status}")).collect::<Vec<_>>().join(", ")
}
