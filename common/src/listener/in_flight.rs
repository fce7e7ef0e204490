//! Messages that were taken from the broker and are not settled yet. The broker is told that they are being worked on, or it would
//! deliver those that wait for long to another replica as well.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_nats::Client;
use async_nats::jetstream::{AckKind, Message};
use tokio::time::interval;

/// The messages in flight. Cheap to clone.
#[derive(Clone, Default)]
pub struct InFlight(Arc<Mutex<HashSet<String>>>);

/// A message in flight, until it is dropped.
pub struct Taken {
    /// The message.
    pub message: Message,
    in_flight: InFlight,
}

impl InFlight {
    /// A message was taken.
    pub fn take(&self, message: Message) -> Taken {
        if let Some(reply) = &message.reply {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(reply.to_string());
        }
        Taken { message, in_flight: self.clone() }
    }

    /// Tells the broker of every message in flight, so often that none is redelivered.
    pub async fn keep_alive(self, client: Client, ack_wait: Duration) {
        let mut ticks = interval((ack_wait / 3).max(Duration::from_millis(10)));
        loop {
            ticks.tick().await;
            let replies: Vec<String> = self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect();
            for reply in replies {
                // One that was settled meanwhile must not be called in progress. Without a connection nothing helps: the broker redelivers.
                if self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&reply) {
                    let _ = client.publish(reply, AckKind::Progress.into()).await;
                }
            }
        }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if let Some(reply) = &self.message.reply {
            self.in_flight.0.lock().unwrap_or_else(PoisonError::into_inner).remove(reply.as_str());
        }
    }
}
