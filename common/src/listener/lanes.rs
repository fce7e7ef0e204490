//! Pulls messages from the broker and distributes them to the tasks that handle them.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::{Consumer, pull};
use futures::StreamExt;
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::Listeners;
use super::in_flight::{InFlight, Taken};
use crate::events::STREAM;

/// Messages of different aggregates that one process handles at the same time.
const LANES: usize = 32;

/// Messages that wait in one lane.
const LANE_QUEUE: usize = 16;

/// How many messages one pull asks for at most.
const PULL: usize = 128;

/// How long one pull lasts. A stopping process waits this long for the pull to end.
const PULL_FOR: Duration = Duration::from_millis(500);

/// The pause before an unavailable store is asked again.
const PROBE_PAUSE: Duration = Duration::from_secs(1);

/// How much longer we wait for the broker to end the pull.
const PULL_GRACE: Duration = Duration::from_secs(1);

/// The tasks that handle messages. All messages of one aggregate go to the same task.
pub struct Lanes<S> {
    listeners: Arc<Listeners<S>>,
    queues: Vec<mpsc::Sender<Taken>>,
    in_flight: InFlight,
    keep_alive: AbortOnDropHandle<()>,
    tasks: JoinSet<()>,
    is_updated: AtomicBool,
}

impl<S: Clone + Send + Sync + 'static> Lanes<S> {
    /// Starts the tasks. They end after [`finish`](Self::finish).
    pub fn start(listeners: Arc<Listeners<S>>, stop: CancellationToken) -> Self {
        let mut tasks = JoinSet::new();
        let queues = (0..LANES)
            .map(|_| {
                let (queue, mut messages) = mpsc::channel::<Taken>(LANE_QUEUE);
                let (listeners, stop) = (listeners.clone(), stop.clone());
                tasks.spawn(async move {
                    while let Some(taken) = messages.recv().await {
                        listeners.settle(&taken.message, &stop).await;
                    }
                });
                queue
            })
            .collect();
        let in_flight = InFlight::default();
        let keep_alive = in_flight.clone().keep_alive(listeners.broker.client().clone(), listeners.ack_wait);
        let keep_alive = AbortOnDropHandle::new(tokio::spawn(keep_alive));
        Self { listeners, queues, in_flight, keep_alive, tasks, is_updated: AtomicBool::new(false) }
    }

    /// Takes messages until `stop` or until the broker fails.
    pub async fn listen(&self, stop: &CancellationToken) -> Result<(), String> {
        let broker = &self.listeners.broker;
        broker.ready().await?;
        let consumer = self.consumer().await?;
        tracing::info!("listening");
        while let Some(messages) = stop.run_until_cancelled(self.wait_until_open()).await {
            let pull = consumer.batch().max_messages(messages).expires(PULL_FOR).messages();
            self.take(pull.await.map_err(|error| error.to_string())?, stop).await?;
        }
        Ok(())
    }

    /// Waits until this replica may take messages, and says how many.
    async fn wait_until_open(&self) -> usize {
        let gate = &self.listeners.gate;
        while gate.is_store_unavailable() {
            if self.listeners.store_answers().await {
                tracing::info!("the store is available again, taking messages");
                gate.set_store_unavailable(false);
            } else {
                sleep(PROBE_PAUSE).await;
            }
        }
        if !gate.is_stopped() {
            return PULL;
        }
        sleep(self.listeners.dead_letter_pause).await;
        gate.try_one();
        1
    }

    /// The durable consumer. It is created or updated once per process: later it is only opened again, so that during a rolling
    /// upgrade an old replica does not take back what a new one has changed.
    async fn consumer(&self) -> Result<Consumer<pull::Config>, String> {
        let (jetstream, service) = (self.listeners.broker.jetstream(), self.listeners.service);
        let mut refusal = None;
        if !self.is_updated.load(Ordering::Relaxed) {
            match jetstream.create_consumer_on_stream(self.listeners.consumer(), STREAM).await {
                Ok(consumer) => {
                    self.is_updated.store(true, Ordering::Relaxed);
                    return Ok(consumer);
                }
                Err(error) => refusal = Some(error),
            }
        }
        match jetstream.get_consumer_from_stream(service, STREAM).await {
            Ok(consumer) => {
                if let Some(error) = refusal {
                    tracing::warn!(%error, "the consumer was not updated and is used as it is");
                }
                Ok(consumer)
            }
            Err(error) => {
                // It is missing: the next attempt creates it.
                self.is_updated.store(false, Ordering::Relaxed);
                Err(refusal.map_or_else(|| error.to_string(), |error| error.to_string()))
            }
        }
    }

    /// Takes every message of one pull, also after `stop`: the broker redelivers a message only after the ack wait,
    /// unless it is returned (nak).
    async fn take(&self, mut pull: pull::Batch, stop: &CancellationToken) -> Result<(), String> {
        let mut waiting = Vec::new();
        let taken = loop {
            match timeout(PULL_FOR + PULL_GRACE, pull.next()).await {
                Ok(Some(Ok(message))) => {
                    let lane = self.lane_of(&message);
                    let message = self.in_flight.take(message);
                    // Once a message waits, all later ones wait: the messages of an aggregate stay in order.
                    if !waiting.is_empty() {
                        waiting.push((lane, message));
                        continue;
                    }
                    match self.queues[lane].try_send(message) {
                        Ok(()) => {}
                        Err(TrySendError::Full(message)) => waiting.push((lane, message)),
                        Err(TrySendError::Closed(_)) => break Err("a lane has ended".to_owned()),
                    }
                }
                Ok(Some(Err(error))) => break Err(error.to_string()),
                Ok(None) => break Ok(()),
                Err(_) => break Err("the broker does not answer".to_owned()),
            }
        };
        for (lane, taken) in waiting {
            match stop.run_until_cancelled(self.queues[lane].reserve()).await {
                Some(Ok(place)) => place.send(taken),
                _ => {
                    self.listeners.nak(&taken.message).await;
                }
            }
        }
        taken
    }

    fn lane_of(&self, message: &Message) -> usize {
        let aggregate = self.listeners.aggregate_of(message);
        let mut hasher = DefaultHasher::new();
        aggregate.hash(&mut hasher);
        (hasher.finish() % self.queues.len() as u64) as usize
    }

    /// Waits until every message that was taken is settled.
    pub async fn finish(mut self) {
        self.queues.clear();
        while self.tasks.join_next().await.is_some() {}
        drop(self.keep_alive);
    }
}
