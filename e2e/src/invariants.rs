//! The invariants: what the databases and the stream must say once everything has settled, whatever happened before.
//!
//! No order, payment or event is lost, no ticket is sold twice, money moved exactly with the orders, and nothing is held for an
//! order that is over. An order whose deadline has not passed may be open: then its ticket must be held for it, and no money
//! must have moved. An order that expires while the databases are being read looks different in each of them, so it is left out.

mod documents;
mod events;
mod violations;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;

use anyhow::{Result, bail};
use common::timestamp::Timestamp;
use mongodb::bson::doc;
use mongodb::bson::oid::ObjectId;
use tokio::time::{Instant, sleep};

use self::documents::OrderReplica;
pub use self::documents::{Charge, Order, Payment, Ticket};
pub use self::events::{EventLog, LISTENERS};
use crate::stores::Stores;

/// Between two readings, until everything has settled.
const PAUSE: Duration = Duration::from_millis(100);

/// How long it may take until every service has handled that an order expired.
const EXPIRY_SPREADS_WITHIN: Duration = Duration::from_secs(3);

/// The least id of what is made at this time or later: ids carry the second of their making.
pub fn least_id(time: Timestamp) -> ObjectId {
    ObjectId::from_parts(u32::try_from(time.millis() / 1000).unwrap_or(u32::MAX), [0; 5], [0; 3])
}

/// What the databases and the stream say of everything with this id or a later one.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// The least id that is looked at.
    pub since: ObjectId,
    /// The orders.
    pub orders: BTreeMap<ObjectId, Order>,
    /// The tickets.
    pub tickets: BTreeMap<ObjectId, Ticket>,
    /// The payments, declined ones included.
    pub payments: Vec<Payment>,
    /// The provider's side of them, where the provider is the sandbox.
    pub charges: Vec<Charge>,
    /// Orders that were left out, because they expired while the databases were being read.
    pub expiring: HashSet<ObjectId>,
    /// How many accounts there are.
    pub accounts: u64,
    /// Documents with an event in their outbox.
    pub unpublished: u64,
    /// The versions of the tickets in the replica of the orders service.
    pub replicated_tickets: HashMap<ObjectId, f64>,
    /// The statuses of the orders in the replica of the payments service.
    pub replicated_orders: HashMap<ObjectId, String>,
    /// The orders of which an event was published, by subject.
    pub published: BTreeMap<&'static str, BTreeSet<ObjectId>>,
    /// Messages that the stream holds twice.
    pub doubled: Vec<String>,
    /// The stream has lost messages on purpose, so that one which it lacks is no violation.
    pub is_forgetful: bool,
    /// Services that have not handled every event.
    pub behind: Vec<&'static str>,
    /// Messages that no listener could handle.
    pub dead_letters: Vec<String>,
}

impl Snapshot {
    /// Reads again and again until everything has settled. `log` is what was read of the stream before.
    ///
    /// # Errors
    /// What has not settled within the limit, or why it cannot be read.
    pub async fn settled(stores: &Stores, since: ObjectId, log: &mut EventLog, limit: Duration) -> Result<Self> {
        let deadline = Instant::now() + limit;
        loop {
            let began = Instant::now();
            let unsettled = match Self::read(stores, since, log).await {
                Ok(snapshot) => match snapshot.unsettled() {
                    None => return Ok(snapshot),
                    Some(unsettled) => unsettled,
                },
                Err(error) => format!("{error:#}"),
            };
            if Instant::now() > deadline {
                bail!("not settled within {} s: {unsettled}", limit.as_secs());
            }
            // Reading large databases must not become a load of its own.
            sleep(PAUSE.max(began.elapsed())).await;
        }
    }

    async fn read(stores: &Stores, since: ObjectId, log: &mut EventLog) -> Result<Self> {
        let Stores { auth, tickets, orders, payments, jetstream, .. } = stores;
        let began = Timestamp::now();
        // The order matters: an event that has left its outbox is in the stream, and a replica is older than its original.
        let mut unpublished = 0;
        for (database, collection) in [(orders, "orders"), (tickets, "tickets"), (payments, "payments")] {
            // The relay's own partial index serves this: reading every document would disturb what is looked at.
            let waiting = doc! {"outbox.0": {"$exists": true}};
            unpublished += documents::count(database, collection, waiting).await?;
        }
        let made = doc! {"_id": {"$gte": since}};
        let replicated_tickets: Vec<Ticket> = documents::find(orders, "tickets", made.clone()).await?;
        let replicated_orders: Vec<OrderReplica> = documents::find(payments, "orders", made.clone()).await?;
        let orders: Vec<Order> = documents::find(orders, "orders", made.clone()).await?;
        let tickets: Vec<Ticket> = documents::find(tickets, "tickets", made).await?;
        let of_orders = doc! {"orderId": {"$gte": since.to_hex()}};
        let charges = documents::find(payments, "sandbox", of_orders.clone()).await?;
        let payments = documents::find(payments, "payments", of_orders).await?;
        let behind = log.read_on(jetstream).await?;
        let mut snapshot = Self {
            since,
            orders: orders.into_iter().map(|order| (order.id, order)).collect(),
            tickets: tickets.into_iter().map(|ticket| (ticket.id, ticket)).collect(),
            payments,
            charges,
            expiring: HashSet::new(),
            accounts: documents::count(auth, "users", doc! {}).await?,
            unpublished,
            replicated_tickets: replicated_tickets.iter().map(|ticket| (ticket.id, ticket.version)).collect(),
            replicated_orders: replicated_orders.into_iter().map(|order| (order.id, order.status)).collect(),
            published: events::SUBJECTS.map(|subject| (subject, log.orders(subject, since))).into(),
            doubled: log.doubled().to_vec(),
            is_forgetful: log.is_forgetful(),
            behind,
            dead_letters: events::dead_letters(jetstream, since).await?,
        };
        snapshot.leave_out_expiring(began);
        Ok(snapshot)
    }

