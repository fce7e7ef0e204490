//! `cargo xtask trace`: the life of one order, from every store and the stream, as one timeline.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Error, Result, bail, ensure};
use async_nats::jetstream::Message;
use clap::Args;
use common::config::NatsConfig;
use common::events::STREAM;
use common::id::Id;
use common::testing::read_after;
use common::timestamp::Timestamp;
use common::{dead_letters, nats};
use futures::TryStreamExt;
use infra_local::servers::mongod::with_database;
use mongodb::bson::{Bson, Document, doc, oid::ObjectId};
use mongodb::error::ErrorKind;
use mongodb::options::ClientOptions;
use mongodb::{Client, Database};

const ANSWERS_WITHIN: Duration = Duration::from_secs(2);
const NOT_RUNNING: &str =
    "the stores do not answer; is the platform up? (`cargo xtask up`, or --help for other addresses)";
/// The sorted set of the expiration service: order id, and when it is due in milliseconds.
const DEADLINES: &str = "expirations";
/// Fields that say nothing of what happened, or whose time is a line of its own.
const NOT_SHOWN: [&str; 10] =
    ["_id", "orderId", "userId", "title", "outbox", "changedAt", "expiresAt", "check", "ask", "clientSecret"];

#[derive(Args)]
pub struct Trace {
    /// The order's id: 24 hexadecimal digits. Times that are read from ids have no milliseconds.
    order: Id,
    /// MongoDB; by default that of `cargo xtask up`.
    #[arg(
        long,
        env = "MONGO_URI",
        default_value = "mongodb://127.0.0.1:3020/?directConnection=true",
        hide_env_values = true
    )]
    mongo_uri: String,
    /// The broker, likewise.
    #[arg(long, env = "NATS_URL", default_value = "nats://127.0.0.1:3021", hide_env_values = true)]
    nats_url: String,
    /// Redis, likewise.
    #[arg(long, env = "REDIS_HOST", default_value = "redis://127.0.0.1:3022", hide_env_values = true)]
    redis_url: String,
}

/// What happened, where and when. What has no time of its own is true now.
struct Line(Option<Timestamp>, String, String);

impl Trace {
    pub async fn run(self) -> Result<ExitCode> {
        let order = self.order.to_string();
        let mut lines = self.documents().await?;
        lines.extend(self.deadline(&order).await.context(NOT_RUNNING)?);
        lines.extend(messages(&self.nats_url, &order).await?);
        ensure!(!lines.is_empty(), "no store and no message knows an order {order}");
        // Stable: what happened in the same millisecond stays in the order of the stores.
        lines.sort_by_key(|Line(at, ..)| at.map_or(i64::MAX, Timestamp::millis));
        for Line(at, place, what) in lines {
            let at = at.map_or("now".to_owned(), |at| at.to_string());
            println!("{at:<24}  {place:<20}  {what}");
        }
        Ok(ExitCode::SUCCESS)
    }

    /// What the databases say of the order, its payments and its ticket.
    async fn documents(&self) -> Result<Vec<Line>> {
        let mut options = ClientOptions::parse(with_database(&self.mongo_uri, "orders")).await?;
        options.server_selection_timeout = Some(ANSWERS_WITHIN);
        let client = Client::with_options(options)?;
        let database = |name| client.database(name);
        let (id, of_order) = (ObjectId::from(self.order), doc! {"orderId": self.order.to_string()});
        let order = match database("orders").collection::<Document>("orders").find_one(doc! {"_id": id}).await {
            Err(error) if matches!(*error.kind, ErrorKind::ServerSelection { .. }) => bail!(NOT_RUNNING),
            order => order?,
        };
        let ticket = order.as_ref().and_then(|order| order.get_object_id("ticket").ok());
        let of_ticket = ticket.map_or(of_order.clone(), |ticket| doc! {"_id": ticket});
        let mut lines = Vec::new();
        for (service, collection, filter) in [
            ("orders", "orders", doc! {"_id": id}),
            ("orders", "tickets", doc! {"_id": ticket}),
            ("payments", "orders", doc! {"_id": id}),
            ("payments", "payments", of_order.clone()),
            ("payments", "sandbox", of_order),
            ("tickets", "tickets", of_ticket),
        ] {
            for document in find(&database(service), collection, filter).await? {
                lines.extend(describe(&format!("{service}.{collection}"), &document));
            }
        }
        Ok(lines)
    }

