//! Buyers who have nothing to pay: every page that a signed-in visitor loads asks for that, and most have nothing.

use std::time::Duration;

use async_nats::Message;
use common::events::{Event, OrderCreated};
use common::id::Id;
use common::nats::Broker;
use moka::sync::Cache;

/// For how long it is known. An order of another replica whose message is missing is not listed for as long.
const KNOWN_FOR: Duration = Duration::from_secs(10);

/// Buyers of whom something is known, at most.
const MOST_KNOWN: u64 = 100_000;

/// Who has nothing to pay. Cheap to clone.
#[derive(Clone)]
pub struct NothingOpen {
    buyers: Cache<Id, Known>,
    broker: Broker,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    /// There was no open order. Messages were missed so often before.
    Nothing { interruptions: u64 },
    /// An order was made. It stands against a look that began before it.
    Made,
}

impl NothingOpen {
    /// Nothing is known yet.
    pub fn new(broker: Broker) -> Self {
        Self { buyers: Cache::builder().max_capacity(MOST_KNOWN).time_to_live(KNOWN_FOR).build(), broker }
    }

    /// Whether this buyer was seen to have no open order and has made none since.
    pub fn is_known(&self, buyer: Id) -> bool {
        self.broker.is_connected() && self.buyers.get(&buyer) == Some(self.nothing())
    }

    /// The store had no open order of this buyer.
    pub fn is_seen(&self, buyer: Id) {
        self.buyers.entry(buyer).or_insert(self.nothing());
    }

    /// The buyer has made an order.
    pub fn ends(&self, buyer: Id) {
        self.buyers.insert(buyer, Known::Made);
    }

    /// An order may have been made on another replica.
    pub fn handle(&self, message: &Message) {
        if message.subject.as_str() == OrderCreated::SUBJECT
            && let Ok(created) = serde_json::from_slice::<OrderCreated>(&message.payload)
        {
            self.ends(created.user_id);
        }
    }

    fn nothing(&self) -> Known {
        Known::Nothing { interruptions: *self.broker.interruptions().borrow() }
    }
}