    /// Leaves out the orders that expired since a reading began, with all that belongs to them.
    pub fn leave_out_expiring(&mut self, began: Timestamp) {
        let now = Timestamp::now();
        let expires = |order: &Order| order.expires_between(began, now, EXPIRY_SPREADS_WITHIN);
        let (expiring, kept): (BTreeMap<_, _>, _) =
            std::mem::take(&mut self.orders).into_iter().partition(|(_, order)| expires(order));
        self.orders = kept;
        self.expiring = expiring.keys().copied().collect();
        let tickets: HashSet<ObjectId> = expiring.values().map(|order| order.ticket).collect();
        self.tickets.retain(|id, _| !tickets.contains(id));
        self.payments.retain(|payment| !self.expiring.contains(&payment.order_id));
        self.charges.retain(|charge| !self.expiring.contains(&charge.order_id));
        self.published.values_mut().for_each(|orders| orders.retain(|id| !self.expiring.contains(id)));
    }

    /// What is still under way, if anything.
    pub fn unsettled(&self) -> Option<String> {
        let live = self.orders.iter().filter(|(_, order)| !order.is_cancelled());
        let live: HashMap<ObjectId, ObjectId> = live.map(|(id, order)| (order.ticket, *id)).collect();
        // Somebody else's order may have been made just before our time.
        let holder = |ticket: &Ticket| ticket.order_id.filter(|order| *order >= self.since);
        let overdue = self.orders.values().filter(|order| !order.is_settled());
        let unpaid = self.payments.iter().filter(|payment| !payment.is_settled());
        let is_over = |order: &ObjectId| self.orders.get(order).is_some_and(|order| !order.is_open());
        let held = self.charges.iter().filter(|charge| charge.is_held() && is_over(&charge.order_id));
        let wrong_holder = self.tickets.iter().filter(|(id, ticket)| holder(ticket) != live.get(id).copied());
        let tickets = self.tickets.iter().filter(|(id, it)| self.replicated_tickets.get(id) != Some(&it.version));
        let orders = self.orders.iter().filter(|(id, it)| self.replicated_orders.get(id) != Some(&it.status));
        let unsettled = [
            (overdue.count(), "orders are overdue"),
            (unpaid.count(), "payments are under way"),
            (held.count(), "charges are held by the provider for orders that are over"),
            (wrong_holder.count(), "tickets are not held by the orders that reserve them"),
            (tickets.count(), "tickets differ from their replica in orders"),
            (orders.count(), "orders differ from their replica in payments"),
            (self.unpublished as usize, "documents have an event waiting in their outbox"),
            (self.behind.len(), "services have not handled every event"),
        ];
        let unsettled = unsettled.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
        Some(unsettled.collect::<Vec<_>>().join(", ")).filter(|text| !text.is_empty())
    }

    /// How many there are of everything, a line for each kind.
    pub fn counts(&self) -> Vec<String> {
        let (all, held) = (self.tickets.len(), self.tickets.values().filter(|it| it.order_id.is_some()).count());
        let orders = self.orders.values().map(|order| order.status.as_str());
        let payments = self.payments.iter().map(|payment| payment.status.as_str());
        let events = self.published.iter().map(|(subject, orders)| format!("{} {subject}", orders.len()));
        vec![
            format!("accounts  {}", self.accounts),
            format!("tickets   {all}: {held} held or sold, {} free", all - held),
            format!("orders    {}: {}", self.orders.len(), by_status(orders)),
            format!("payments  {}: {}", self.payments.len(), by_status(payments)),
            format!("events    {}", events.collect::<Vec<_>>().join(", ")),
        ]
    }
}

fn by_status<'a>(statuses: impl Iterator<Item = &'a str>) -> String {
    let mut counts = BTreeMap::new();
    statuses.for_each(|status| *counts.entry(status).or_insert(0) += 1);
    counts.iter().map(|(status, count)| format!("{count} {status}")).collect::<Vec<_>>().join(", ")
}
