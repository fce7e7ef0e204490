//! Refunds and their states.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::server::{Answer, Stripe, list, problem};

pub struct Refund {
    id: String,
    pub status: &'static str,
    /// The intent, or a charge of the original, which is older than this double and always there.
    pub of: String,
}

impl Stripe {
    /// A failed refund gives the money back to us, so that it can be refunded again.
    pub fn refund(&mut self, form: &HashMap<String, String>) -> Answer {
        let of = form.get("payment_intent").or_else(|| form.get("charge")).unwrap().clone();
        if self.refunds.iter().any(|refund| refund.of == of && refund.status != "failed") {
            return problem(400, "invalid_request_error", "charge_already_refunded", "It has already been refunded.");
        }
        if form.contains_key("payment_intent") && self.intent(&of).is_none_or(|intent| intent.status != "succeeded") {
            let message = "This PaymentIntent does not have a successful charge to refund.";
            return problem(400, "invalid_request_error", "payment_intent_unexpected_state", message);
        }
        let id = format!("re_{}", self.refunds.len() + 1);
        self.refunds.push(Refund { id, status: self.new_refund, of });
        (200, self.refunds.last().unwrap().body())
    }

    pub fn list_refunds(&self, query: &HashMap<String, String>) -> Answer {
        let of = query.get("payment_intent").or_else(|| query.get("charge")).unwrap();
        list(self.refunds.iter().rev().filter(|refund| refund.of == *of), false, Refund::body)
    }

    pub fn settle_refunds(&mut self, status: &'static str) {
        for refund in self.refunds.iter_mut().filter(|refund| refund.status == "pending") {
            refund.status = status;
        }
    }
}

impl Refund {
    fn body(&self) -> Value {
        let reason = (self.status == "failed").then_some("lost_or_stolen_card");
        json!({"id": self.id, "object": "refund", "status": self.status, "failure_reason": reason})
    }
}
