//! What the stream says.

use std::collections::{BTreeSet, HashMap, HashSet};

use anyhow::{Context as _, Error, Result};
use async_nats::jetstream::{Context, Message};
use common::dead_letters;
use common::events::{
    Event, OrderCancelled, OrderCompleted, OrderCreated, PaymentClosed, PaymentCreated, PaymentFailed, STREAM,
};
use common::testing::{has_handled, read_after};
use common::timestamp::Timestamp;
use mongodb::bson::oid::ObjectId;
use serde_json::Value;

/// The services that handle events; each has a durable consumer of its own name.
pub const LISTENERS: [&str; 4] = ["tickets", "orders", "payments", "expiration"];

/// The events that are published of an order.
pub const SUBJECTS: [&str; 6] = [
    OrderCreated::SUBJECT,
    OrderCancelled::SUBJECT,
    OrderCompleted::SUBJECT,
    PaymentCreated::SUBJECT,
    PaymentClosed::SUBJECT,
    PaymentFailed::SUBJECT,
];

/// The header with a message's id, by which the stream drops the same message when it is published again.
const MESSAGE_ID: &str = "Nats-Msg-Id";

/// What was read of the stream so far. It grows long, so each reading begins where the one before ended.
#[derive(Default)]
pub struct EventLog {
    /// The number of the last message that was read.
    read: u64,
    /// The number of the last message of each subject.
    last: HashMap<String, u64>,
    /// The orders of which an event was published, by subject.
    orders: HashMap<&'static str, BTreeSet<ObjectId>>,
    /// The ids of all messages.
    ids: HashSet<String>,
    /// Messages that the stream holds twice.
    doubled: Vec<String>,
    is_forgetful: bool,
}

impl EventLog {
    /// The log of a stream that loses messages on purpose, by its limits or because its disk is deleted.
    pub fn of_forgetful_stream() -> Self {
        Self { is_forgetful: true, ..Self::default() }
    }

    /// Reads what was published since the last time. Returns the services that have not handled all of it.
    ///
    /// # Errors
    /// When there is no such stream or consumer, or a message cannot be read.
    pub async fn read_on(&mut self, jetstream: &Context) -> Result<Vec<&'static str>> {
        let stream = jetstream.get_stream(STREAM).await?;
        if stream.cached_info().state.last_sequence < self.read {
            // The broker came back without its data.
            *self = Self { is_forgetful: self.is_forgetful, ..Self::default() };
        }
        let from = self.read;
        let each = |message: Message| self.note(&message).map_err(Into::into);
        self.read = read_after(&stream, from, each).await.map_err(Error::from_boxed)?;
        let mut behind = Vec::new();
        for service in LISTENERS {
            let handled = has_handled(&stream, service, |subject| self.last.get(subject).copied()).await;
            if !handled.map_err(Error::from_boxed).with_context(|| format!("{service} has no consumer"))? {
                behind.push(service);
            }
        }
        Ok(behind)
    }

    fn note(&mut self, message: &Message) -> Result<()> {
        let number = message.info().map_err(Error::from_boxed)?.stream_sequence;
        self.last.insert(message.subject.to_string(), number);
        let id = message.headers.as_ref().and_then(|headers| headers.get(MESSAGE_ID)).map(ToString::to_string);
        if let Some(id) = id.filter(|id| !self.ids.insert(id.clone())) {
            self.doubled.push(format!("{} with the message id {id}", message.subject));
        }
        if let Some(subject) = SUBJECTS.into_iter().find(|subject| message.subject.as_str() == *subject) {
            let event: Value = serde_json::from_slice(&message.payload)?;
            // A payment has an id of its own and names its order; other events of orders have the order's id.
            let order = event["orderId"].as_str().or(event["id"].as_str());
            let order = ObjectId::parse_str(order.unwrap_or_default());
            let order = order.with_context(|| format!("message {number}, {subject}, names no order"))?;
            self.orders.entry(subject).or_default().insert(order);
        }
        Ok(())
    }

    /// The orders of that time of which an event was published under this subject.
    pub fn orders(&self, subject: &str, since: ObjectId) -> BTreeSet<ObjectId> {
        let orders = self.orders.get(subject).into_iter().flatten();
        orders.filter(|order| **order >= since).copied().collect()
    }

    /// Messages that the stream holds twice.
    pub fn doubled(&self) -> &[String] {
        &self.doubled
    }

    /// Whether the stream loses messages on purpose.
    pub fn is_forgetful(&self) -> bool {
        self.is_forgetful
    }
}

/// What no listener could handle since then.
pub async fn dead_letters(jetstream: &Context, since: ObjectId) -> Result<Vec<String>> {
    let since = Timestamp::from_millis(since.timestamp().timestamp_millis()).to_string();
    let letters = dead_letters::list(jetstream).await?.into_iter().filter(|letter| letter.at >= since);
    Ok(letters.map(|letter| format!("{} by {}: {}", letter.subject, letter.service, letter.reason)).collect())
}