    /// When the expiration service is to ask.
    async fn deadline(&self, order: &str) -> Result<Option<Line>> {
        let mut redis = redis::Client::open(self.redis_url.as_str())?.get_multiplexed_async_connection().await?;
        let due: Option<f64> = redis::cmd("ZSCORE").arg(DEADLINES).arg(order).query_async(&mut redis).await?;
        let due = due.map(|due| Timestamp::from_millis(due as i64));
        Ok(due.map(|due| Line(Some(due), "redis".to_owned(), "the deadline is due for expiration".to_owned())))
    }
}

async fn find(database: &Database, collection: &str, filter: Document) -> Result<Vec<Document>> {
    Ok(database.collection::<Document>(collection).find(filter).await?.try_collect().await?)
}

/// A line for each time in a document, and its present state at the last of them.
fn describe(place: &str, document: &Document) -> Vec<Line> {
    let date = |name| document.get_datetime(name).ok().map(|at| Timestamp::from_millis(at.timestamp_millis()));
    let line = |at, what: String| Line(at, place.to_owned(), what);
    let mut lines = Vec::new();
    // Replicas have the ids and deadlines of their originals.
    if !["orders.tickets", "payments.orders"].contains(&place) {
        let made = document.get_object_id("_id").ok().map(|id| (id, id.timestamp().timestamp_millis()));
        lines.extend(made.map(|(id, at)| line(Some(Timestamp::from_millis(at)), format!("{id} was made"))));
        lines.extend(date("expiresAt").map(|at| line(Some(at), "the deadline".to_owned())));
    }
    let fields = document.iter().filter(|(name, _)| !NOT_SHOWN.contains(&name.as_str()));
    let mut state: Vec<String> = fields.map(|(name, value)| format!("{name} {}", short(value))).collect();
    let waiting = document.get_array("outbox").map_or(0, Vec::len);
    state.extend((waiting > 0).then(|| format!("{waiting} events wait in the outbox")));
    lines.push(line(date("changedAt"), state.join(", ")));
    lines
}

fn short(value: &Bson) -> String {
    match value {
        Bson::String(text) => text.clone(),
        Bson::ObjectId(id) => id.to_hex(),
        other => other.to_string(),
    }
}

/// The messages of the stream that name the order, and its dead letters.
async fn messages(url: &str, order: &str) -> Result<Vec<Line>> {
    let broker = nats::connect(&NatsConfig::at(url.parse().map_err(Error::msg)?), "xtask").await?;
    let jetstream = broker.jetstream();
    jetstream.query_account().await.context(NOT_RUNNING)?;
    let stream = jetstream.get_stream(STREAM).await?;
    let mut lines = Vec::new();
    let each = |message: Message| {
        let payload = String::from_utf8_lossy(&message.payload);
        if payload.contains(order) {
            let info = message.info()?;
            let published = Timestamp::from_millis((info.published.unix_timestamp_nanos() / 1_000_000) as i64);
            let what = format!("#{} {} {payload}", info.stream_sequence, message.subject);
            lines.push(Line(Some(published), "stream".to_owned(), what));
        }
        Ok(())
    };
    read_after(&stream, 0, each).await.map_err(Error::from_boxed)?;
    let letters = dead_letters::list(jetstream).await?;
    for letter in letters.iter().filter(|letter| String::from_utf8_lossy(&letter.payload).contains(order)) {
        let what = format!("since {}: {} by {}: {}", letter.at, letter.subject, letter.service, letter.reason);
        lines.push(Line(None, "dead letters".to_owned(), what));
    }
    Ok(lines)
}
