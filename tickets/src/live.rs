//! What live connections are told of tickets.

use common::live::{Change, Source};
use common::mongo::{Store, StoreError};

use crate::models::ticket::Ticket;
use crate::state::Tickets;

impl Source for Tickets {
    type Aggregate = Ticket;
    const ONLY_LISTENED_TO: bool = false;

    fn store(&self) -> &Store<Ticket> {
        &self.store
    }

    async fn changes(&self, tickets: Vec<Ticket>) -> Result<Vec<Change>, StoreError> {
        Ok(tickets.into_iter().map(Ticket::change).collect::<Result<_, _>>()?)
    }
}
