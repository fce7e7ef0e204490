//! What handlers and listeners share.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRef;
use common::answers::{Answers, Changes, JsonAnswer};
use common::auth::{Operators, Sessions};
use common::error::ApiError;
use common::id::Id;
use common::listener::Failure;
use common::live::Live;
use common::mongo::{Store, StoreError};
use common::nats::Broker;
use common::outbox::{Outbox, Publishes};
use mongodb::Database;

use crate::config::Config;
use crate::models::claims::Claims;
use crate::models::files::Files;
use crate::models::price_cap::PriceCap;
use crate::models::reports::Reports;
use crate::models::reservations::Reservation;
use crate::models::ticket::Ticket;
use crate::models::ticket::withdrawal::WITHDRAWN_FILE_KEPT_FOR;
use crate::models::tickets as queries;

/// How much memory tickets and lists of them may take.
const ANSWERS_BYTES: u64 = 8 << 20;

/// How much memory facets may take.
const FACETS_BYTES: u64 = 1 << 20;

/// The state of the tickets service. Cheap to clone: axum does so for every request.
#[derive(Clone)]
pub struct Tickets(Arc<Parts>);

/// Its parts.
pub struct Parts {
    /// The tickets, with their events.
    pub store: Store<Ticket>,
    /// The files that are attached to tickets.
    pub files: Files,
    /// Which ticket may carry which file.
    pub claims: Claims,
    /// What visitors say against listings.
    pub reports: Reports,
    /// The connection to the broker.
    pub broker: Broker,
    /// Verifies sessions.
    pub sessions: Sessions,
    /// The connections that are told of changes.
    pub live: Live,
    /// Who may take listings down.
    pub operators: Operators,
    /// Tickets, and pages of tickets and of events.
    pub answers: Answers<JsonAnswer>,
    /// By what events can be narrowed down. To count that is much work, so a change does not end it.
    pub facets: Answers<JsonAnswer>,
    /// How much a listing may cost.
    pub price_cap: PriceCap,
    /// How many live listings a seller may have; 0 means no limit.
    pub live_per_seller: u32,
}

impl Deref for Tickets {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl FromRef<Tickets> for Sessions {
    fn from_ref(state: &Tickets) -> Self {
        state.sessions.clone()
    }
}

impl FromRef<Tickets> for Operators {
    fn from_ref(state: &Tickets) -> Self {
        state.operators.clone()
    }
}

impl Tickets {
    /// The state over this database.
    pub fn new(config: &Config, database: &Database, outbox: Outbox, broker: Broker, sessions: Sessions) -> Self {
        let store = Store::new(database, outbox);
        Self(Arc::new(Parts {
            answers: Answers::new(store.changes().clone(), ANSWERS_BYTES, JsonAnswer::size),
            facets: Answers::new(Changes::default(), FACETS_BYTES, JsonAnswer::size),
            store,
            files: Files::new(database),
            claims: Claims::new(database),
            reports: Reports::new(database),
            broker,
            sessions,
            live: Live::new(&config.live),
            operators: Operators::new(&config.operators),
            price_cap: config.price_cap_percent,
            live_per_seller: config.live_tickets_per_seller,
        }))
    }

    /// The ticket; 404 when there is none, or it was withdrawn.
    pub async fn find(&self, id: Id) -> Result<Ticket, ApiError> {
        self.store.find(id).await?.filter(|ticket| !ticket.is_gone()).ok_or(ApiError::NotFound)
    }

    /// Refuses one more live listing to a seller who has as many as one may have.
    ///
    /// They are counted: a seller who offers several in parallel requests may exceed the limit by their number.
    pub async fn check_room(&self, seller: Id) -> Result<(), ApiError> {
        let limit = u64::from(self.live_per_seller);
        if limit == 0 || queries::live_of_seller(&self.store, seller, limit).await? < limit {
            return Ok(());
        }
        Err(ApiError::refused(format!("Your listings have reached the limit of {limit}, withdraw one first")))
    }

    /// Applies the state of an order of this ticket.
    pub async fn apply(&self, ticket: Id, order: Reservation) -> Result<(), Failure> {
        self.store.change(ticket, |ticket| Ok(ticket.apply(order.clone()))).await.map(drop)
    }

    /// Withdraws a ticket as `decide` says. Its file is deleted some days later.
    pub async fn withdraw<P: Publishes, F: From<StoreError>>(
        &self,
        id: Id,
        decide: impl Fn(&mut Ticket) -> Result<P, F>,
    ) -> Result<(), F> {
        let ticket = self.store.find(id).await?;
        let mut ticket = ticket.filter(|ticket| !ticket.is_gone()).ok_or(StoreError::NotFound)?;
        let before = ticket.file().map(|file| file.id);
        // What is refused anyway leaves no note.
        decide(&mut ticket)?;
        // Noted first: when the process dies after the withdrawal, the file must not stay for ever.
        if let Some(file) = before {
            self.files.note(file, id, WITHDRAWN_FILE_KEPT_FOR).await?;
        }
        let withdrawn = self.store.change(id, decide).await?;
        match withdrawn.file().map(|file| file.id) {
            Some(file) if Some(file) != before => Ok(self.files.note(file, id, WITHDRAWN_FILE_KEPT_FOR).await?),
            _ => Ok(()),
        }
    }

    /// Withdraws a ticket whose seller's account is deleted.
    pub async fn leave(&self, id: Id) -> Result<(), StoreError> {
        match self.withdraw(id, |ticket| Ok(ticket.leave())).await {
            // It was withdrawn meanwhile.
            Err(StoreError::NotFound) => Ok(()),
            left => left,
        }
    }
}
