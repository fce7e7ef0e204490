//! Deletes files to which no ticket refers: an upload that did not come to its end, one that was replaced, and what a ticket that was
//! withdrawn long ago still carries.

use std::time::Duration;

use common::mongo::{BATCH, StoreError, in_batches};
use common::timestamp::Timestamp;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::models::files::Noted;
use crate::models::ticket::Ticket;
use crate::state::Tickets;

/// How often is looked for files that were noted a while ago.
const EVERY: Duration = Duration::from_secs(60);

/// Looks after noted files, until `stop`.
pub async fn run(tickets: Tickets, stop: CancellationToken) {
    while stop.run_until_cancelled(sleep(EVERY)).await.is_some() {
        if let Err(error) = in_batches(&stop, || settle_noted(&tickets)).await {
            tracing::warn!(%error, "files without a ticket not swept, trying again");
        }
    }
}

/// Settles a batch of the files that were noted a while ago; returns how many.
pub async fn settle_noted(tickets: &Tickets) -> Result<usize, StoreError> {
    let mut count = 0;
    while count < BATCH
        && let Some(noted) = tickets.files.take_noted().await?
    {
        settle(tickets, &noted).await?;
        count += 1;
    }
    Ok(count)
}

async fn settle(tickets: &Tickets, noted: &Noted) -> Result<(), StoreError> {
    let ticket = tickets.store.find(noted.ticket).await?;
    let refers = |ticket: &Ticket| ticket.file().is_some_and(|file| file.id == noted.file);
    match ticket.filter(refers) {
        None => {
            tracing::info!(ticket = %noted.ticket, file = %noted.file, "a file that no ticket refers to is deleted");
            tickets.files.delete(noted.file).await
        }
        Some(ticket) if ticket.is_long_gone(Timestamp::now()) => {
            tickets.store.change(noted.ticket, |ticket| Ok::<_, StoreError>(ticket.detach(noted.file))).await?;
            match ticket.file() {
                Some(file) => tickets.drop_file(file).await,
                None => Ok(()),
            }
        }
        // It has further turns: an order that was made at the same moment may hold the ticket.
        Some(ticket) if ticket.is_withdrawn() => Ok(()),
        Some(_) => tickets.files.keep(noted).await,
    }
}
