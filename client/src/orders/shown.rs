//! What the page of an order is made from.

use std::time::Duration;

use axum::http::Method;
use common::api::{OrderBody, TicketBody};
use common::id::Id;
use common::timestamp::Timestamp;

use super::note::{self, PAID};
use super::standing::Standing;
use crate::failure::{Failure, Service};
use crate::tickets::similar::{Missed, similar};
use crate::visitor::Visitor;

/// How long the tickets service may take. The page can do without what it says.
const TICKET_LIMIT: Duration = Duration::from_secs(1);

/// After how long to look whether the seller has added the missing file.
const FILE_PAUSE: Duration = Duration::from_secs(20);

/// An order and what its page says beside it.
pub struct Shown {
    /// The order, with the title and price that it was made for.
    pub order: OrderBody,
    /// Its ticket, while it is there and the tickets service answers.
    pub ticket: Option<TicketBody>,
    /// Where the order stands.
    pub standing: Standing,
    /// Other tickets, for somebody who did not get this one.
    pub similar: Vec<TicketBody>,
}

impl Shown {
    /// Asks the orders and the tickets service.
    pub async fn read(buyer: &Visitor, id: Id) -> Result<Self, Failure> {
        let order: OrderBody = buyer.call(Method::GET, Service::Orders, &format!("/api/orders/{id}")).read().await?;
        let paid = note::read(buyer, PAID).map(Timestamp::from_millis);
        let standing = Standing::of(&order, paid, Timestamp::now());
        let call = buyer.call(Method::GET, Service::Tickets, &format!("/api/tickets/{}", order.ticket.id));
        let ticket: Option<TicketBody> = call.timeout(TICKET_LIMIT).read().await.ok();
        let similar = match (standing, &ticket) {
            (Standing::Cancelled(_), Some(ticket)) => similar(buyer, &Missed::of(ticket)).await,
            _ => Vec::new(),
        };
        Ok(Self { order, ticket, standing, similar })
    }

    /// Whether the ticket itself can be downloaded.
    pub fn has_file(&self) -> bool {
        self.ticket.as_ref().is_some_and(|ticket| ticket.has_file)
    }

    /// A word for what the page shows, the same as long as it need not be made anew.
    pub fn word(&self) -> String {
        let file = if self.has_file() { "-with-file" } else { "" };
        format!("{}{file}", self.standing.word())
    }

    /// After how long the page should be looked at again.
    pub fn again(&self) -> Option<Duration> {
        match self.standing {
            Standing::Complete if !self.has_file() => Some(FILE_PAUSE),
            standing => standing.again(),
        }
    }
}
