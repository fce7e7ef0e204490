//! What is read of Stripe's objects, and what it means.

use std::collections::HashMap;

use common::money::Money;
use serde::Deserialize;
use serde_json::Value;

use crate::provider::{Attempt, Found, Intent, IntentState, Listed, ProviderError, Refund};

/// A PaymentIntent.
#[derive(Deserialize)]
pub struct IntentObject {
    pub id: String,
    status: String,
    amount: i64,
    client_secret: Option<String>,
    /// The charge that has taken the money: its id, or all of it when it was asked for.
    latest_charge: Option<Value>,
    #[serde(default)]
    metadata: HashMap<String, String>,
}

/// A refund.
#[derive(Debug, Deserialize)]
pub struct RefundObject {
    id: String,
    status: Option<String>,
    failure_reason: Option<String>,
}

impl IntentObject {
    /// Where it stands.
    pub fn state(&self) -> Result<IntentState, ProviderError> {
        match self.status.as_str() {
            "requires_payment_method" | "requires_confirmation" => Ok(IntentState::Unconfirmed),
            "requires_action" => match &self.client_secret {
                Some(secret) => Ok(IntentState::NeedsAction { client_secret: secret.clone() }),
                None => Err(ProviderError::Failed(format!("{} needs its buyer and has no secret", self.id))),
            },
            "processing" => Ok(IntentState::Processing),
            "requires_capture" => Ok(IntentState::Authorised),
            "succeeded" => Ok(IntentState::Captured),
            "canceled" => Ok(IntentState::Cancelled),
            other => Err(ProviderError::Failed(format!("{} is {other}, which nobody knows", self.id))),
        }
    }

    /// Whether it has the amount of this attempt and names its order: the money of one order must not pay another.
    pub fn is_of(&self, attempt: &Attempt) -> bool {
        let order = attempt.order_id.to_string();
        self.amount == attempt.amount.cents() && self.metadata.get("order_id").is_none_or(|named| *named == order)
    }

    /// The intent as one of ours; `None` when it pays for no order. An earlier version named its payments, and did not number its
    /// attempts.
    pub fn found(&self) -> Option<Listed> {
        let order_id = self.metadata.get("order_id")?.parse().ok()?;
        let number = self.metadata.get("attempt").and_then(|number| number.parse().ok()).unwrap_or(0);
        let payment_id = self.metadata.get("payment_id").and_then(|id| id.parse().ok());
        let amount = Money::from_cents(self.amount);
        let is_refunded = self.latest_charge.as_ref().is_some_and(|charge| charge["refunded"] == true);
        let intent = |state| Intent { id: self.id.clone(), state };
        let found = |state| Found { intent: intent(state), order_id, number, payment_id, amount, is_refunded };
        Some(self.state().map(found))
    }
}

impl RefundObject {
    /// Where it stands. One that is too young to have a status is under way.
    pub fn refund(&self) -> Refund {
        match self.status.as_deref() {
            Some("succeeded") => Refund::Succeeded,
            Some(status @ ("failed" | "canceled")) => {
                let reason = self.failure_reason.as_deref().unwrap_or("for no reason that was given");
                Refund::Failed(format!("{} {status}: {reason}", self.id))
            }
            _ => Refund::Pending,
        }
    }
}

/// Of an intent's refunds the one that forbids another: one under way, or one that failed when none succeeded. Those that succeeded
/// may have been a part of the money, refunded by hand, so the rest is asked for.
pub fn open_or_failed(refunds: &[RefundObject]) -> Option<Refund> {
    let refunds: Vec<Refund> = refunds.iter().map(RefundObject::refund).collect();
    if refunds.contains(&Refund::Pending) {
        return Some(Refund::Pending);
    }
    let failed = refunds.iter().find(|refund| matches!(refund, Refund::Failed(_)))?;
    (!refunds.contains(&Refund::Succeeded)).then(|| failed.clone())
}
