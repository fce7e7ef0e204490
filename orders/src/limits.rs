//! How much one buyer may reserve without paying: a reservation is free, and keeps its ticket from everybody else.

use std::time::Duration;

use common::error::ApiError;
use common::id::Id;
use common::mongo::Store;
use common::timestamp::Timestamp;
use futures::try_join;
use rand::seq::IndexedRandom;

use crate::config::Config;
use crate::models::order::Order;
use crate::models::orders::{self as queries, Open};
use crate::models::slots;

/// For how long an order that ended unpaid counts.
const COUNTED_FOR: Duration = Duration::from_secs(60 * 60);

/// The limits of each buyer.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Unpaid orders at a time.
    open: i32,
    /// Orders of one ticket that ended unpaid within an hour.
    unpaid_of_ticket: u16,
}

impl Limits {
    /// As they are configured.
    pub fn new(config: &Config) -> Self {
        Self { open: config.open_orders_per_buyer, unpaid_of_ticket: config.unpaid_orders_per_ticket }
    }

    /// A slot that is free for one more order of this ticket by this buyer; 429 when there is none.
    ///
    /// The unique index over slots keeps the number of open orders. That of orders which ended unpaid is counted: a buyer who orders
    /// and cancels the same ticket in parallel requests may exceed it by their number.
    pub async fn free_slot(&self, store: &Store<Order>, buyer: Id, ticket: Id) -> Result<i32, ApiError> {
        let since = Timestamp::now().before(COUNTED_FOR);
        let (open, ended) = try_join!(
            queries::open_of_buyer(store, buyer, self.open),
            queries::ended_unpaid(store, buyer, ticket, since, self.unpaid_of_ticket),
        )?;
        let now = Timestamp::now();
        if ended.len() >= self.unpaid_of_ticket.into()
            && let Some(oldest) = ended.last()
        {
            let wait = oldest.after(COUNTED_FOR).remaining(now);
            let minutes = wait.as_secs() / 60 + 1;
            let message = format!("Too many of your orders of this ticket ended unpaid, try again in {minutes} min");
            return Err(ApiError::limited(message, wait));
        }
        let taken: Vec<Option<i32>> = open.iter().map(|order| order.slot).collect();
        // Any of them, so that parallel requests seldom meet in the same one.
        slots::free(self.open, &taken).choose(&mut rand::rng()).copied().ok_or_else(|| self.too_many_open(&open, now))
    }

    fn too_many_open(&self, open: &[Open], now: Timestamp) -> ApiError {
        let wait = open.iter().map(|order| order.expires_at.remaining(now)).min().unwrap_or_default();
        let message = format!("Your unpaid orders have reached the limit of {}, pay or cancel one first", self.open);
        ApiError::limited(message, wait)
    }
}
