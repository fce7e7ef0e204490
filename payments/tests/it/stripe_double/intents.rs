//! PaymentIntents and their states.

use std::collections::HashMap;

use common::timestamp::Timestamp;
use serde_json::{Value, json};

use super::server::{Answer, Stripe, list, problem};

pub struct Intent {
    pub id: String,
    pub status: &'static str,
    pub cents: i64,
    client_secret: String,
    metadata: HashMap<String, String>,
    created: i64,
    card: String,
}

impl Stripe {
    pub fn intent(&mut self, id: &str) -> Option<&mut Intent> {
        self.intents.iter_mut().find(|intent| intent.id == id)
    }

    pub fn create(&mut self, form: &HashMap<String, String>) -> Answer {
        let cents = form["amount"].parse().unwrap();
        if cents < 50 {
            return problem(400, "invalid_request_error", "amount_too_small", "Amount must be at least $0.50 usd");
        }
        let id = format!("pi_{}", self.intents.len() + 1);
        let client_secret = format!("{id}_secret_{}", self.intents.len());
        let metadata = form.iter().filter_map(|(name, value)| {
            let name = name.strip_prefix("metadata[")?.strip_suffix(']')?;
            Some((name.to_owned(), value.clone()))
        });
        self.intents.push(Intent {
            id,
            status: "requires_payment_method",
            cents,
            client_secret,
            metadata: metadata.collect(),
            created: Timestamp::now().millis() / 1000,
            card: String::new(),
        });
        (200, self.intents.last().unwrap().body())
    }

    /// Does something with an intent, and answers it.
    pub fn with(&mut self, id: &str, act: impl FnOnce(&mut Intent) -> Result<&'static str, Answer>) -> Answer {
        let Some(intent) = self.intent(id) else {
            return problem(404, "invalid_request_error", "resource_missing", "No such payment_intent");
        };
        match act(intent) {
            Ok(status) => {
                intent.status = status;
                (200, intent.body())
            }
            Err(problem) => problem,
        }
    }

    /// The newest first, as Stripe does.
    pub fn list_intents(&self, query: &HashMap<String, String>) -> Answer {
        let since: i64 = query["created[gte]"].parse().unwrap();
        let limit: usize = query["limit"].parse().unwrap();
        let mut intents: Vec<&Intent> = self.intents.iter().rev().filter(|intent| intent.created >= since).collect();
        if let Some(last) = query.get("starting_after") {
            let last = intents.iter().position(|intent| intent.id == *last).unwrap();
            intents.drain(..=last);
        }
        let is_expanded = query.get("expand[]").is_some_and(|fields| fields == "data.latest_charge");
        let body = |intent: &&Intent| {
            let is_refunded = self.refunds.iter().any(|refund| refund.of == intent.id && refund.status == "succeeded");
            let charge = intent.id.replace("pi_", "ch_");
            let charge = if is_expanded { json!({"id": charge, "refunded": is_refunded}) } else { json!(charge) };
            let mut body = intent.body();
            body["latest_charge"] = if intent.status == "succeeded" { charge } else { Value::Null };
            body
        };
        list(intents.iter().take(limit), intents.len() > limit, body)
    }

    pub fn confirm_as_buyer(&mut self, client_secret: &str, confirms: bool) -> &'static str {
        let intent = self.intents.iter_mut().find(|intent| intent.client_secret == client_secret).unwrap();
        if intent.status == "requires_action" {
            let is_good = confirms && intent.card.ends_with("threeDSecure2Required");
            intent.status = if is_good { "requires_capture" } else { "requires_payment_method" };
        }
        intent.status
    }
}

impl Intent {
    fn body(&self) -> Value {
        json!({
            "id": self.id, "object": "payment_intent", "status": self.status, "amount": self.cents,
            "client_secret": self.client_secret, "metadata": self.metadata, "created": self.created,
        })
    }

    /// A declined card leaves the intent as it was before.
    pub fn confirm(&mut self, form: &HashMap<String, String>) -> Result<&'static str, Answer> {
        const TOKEN: &str = "payment_method_data[card][token]";
        if !matches!(self.status, "requires_payment_method" | "requires_confirmation") {
            return Err(self.unexpected());
        }
        let card = form.get(TOKEN).or_else(|| form.get("payment_method")).unwrap();
        self.card.clone_from(card);
        match card.trim_start_matches("tok_").trim_start_matches("pm_card_") {
            "visa" | "mastercard" => Ok("requires_capture"),
            "processing" => Ok("processing"),
            "threeDSecure2Required" | "threeDSecureRequiredChargeDeclined" => Ok("requires_action"),
            "chargeDeclined" => Err(problem(402, "card_error", "card_declined", "Your card was declined.")),
            _ => {
                let message = format!("No such token: '{card}'");
                let error = json!({
                    "type": "invalid_request_error", "code": "resource_missing", "param": TOKEN, "message": message,
                });
                Err((400, json!({ "error": error })))
            }
        }
    }

    pub fn capture(&mut self) -> Result<&'static str, Answer> {
        if self.status == "requires_capture" { Ok("succeeded") } else { Err(self.unexpected()) }
    }

    pub fn cancel(&mut self) -> Result<&'static str, Answer> {
        if matches!(self.status, "succeeded" | "canceled" | "processing") {
            return Err(self.unexpected());
        }
        Ok("canceled")
    }

    fn unexpected(&self) -> Answer {
        let message = format!("This PaymentIntent has a status of {}", self.status);
        problem(400, "invalid_request_error", "payment_intent_unexpected_state", &message)
    }
}
