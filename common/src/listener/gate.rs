//! Whether this replica takes messages: not while it cannot reach its store, for another replica may; and not after many dead
//! letters in a row, for then the fault is hardly the messages'.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// So many dead letters in a row stop the consumer.
const DEAD_LETTERS_IN_A_ROW: u32 = 20;

/// The gate of one replica, open at first.
#[derive(Default)]
pub struct Gate {
    store_unavailable: AtomicBool,
    dead_letters: AtomicU32,
    /// One message is tried after many dead letters.
    trial: AtomicBool,
}

impl Gate {
    /// A message was handled.
    pub fn handled(&self) {
        self.dead_letters.store(0, Ordering::Relaxed);
    }

    /// A message became a dead letter.
    pub fn dead_letter(&self) {
        self.trial.store(false, Ordering::Relaxed);
        if self.dead_letters.fetch_add(1, Ordering::Relaxed) + 1 == DEAD_LETTERS_IN_A_ROW {
            tracing::error!(
                alert = true,
                "{DEAD_LETTERS_IN_A_ROW} dead letters in a row: no more messages are taken, look at `cargo xtask dead-letters list`"
            );
        }
    }

    /// The store is unavailable, or available again.
    pub fn set_store_unavailable(&self, unavailable: bool) {
        self.store_unavailable.store(unavailable, Ordering::Relaxed);
    }

    /// Whether the store was unavailable when last tried.
    pub fn is_store_unavailable(&self) -> bool {
        self.store_unavailable.load(Ordering::Relaxed)
    }

    /// Whether too many messages became dead letters.
    pub fn is_stopped(&self) -> bool {
        self.dead_letters.load(Ordering::Relaxed) >= DEAD_LETTERS_IN_A_ROW
    }

    /// Lets one message through although too many have failed.
    pub fn try_one(&self) {
        self.trial.store(true, Ordering::Relaxed);
    }

    /// Whether a message may be handled now.
    pub fn is_open(&self) -> bool {
        !self.is_store_unavailable() && (!self.is_stopped() || self.trial.load(Ordering::Relaxed))
    }
}
