//! The sandbox: a provider that moves no money and takes Stripe's test cards.

mod cards;
mod entry;

use common::mongo::{StoreError, Together, Update};
use common::timestamp::Timestamp;
use futures::future::BoxFuture;
use futures::{FutureExt, TryStreamExt};
use mongodb::bson::{DateTime, Document, RawDocumentBuf, doc, serialize_to_bson, serialize_to_raw_document_buf};
use mongodb::{Collection, Database};

use super::{Attempt, Confirmation, Intent, IntentState, Listed, Provider, ProviderError, Refund};
use cards::Decision;
use entry::{Entry, State};

/// Stripe's words for a buyer who does not confirm.
const NOT_CONFIRMED: &str =
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.";

/// What the sandbox would hold, have taken or have refunded, in the collection `sandbox`. Like every write of the service, its writes
/// are acknowledged by a majority.
pub struct Sandbox {
    entries: Collection<Entry>,
    inserts: Together<RawDocumentBuf>,
    updates: Together<Update>,
}

impl Sandbox {
    /// The sandbox in this database.
    pub fn new(database: &Database) -> Self {
        Self {
            entries: database.collection("sandbox"),
            inserts: Together::inserts(database.collection("sandbox")),
            updates: Together::updates(database.collection("sandbox")),
        }
    }

    /// The buyer confirms, or refuses to, as in the page of their bank.
    ///
    /// # Errors
    /// Refused, with the words for the buyer, when the money is not held now.
    pub async fn confirm_as_buyer(&self, client_secret: &str, confirms: bool) -> Result<(), ProviderError> {
        let refused = |words: &str| Err(ProviderError::Refused(words.to_owned()));
        let Some((intent, _)) = client_secret.split_once("_secret_") else {
            return refused("There is no such payment");
        };
        let Some(entry) = self.find(intent).await?.filter(|entry| entry.has_secret(client_secret)) else {
            return refused("There is no such payment");
        };
        let decision = match (entry.state, confirms) {
            (State::NeedsAction, true) => cards::confirmed(&entry.token),
            (State::NeedsAction, false) => Decision::Declined(NOT_CONFIRMED.to_owned()),
            (State::Authorised | State::Captured, _) => Decision::Authorised,
            _ => return refused("This payment is over. Pay again."),
        };
        let decided = if matches!(decision, Decision::Declined(_)) { State::Unconfirmed } else { State::Authorised };
        let decided = doc! {"state": stored(decided)?};
        if entry.state == State::NeedsAction && !self.change(intent, &[State::NeedsAction], decided).await? {
            return refused("This payment has changed meanwhile. Try again.");
        }
        match decision {
            Decision::Declined(reason) => refused(&reason),
            _ => Ok(()),
        }
    }

    async fn create_entry(&self, attempt: &Attempt) -> Result<Intent, ProviderError> {
        let new = Entry::of(attempt);
        let document = serialize_to_raw_document_buf(&new).map_err(StoreError::from)?;
        let stored = match self.inserts.write(document).await {
            Ok(()) => new,
            Err(StoreError::Duplicate) => self.get(&new.intent()).await?,
            Err(error) => return Err(error.into()),
        };
        if stored.amount != attempt.amount {
            return Err(failed("the same attempt with another amount"));
        }
        Ok(Intent { id: stored.intent(), state: stored.intent_state() })
    }

    async fn present(&self, intent: &str, token: &str) -> Result<Confirmation, ProviderError> {
        let decision = cards::present(token);
        let mut presented = doc! {"token": token};
        match decision {
            Decision::Authorised => drop(presented.insert("state", stored(State::Authorised)?)),
            Decision::NeedsAction => drop(presented.insert("state", stored(State::NeedsAction)?)),
            Decision::Declined(_) => {}
        }
        match (self.change(intent, &[State::Unconfirmed], presented).await?, decision) {
            (true, Decision::Declined(reason)) => Ok(Confirmation::Declined(reason)),
            (true, Decision::Authorised) => Ok(Confirmation::Intent(IntentState::Authorised)),
            _ => match self.get(intent).await?.intent_state() {
                IntentState::Unconfirmed | IntentState::Cancelled => Err(over(intent)),
                confirmed => Ok(Confirmation::Intent(confirmed)),
            },
        }
    }

    async fn state(&self, intent: &str) -> Result<IntentState, ProviderError> {
        Ok(self.get(intent).await?.intent_state())
    }

