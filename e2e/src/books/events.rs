//! What the stream says.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context as _, Result};
use async_nats::jetstream::Context;
use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::OrderedConfig;
use common::events::{Event, OrderCancelled, OrderCompleted, OrderCreated, PaymentCreated, STREAM};
use common::parked;
use futures::StreamExt;

use super::Since;

/// The durable consumers, each named like its service.
const LISTENERS: [&str; 4] = ["tickets", "orders", "payments", "expiration"];

/// The events that are told of every order.
pub const SUBJECTS: [&str; 4] =
    [OrderCreated::SUBJECT, OrderCancelled::SUBJECT, OrderCompleted::SUBJECT, PaymentCreated::SUBJECT];

/// What was read of the stream so far. It is read on, not anew: it grows long.
#[derive(Default)]
pub struct Log {
    /// The number of the last message that was read.
    read: u64,
    /// The number of the last message of each subject.
    last: HashMap<String, u64>,
    /// How often each order was told of, by subject.
    orders: HashMap<&'static str, BTreeMap<String, u32>>,
    /// Who has not heard everything that was read.
    unheard: Vec<&'static str>,
}

impl Log {
    /// Reads what was published since the last time, and asks who has heard it.
    ///
    /// # Errors
    /// When the broker is away or has no such stream, or a message cannot be read.
    pub async fn read_on(&mut self, jetstream: &Context) -> Result<()> {
        let stream = jetstream.get_stream(STREAM).await?;
        let state = &stream.cached_info().state;
        let last = state.last_sequence;
        if last < self.read {
            // The broker came back without its data.
            *self = Self::default();
        }
        if last > self.read && state.messages > 0 {
            let deliver_policy = DeliverPolicy::ByStartSequence { start_sequence: self.read + 1 };
            let config = OrderedConfig { deliver_policy, ..OrderedConfig::default() };
            let mut messages = stream.create_consumer(config).await?.messages().await?;
            while self.read < last {
                let message = messages.next().await.context("the stream ends too early")??;
                self.note(&message)?;
            }
        }
        self.unheard.clear();
        for service in LISTENERS {
            let consumer = stream.consumer_info(service).await.with_context(|| format!("{service} has no consumer"))?;
            // How much is pending the broker counts a moment after it has taken a message; the floor of the acks is exact.
            let last = consumer.config.filter_subjects.iter().filter_map(|subject| self.last.get(subject)).max();
            if consumer.num_ack_pending > 0 || last.is_some_and(|last| consumer.ack_floor.stream_sequence < *last) {
                self.unheard.push(service);
            }
        }
        Ok(())
    }

    fn note(&mut self, message: &Message) -> Result<()> {
        let number = message.info().map_err(anyhow::Error::from_boxed)?.stream_sequence;
        let subject = message.subject.as_str();
        let told = match subject {
            OrderCreated::SUBJECT => Some(order_of::<OrderCreated>(message)?),
            OrderCancelled::SUBJECT => Some(order_of::<OrderCancelled>(message)?),
            OrderCompleted::SUBJECT => Some(order_of::<OrderCompleted>(message)?),
            PaymentCreated::SUBJECT => Some(order_of::<PaymentCreated>(message)?),
            _ => None,
        };
        if let Some((subject, order)) = told {
            *self.orders.entry(subject).or_default().entry(order).or_default() += 1;
        }
        self.last.insert(subject.to_owned(), number);
        self.read = number;
        Ok(())
    }

    /// How often each order of that time was told of under this subject.
    pub fn orders(&self, subject: &str, since: Since) -> BTreeMap<String, u32> {
        let told = self.orders.get(subject).into_iter().flatten();
        told.filter(|(order, _)| since.covers(order)).map(|(order, times)| (order.clone(), *times)).collect()
    }

    /// The services that had not heard everything when the stream was last read.
    pub fn unheard(&self) -> &[&'static str] {
        &self.unheard
    }
}

fn order_of<E: Event>(message: &Message) -> Result<(&'static str, String)> {
    let event: E = serde_json::from_slice(&message.payload).with_context(|| format!("a {} is none", E::SUBJECT))?;
    Ok((E::SUBJECT, event.aggregate().to_string()))
}

/// What no listener could handle since then.
pub async fn parked(jetstream: &Context, since: Since) -> Result<Vec<String>> {
    let since = since.timestamp().to_string();
    let parked = parked::list(jetstream).await?;
    let parked = parked.into_iter().filter(|message| message.at >= since);
    Ok(parked.map(|message| format!("{} by {}: {}", message.subject, message.service, message.reason)).collect())
}
