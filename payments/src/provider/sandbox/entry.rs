//! A document of the sandbox.

use common::id::Id;
use common::money::Money;
use common::timestamp::{Timestamp, as_date};
use serde::{Deserialize, Serialize};

use crate::provider::{Attempt, Found, Intent, IntentState};

const PREFIX: &str = "sandbox_";

/// What an earlier version added to the id of its attempt.
const EARLIER: &str = "-authorise";

/// A document of `sandbox`: an intent. Its id is the attempt's key, so a second creation finds the first.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    #[serde(rename = "_id")]
    key: String,
    order_id: Id,
    #[serde(default)]
    number: i32,
    pub amount: Money,
    /// The card that was presented last; empty before.
    #[serde(default)]
    pub token: String,
    pub state: State,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    #[serde(default = "long_ago", with = "as_date")]
    created_at: Timestamp,
}

fn long_ago() -> Timestamp {
    Timestamp::from_millis(0)
}

/// The state of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Unconfirmed,
    NeedsAction,
    Authorised,
    /// Of an earlier version, which created an intent together with its confirmation.
    Declined,
    Captured,
    Voided,
    Refunded,
}

/// The keys that the entry with this id of an intent may have: the id is `sandbox_<key>`, or, of an earlier version,
/// `sandbox_<id of the attempt>`.
pub fn keys(intent: &str) -> [String; 2] {
    let key = intent.strip_prefix(PREFIX).unwrap_or(intent);
    [key.to_owned(), format!("{key}{EARLIER}")]
}

impl Entry {
    /// A new one, unconfirmed.
    pub fn of(attempt: &Attempt) -> Self {
        let key = attempt.key();
        Self {
            client_secret: Some(format!("{PREFIX}{key}_secret_{:032x}", rand::random::<u128>())),
            key,
            order_id: attempt.order_id,
            number: attempt.number,
            amount: attempt.amount,
            token: String::new(),
            state: State::Unconfirmed,
            created_at: Timestamp::now(),
        }
    }

    /// The intent's id.
    pub fn intent(&self) -> String {
        format!("{PREFIX}{}", self.key.strip_suffix(EARLIER).unwrap_or(&self.key))
    }

    /// Whether this secret is its own.
    pub fn has_secret(&self, client_secret: &str) -> bool {
        self.client_secret.as_deref() == Some(client_secret)
    }

    /// The state as the provider says it.
    pub fn intent_state(&self) -> IntentState {
        match self.state {
            State::Unconfirmed => IntentState::Unconfirmed,
            State::NeedsAction => {
                IntentState::NeedsAction { client_secret: self.client_secret.clone().unwrap_or_default() }
            }
            State::Authorised => IntentState::Authorised,
            State::Captured | State::Refunded => IntentState::Captured,
            State::Voided | State::Declined => IntentState::Cancelled,
        }
    }

    /// The entry as reconciliation finds it.
    pub fn found(&self) -> Found {
        let intent = Intent { id: self.intent(), state: self.intent_state() };
        let payment_id = self.key.strip_suffix(EARLIER).and_then(|id| id.parse().ok());
        let is_refunded = self.state == State::Refunded;
        Found { intent, order_id: self.order_id, number: self.number, payment_id, amount: self.amount, is_refunded }
    }
}