    async fn void(&self, intent: &str) -> Result<IntentState, ProviderError> {
        const OPEN: [State; 4] = [State::Unconfirmed, State::NeedsAction, State::Authorised, State::Declined];
        match self.change(intent, &OPEN, doc! {"state": stored(State::Voided)?}).await? {
            true => Ok(IntentState::Cancelled),
            false => self.state(intent).await,
        }
    }

    async fn take(&self, intent: &str) -> Result<IntentState, ProviderError> {
        if self.change(intent, &[State::Authorised], doc! {"state": stored(State::Captured)?}).await? {
            return Ok(IntentState::Captured);
        }
        match self.state(intent).await? {
            IntentState::Captured => Ok(IntentState::Captured),
            _ => Err(over(intent)),
        }
    }

    async fn give_back(&self, intent: &str) -> Result<Refund, ProviderError> {
        if self.change(intent, &[State::Captured], doc! {"state": stored(State::Refunded)?}).await? {
            return Ok(Refund::Succeeded);
        }
        match self.find(intent).await?.map(|entry| entry.state) {
            // Charged elsewhere, before this database had a sandbox: there is nothing here to refund.
            None | Some(State::Refunded) => Ok(Refund::Succeeded),
            Some(_) => Err(over(intent)),
        }
    }

    /// Entries of an earlier version have no time: they are found always.
    async fn find_since(&self, since: Timestamp) -> Result<Vec<Listed>, ProviderError> {
        let since = DateTime::from_millis(since.millis());
        let made = doc! {"$or": [{"createdAt": {"$gte": since}}, {"createdAt": null}]};
        let entries = self.entries.find(made).await.map_err(StoreError::from)?;
        Ok(entries.map_ok(|entry| Ok(entry.found())).try_collect().await.map_err(StoreError::from)?)
    }

    /// Changes an entry that is in one of these states. False when it is in another one, or unknown.
    async fn change(&self, intent: &str, from: &[State], set: Document) -> Result<bool, StoreError> {
        let from = from.iter().map(|state| stored(*state)).collect::<Result<Vec<_>, _>>()?;
        for key in entry::keys(intent) {
            let guard = doc! {"state": {"$in": &from}};
            let update = Update::guarded(key, guard, doc! {"$set": &set}, set.clone());
            match self.updates.write(update).await {
                Err(StoreError::Conflict) => {}
                written => return written.map(|()| true),
            }
        }
        Ok(false)
    }

    async fn get(&self, intent: &str) -> Result<Entry, ProviderError> {
        self.find(intent).await?.ok_or_else(|| failed("the sandbox has no such intent"))
    }

    async fn find(&self, intent: &str) -> Result<Option<Entry>, StoreError> {
        Ok(self.entries.find_one(doc! {"_id": {"$in": &entry::keys(intent)[..]}}).await?)
    }
}

fn stored(state: State) -> Result<mongodb::bson::Bson, StoreError> {
    serialize_to_bson(&state).map_err(StoreError::from)
}

fn failed(cause: &str) -> ProviderError {
    ProviderError::Failed(cause.to_owned())
}

fn over(intent: &str) -> ProviderError {
    ProviderError::Refused(format!("the state of {intent} forbids it"))
}

impl Provider for Sandbox {
    fn create<'a>(&'a self, attempt: &'a Attempt) -> BoxFuture<'a, Result<Intent, ProviderError>> {
        self.create_entry(attempt).boxed()
    }

    fn confirm<'a>(&'a self, intent: &'a str, token: &'a str) -> BoxFuture<'a, Result<Confirmation, ProviderError>> {
        self.present(intent, token).boxed()
    }

    fn look<'a>(&'a self, intent: &'a str) -> BoxFuture<'a, Result<IntentState, ProviderError>> {
        self.state(intent).boxed()
    }

    fn cancel<'a>(&'a self, intent: &'a str) -> BoxFuture<'a, Result<IntentState, ProviderError>> {
        self.void(intent).boxed()
    }

    fn capture<'a>(&'a self, intent: &'a str) -> BoxFuture<'a, Result<IntentState, ProviderError>> {
        self.take(intent).boxed()
    }

    fn refund<'a>(&'a self, stripe_id: &'a str) -> BoxFuture<'a, Result<Refund, ProviderError>> {
        self.give_back(stripe_id).boxed()
    }

    fn intents<'a>(&'a self, since: Timestamp) -> BoxFuture<'a, Result<Vec<Listed>, ProviderError>> {
        self.find_since(since).boxed()
    }

    fn sandbox(&self) -> Option<&Sandbox> {
        Some(self)
    }
}
