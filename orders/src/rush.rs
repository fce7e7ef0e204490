//! The rush for few tickets: most buyers are refused from memory, and few of those who may get one ask the database at a time.
//!
//! Memory only refuses. Who gets a ticket is decided by the unique index over live orders.

use std::sync::Arc;
use std::time::Duration;

use async_nats::Message;
use common::error::ApiError;
use common::events::{Event, OrderCancelled};
use common::id::Id;
use moka::sync::Cache;
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::models::ticket::Ticket;

/// For how long it is known that a ticket is taken. Where the message that it is free again is missed, buyers are refused for as long.
const KNOWN_FOR: Duration = Duration::from_secs(1);

/// Tickets that are known to be taken, at most.
const MOST_KNOWN: u64 = 20_000;

/// Orders that are decided at the same time, each by some queries and a write.
const DECIDED_AT_ONCE: usize = 32;

/// How long an order waits until it is decided.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// What a buyer is told who comes too late.
pub const RESERVED: &str = "Ticket is already reserved";

const TOO_MANY: &str = "Too many people order at the moment, try again later";

/// What is known of tickets that were just taken, and whose turn it is. Cheap to clone.
#[derive(Clone)]
pub struct Rush {
    held: Cache<Id, Arc<Held>>,
    turns: Cache<Id, Arc<Mutex<()>>>,
    room: Arc<Semaphore>,
}

/// A ticket that was seen to be taken.
struct Held {
    buyer: Id,
    ticket: Ticket,
}

/// The turn of one order, until it is dropped.
pub struct Turn {
    _ticket: OwnedMutexGuard<()>,
    _room: OwnedSemaphorePermit,
}

impl Default for Rush {
    fn default() -> Self {
        Self {
            held: Cache::builder().max_capacity(MOST_KNOWN).time_to_live(KNOWN_FOR).build(),
            turns: Cache::builder().max_capacity(MOST_KNOWN).time_to_idle(LONGEST_WAIT * 2).build(),
            room: Arc::new(Semaphore::new(DECIDED_AT_ONCE)),
        }
    }
}

impl Rush {
    /// Why this buyer may not order the ticket, if somebody else was just seen to hold it.
    pub fn refusal(&self, ticket: Id, buyer: Id) -> Option<ApiError> {
        let held = self.held.get(&ticket).filter(|held| held.buyer != buyer)?;
        Some(held.ticket.check_sale_to(buyer).err().unwrap_or_else(|| ApiError::refused(RESERVED)))
    }

    /// The ticket was seen to be held by this buyer.
    pub fn is_held(&self, ticket: &Ticket, buyer: Id) {
        self.held.insert(ticket.id, Arc::new(Held { buyer, ticket: ticket.clone() }));
    }

    /// The ticket may be free again, or has changed.
    pub fn forget(&self, ticket: Id) {
        self.held.invalidate(&ticket);
    }

    /// An order may have ended on another replica.
    pub fn handle(&self, message: &Message) {
        if message.subject.as_str() == OrderCancelled::SUBJECT
            && let Ok(cancelled) = serde_json::from_slice::<OrderCancelled>(&message.payload)
        {
            self.forget(cancelled.ticket.id);
        }
    }

    /// Waits until an order of this ticket may be decided: no other of the ticket is, and few others.
    ///
    /// # Errors
    /// 429 after a second.
    pub async fn turn(&self, ticket: Id) -> Result<Turn, ApiError> {
        let turn = async {
            let ticket = self.turns.get_with(ticket, Arc::default).lock_owned().await;
            let room = self.room.clone().acquire_owned().await.map_err(ApiError::internal)?;
            Ok(Turn { _ticket: ticket, _room: room })
        };
        let in_time = timeout(LONGEST_WAIT, turn).await;
        in_time.unwrap_or_else(|_| Err(ApiError::limited(TOO_MANY, Duration::ZERO)))
    }
}
