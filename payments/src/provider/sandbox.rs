//! The sandbox: a provider that moves no money and takes Stripe's test cards.

mod cards;

use common::id::Id;
use common::money::Money;
use common::mongo::StoreError;
use futures::FutureExt;
use futures::future::BoxFuture;
use mongodb::bson::{doc, serialize_to_bson};
use mongodb::{Collection, Database};
use serde::{Deserialize, Serialize};

use super::{Attempt, Authorisation, Charge, Provider, ProviderError, key};

/// What the sandbox would hold, have taken or have refunded, in the collection `sandbox`.
pub struct Sandbox(Collection<Entry>);

/// A document of `sandbox`. Its id is the idempotency key of the authorisation: a second one with this key finds the first.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(rename = "_id")]
    key: String,
    order_id: Id,
    amount: Money,
    token: String,
    state: State,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Authorised,
    Declined,
    Captured,
    Voided,
    Refunded,
}

impl Entry {
    fn decide(attempt: &Attempt) -> Self {
        let reason = cards::reason_to_decline(&attempt.token);
        Self {
            key: key(attempt.id, "authorise"),
            order_id: attempt.order_id,
            amount: attempt.amount,
            token: attempt.token.clone(),
            state: if reason.is_some() { State::Declined } else { State::Authorised },
            reason,
        }
    }
}

impl Sandbox {
    /// The sandbox in this database.
    pub fn new(database: &Database) -> Self {
        Self(database.collection("sandbox"))
    }

    async fn decide(&self, attempt: &Attempt) -> Result<Authorisation, ProviderError> {
        let new = Entry::decide(attempt);
        let stored = match self.0.insert_one(&new).await.map_err(StoreError::from) {
            Ok(_) => new,
            Err(StoreError::Duplicate) => {
                let first = self.find(&new.key).await?.ok_or_else(|| failed("an entry of the sandbox was deleted"))?;
                if (&first.token, first.amount) != (&new.token, new.amount) {
                    return Err(failed("the same key with another card or amount"));
                }
                first
            }
            Err(error) => return Err(error.into()),
        };
        Ok(match stored.reason {
            Some(reason) => Authorisation::Declined(reason),
            None => Authorisation::Authorised(format!("sandbox_{}", attempt.id)),
        })
    }

    /// Changes the state of a charge, unless it is changed already.
    async fn change(&self, charge: &Charge, from: State, to: State) -> Result<(), ProviderError> {
        let key = key(charge.attempt, "authorise");
        let update = doc! {"$set": {"state": serialize_to_bson(&to).map_err(StoreError::from)?}};
        let from = serialize_to_bson(&from).map_err(StoreError::from)?;
        let changed = self.0.update_one(doc! {"_id": &key, "state": from}, update).await.map_err(StoreError::from)?;
        if changed.matched_count > 0 {
            return Ok(());
        }
        match self.find(&key).await?.map(|entry| entry.state) {
            Some(state) if state == to => Ok(()),
            // Charged elsewhere, before this database had a sandbox: there is nothing here to refund.
            None if to == State::Refunded => Ok(()),
            state => Err(failed(&format!("a charge in state {state:?} cannot become {to:?}"))),
        }
    }

    async fn find(&self, key: &str) -> Result<Option<Entry>, StoreError> {
        Ok(self.0.find_one(doc! {"_id": key}).await?)
    }
}

fn failed(cause: &str) -> ProviderError {
    ProviderError::Failed(cause.to_owned())
}

impl Provider for Sandbox {
    fn authorise<'a>(&'a self, attempt: &'a Attempt) -> BoxFuture<'a, Result<Authorisation, ProviderError>> {
        self.decide(attempt).boxed()
    }

    fn capture<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, Result<(), ProviderError>> {
        self.change(charge, State::Authorised, State::Captured).boxed()
    }

    fn void<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, Result<(), ProviderError>> {
        self.change(charge, State::Authorised, State::Voided).boxed()
    }

    fn refund<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, Result<(), ProviderError>> {
        self.change(charge, State::Captured, State::Refunded).boxed()
    }
}
