//! The invariants: what the databases and the stream must say, once everything has settled, whatever happened before.
//!
//! No order, payment or event is lost or doubled, no ticket is sold twice, and money moved exactly with the orders. An order
//! whose time is not over yet may be open: then its ticket must be held for it, and no money must have moved. One whose time
//! runs out while the books are being read says something else on every page, and is passed over.

mod counts;
mod events;
mod problems;
mod rows;
mod since;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use common::timestamp::Timestamp;
use tokio::time::{Instant, sleep};

pub use events::Log;
pub use rows::{Order, Payment, Ticket};
pub use since::Since;

use crate::stores::Stores;

/// Between two looks at books that have not settled yet.
const PAUSE: Duration = Duration::from_millis(100);

/// How long everybody may need to hear that an order's time is over.
const HEARSAY: Duration = Duration::from_secs(3);

/// What the databases and the stream say of everything that was made since a certain time.
pub struct Books {
    since: Since,
    /// The orders.
    pub orders: BTreeMap<String, Order>,
    /// The tickets.
    pub tickets: BTreeMap<String, Ticket>,
    /// The payments, declined ones included.
    pub payments: Vec<Payment>,
    /// Orders that were passed over, because their time ran out while the books were being read.
    pub running_out: HashSet<String>,
    /// How many there are of everything, in one line for each kind.
    pub counts: Vec<String>,
    /// Documents with an event that waits in their outbox.
    waiting: u64,
    /// The versions of the tickets, as orders has heard of them.
    heard_tickets: HashMap<String, i32>,
    /// The status of each order, as payments has heard of it.
    heard_orders: HashMap<String, String>,
    /// What the services told each other of those orders, by subject: how often of each order.
    told: BTreeMap<&'static str, BTreeMap<String, u32>>,
    parked: Vec<String>,
}

impl Books {
    /// Reads the books again and again until everything has settled. `log` is what was read of the stream before.
    ///
    /// # Errors
    /// When a store cannot be read, or something has not settled within the limit: then what it is.
    pub async fn settled(stores: &Stores, since: Since, log: &mut Log, limit: Duration) -> Result<Self> {
        let until = Instant::now() + limit;
        loop {
            let begun = Instant::now();
            let open = match Self::read(stores, since, log).await {
                Ok(books) => match books.unsettled(log) {
                    None => return Ok(books),
                    Some(open) => open,
                },
                Err(error) => format!("{error:#}"),
            };
            if Instant::now() > until {
                bail!("the books have not settled within {} s: {open}", limit.as_secs());
            }
            // Reading large books must not become a load of its own.
            sleep(PAUSE.max(begun.elapsed())).await;
        }
    }

    async fn read(stores: &Stores, since: Since, log: &mut Log) -> Result<Self> {
        let Stores { auth, tickets, orders, payments, jetstream } = stores;
        let begun = Timestamp::now();
        let waiting = rows::waiting(orders, "orders").await?
            + rows::waiting(tickets, "tickets").await?
            + rows::waiting(payments, "payments").await?;
        let mut books = Self {
            since,
            waiting,
            heard_tickets: rows::versions(orders, "tickets", since).await?,
            heard_orders: rows::statuses(payments, "orders", since).await?,
            orders: rows::orders(orders, since).await?,
            tickets: rows::tickets(tickets, since).await?,
            payments: rows::payments(payments, since).await?,
            parked: events::parked(jetstream, since).await?,
            told: BTreeMap::new(),
            running_out: HashSet::new(),
            counts: Vec::new(),
        };
        log.read_on(jetstream).await.context("the stream cannot be read")?;
        books.told = events::SUBJECTS.map(|subject| (subject, log.orders(subject, since))).into();
        books.counts = counts::of(&books, rows::count(auth, "users").await?);
        books.pass_over_what_runs_out(begun);
        Ok(books)
    }

    fn pass_over_what_runs_out(&mut self, begun: Timestamp) {
        let now = Timestamp::now();
        let runs_out = |order: &Order| order.runs_out_between(begun, now, HEARSAY);
        let (gone, kept): (BTreeMap<_, _>, _) =
            std::mem::take(&mut self.orders).into_iter().partition(|(_, order)| runs_out(order));
        self.orders = kept;
        self.running_out = gone.keys().cloned().collect();
        let tickets: HashSet<&String> = gone.values().map(|order| &order.ticket).collect();
        self.tickets.retain(|id, _| !tickets.contains(id));
        self.payments.retain(|payment| !self.running_out.contains(&payment.order));
        self.told.values_mut().for_each(|orders| orders.retain(|id, _| !self.running_out.contains(id)));
    }

    /// What has not come to rest yet, if anything.
    fn unsettled(&self, log: &Log) -> Option<String> {
        let live = self.orders.iter().filter(|(_, order)| !order.is_cancelled());
        let live: HashMap<&str, &str> = live.map(|(id, order)| (order.ticket.as_str(), id.as_str())).collect();
        let overdue = self.orders.values().filter(|order| !order.is_settled());
        let unpaid = self.payments.iter().filter(|payment| !payment.is_settled());
        let astray =
            self.tickets.iter().filter(|(id, ticket)| self.holder_of(ticket) != live.get(id.as_str()).copied());
        let tickets = self.tickets.iter().filter(|(id, ticket)| self.heard_tickets.get(*id) != Some(&ticket.version));
        let orders = self.orders.iter().filter(|(id, order)| self.heard_orders.get(*id) != Some(&order.status));
        let open = [
            (overdue.count(), "orders are overdue"),
            (unpaid.count(), "payments are under way"),
            (astray.count(), "tickets have not heard who holds them"),
            (tickets.count(), "tickets are not in orders as they are"),
            (orders.count(), "orders are not in payments as they are"),
            (self.waiting as usize, "documents have an event waiting in their outbox"),
            (log.unheard().len(), "services have not heard everything"),
        ];
        let open = open.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
        Some(open.collect::<Vec<_>>().join(", ")).filter(|open| !open.is_empty())
    }

    /// Somebody else's order may have been made a moment before our time.
    fn holder_of<'a>(&self, ticket: &'a Ticket) -> Option<&'a str> {
        ticket.order.as_deref().filter(|order| self.since.covers(order))
    }

    /// Everything that must not be. Empty, whatever happened.
    pub fn problems(&self) -> Vec<String> {
        let parked = self.parked.iter().map(|parked| format!("a message was parked: {parked}"));
        problems::of_the_sales(self).into_iter().chain(problems::of_the_stream(self)).chain(parked).collect()
    }
}
