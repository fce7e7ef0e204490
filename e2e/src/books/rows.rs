//! What the databases say.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use anyhow::{Context, Result};
use common::timestamp::Timestamp;
use futures::TryStreamExt;
use mongodb::Database;
use mongodb::bson::{Document, doc};

use super::Since;

/// The clocks of two machines differ by as much.
const A_MOMENT: Duration = Duration::from_secs(1);

/// An order.
#[derive(Clone, Debug)]
pub struct Order {
    /// `created`, `awaiting:payment`, `complete` or `cancelled`
    pub status: String,
    /// The ticket that it reserves.
    pub ticket: String,
    /// When its time is over.
    pub expires_at: Timestamp,
}

impl Order {
    /// With time left.
    #[cfg(test)]
    pub fn new(status: &str, ticket: &str) -> Self {
        let expires_at = Timestamp::now().after(Duration::from_secs(900));
        Self { status: status.to_owned(), ticket: ticket.to_owned(), expires_at }
    }

    /// Paid.
    pub fn is_complete(&self) -> bool {
        self.status == "complete"
    }

    /// Given back, or run out.
    pub fn is_cancelled(&self) -> bool {
        self.status == "cancelled"
    }

    /// Neither, and its time is not over.
    pub fn is_open(&self) -> bool {
        !self.has_ended() && self.expires_at > Timestamp::now()
    }

    /// Whether its time is over within, or a little before, these two instants.
    pub fn runs_out_between(&self, from: Timestamp, to: Timestamp, before: Duration) -> bool {
        from < self.expires_at.after(before) && self.expires_at <= to.after(A_MOMENT)
    }

    /// Not overdue.
    pub fn is_settled(&self) -> bool {
        self.has_ended() || self.is_open()
    }

    fn has_ended(&self) -> bool {
        self.is_complete() || self.is_cancelled()
    }
}

/// A ticket.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// The order that holds or has bought it.
    pub order: Option<String>,
    /// How often it has changed.
    pub version: i32,
}

/// A payment, or an attempt at one.
#[derive(Clone, Debug)]
pub struct Payment {
    /// The order that is paid for.
    pub order: String,
    /// Where its money stands.
    pub status: String,
}

impl Payment {
    /// Nothing is to be asked of the provider or heard of the order any more.
    pub fn is_settled(&self) -> bool {
        ["captured", "voided", "declined", "refunded"].contains(&self.status.as_str())
    }
}

pub async fn orders(database: &Database, since: Since) -> Result<BTreeMap<String, Order>> {
    let found = find(database, "orders", made(since), &["status", "ticket", "expiresAt"]).await?;
    let order = |found: &Document| {
        let expires_at = Timestamp::from_millis(found.get_datetime("expiresAt")?.timestamp_millis());
        let ticket = found.get_object_id("ticket")?.to_hex();
        Ok((id(found)?, Order { status: text(found, "status"), ticket, expires_at }))
    };
    found.iter().map(order).collect()
}

pub async fn tickets(database: &Database, since: Since) -> Result<BTreeMap<String, Ticket>> {
    let found = find(database, "tickets", made(since), &["orderId", "version"]).await?;
    let ticket = |found: &Document| {
        let order = found.get_str("orderId").ok().map(str::to_owned);
        Ok((id(found)?, Ticket { order, version: version(found) }))
    };
    found.iter().map(ticket).collect()
}

/// The payments of orders of that time.
pub async fn payments(database: &Database, since: Since) -> Result<Vec<Payment>> {
    let filter = doc! {"orderId": {"$gte": since.object_id().to_hex()}};
    let found = find(database, "payments", filter, &["orderId", "status"]).await?;
    let payment = |found: &Document| Payment { order: text(found, "orderId"), status: text(found, "status") };
    Ok(found.iter().map(payment).collect())
}

/// The versions in a replica of others' data.
pub async fn versions(database: &Database, collection: &str, since: Since) -> Result<HashMap<String, i32>> {
    let found = find(database, collection, made(since), &["version"]).await?;
    found.iter().map(|found| Ok((id(found)?, version(found)))).collect()
}

/// The statuses in a replica of others' data.
pub async fn statuses(database: &Database, collection: &str, since: Since) -> Result<HashMap<String, String>> {
    let found = find(database, collection, made(since), &["status"]).await?;
    found.iter().map(|found| Ok((id(found)?, text(found, "status")))).collect()
}

/// How many documents have an event in their outbox.
pub async fn waiting(database: &Database, collection: &str) -> Result<u64> {
    // The relay's own partial index serves this: reading every document would disturb what is looked at.
    let filter = doc! {"outbox.0": {"$exists": true}};
    let counted = database.collection::<Document>(collection).count_documents(filter).await;
    counted.with_context(|| format!("the outboxes of {collection} cannot be read"))
}

pub async fn count(database: &Database, collection: &str) -> Result<u64> {
    let counted = database.collection::<Document>(collection).count_documents(doc! {}).await;
    counted.with_context(|| format!("{collection} cannot be counted"))
}

async fn find(database: &Database, collection: &str, filter: Document, fields: &[&str]) -> Result<Vec<Document>> {
    let fields: Document = fields.iter().map(|field| ((*field).to_owned(), 1.into())).collect();
    let documents = database.collection::<Document>(collection);
    let found = async { documents.find(filter).projection(fields).batch_size(10_000).await?.try_collect().await };
    found.await.with_context(|| format!("{collection} of {} cannot be read", database.name()))
}

/// What was made since then.
fn made(since: Since) -> Document {
    doc! {"_id": {"$gte": since.object_id()}}
}

fn id(document: &Document) -> Result<String> {
    Ok(document.get_object_id("_id")?.to_hex())
}

fn text(document: &Document, field: &str) -> String {
    document.get_str(field).unwrap_or_default().to_owned()
}

/// JavaScript knows one kind of number: a version may have been stored as a double.
fn version(document: &Document) -> i32 {
    document.get_i32("version").or_else(|_| document.get_f64("version").map(|version| version as i32)).unwrap_or(0)
}
