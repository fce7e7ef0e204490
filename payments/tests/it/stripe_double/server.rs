//! The server: faults, keys and paths.

use std::collections::HashMap;
use std::future::pending;
use std::sync::{Arc, Mutex};

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::intents::Intent;
use super::refunds::Refund;
use super::{Call, Fault, KEY, Operation};

/// Status and body.
pub type Answer = (u16, Value);

pub struct Stripe {
    pub faults: Vec<(Operation, Fault)>,
    pub calls: Vec<Call>,
    pub intents: Vec<Intent>,
    pub refunds: Vec<Refund>,
    /// The status that refunds begin with.
    pub new_refund: &'static str,
    /// What was answered under each key.
    pub answered: HashMap<String, Answer>,
}

impl Default for Stripe {
    fn default() -> Self {
        let (faults, calls, intents, refunds) = Default::default();
        Self { faults, calls, intents, refunds, new_refund: "succeeded", answered: HashMap::new() }
    }
}

impl Call {
    fn segments(&self) -> Vec<&str> {
        self.path.trim_start_matches("/v1/").split('/').collect()
    }

    pub fn operation(&self) -> Option<Operation> {
        let is_get = self.method == "GET";
        match self.segments()[..] {
            ["payment_intents" | "refunds"] if is_get => Some(Operation::List),
            ["payment_intents", _] if is_get => Some(Operation::Look),
            ["payment_intents"] => Some(Operation::Create),
            ["payment_intents", _, "confirm"] => Some(Operation::Confirm),
            ["payment_intents", _, "capture"] => Some(Operation::Capture),
            ["payment_intents", _, "cancel"] => Some(Operation::Cancel),
            ["refunds"] => Some(Operation::Refund),
            _ => None,
        }
    }

    fn key(&self) -> Option<String> {
        self.headers.get("idempotency-key").map(|key| key.to_str().unwrap().to_owned())
    }
}

/// The work is a task of its own: a caller that hangs up does not end it.
pub async fn answer(State(stripe): State<Arc<Mutex<Stripe>>>, request: Request) -> Response {
    let call = read(request).await;
    let fault = stripe.lock().unwrap().take_fault(&call);
    tokio::spawn(async move { carry_out(&stripe, &call, fault).await }).await.unwrap()
}

async fn read(request: Request) -> Call {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let form = match head.uri.query() {
        Some(query) => query.to_owned(),
        None => String::from_utf8_lossy(&body).into_owned(),
    };
    let form = reqwest::Url::parse(&format!("http://form/?{form}")).unwrap().query_pairs().into_owned().collect();
    Call { method: head.method, path: head.uri.path().to_owned(), headers: head.headers, form }
}

async fn carry_out(stripe: &Mutex<Stripe>, call: &Call, fault: Option<Fault>) -> Response {
    match fault {
        Some(Fault::NoAnswer) => pending().await,
        Some(Fault::DoneLate(pause)) => sleep(pause).await,
        _ => {}
    }
    let ((status, answer), is_replayed) = stripe.lock().unwrap().take(call, fault);
    if let Some(Fault::Late(pause)) = fault {
        sleep(pause).await;
    }
    let status = StatusCode::from_u16(status).unwrap();
    let mut headers = HeaderMap::new();
    if is_replayed {
        headers.insert("idempotent-replayed", "true".parse().unwrap());
    }
    match fault {
        Some(Fault::DoneAtLength) => (status, format!("{answer}{}", " ".repeat(8 << 20))).into_response(),
        Some(Fault::DoneOtherwise(field, value)) => {
            let mut otherwise = answer;
            *otherwise.pointer_mut(field).unwrap() = serde_json::from_str(value).unwrap();
            (status, Json(otherwise)).into_response()
        }
        Some(Fault::DoneButUnanswered) => (status, "{\"id\": ").into_response(),
        _ => (status, headers, Json(answer)).into_response(),
    }
}

pub fn problem(status: u16, kind: &str, code: &str, message: &str) -> Answer {
    (status, json!({"error": {"type": kind, "code": code, "message": message}}))
}

pub fn list<T>(objects: impl Iterator<Item = T>, has_more: bool, body: impl Fn(T) -> Value) -> Answer {
    let data: Vec<Value> = objects.map(body).collect();
    (200, json!({"object": "list", "data": data, "has_more": has_more}))
}

impl Stripe {
    fn take_fault(&mut self, call: &Call) -> Option<Fault> {
        self.calls.push(call.clone());
        let operation = call.operation()?;
        let next = self.faults.iter().position(|(of, _)| *of == operation)?;
        Some(self.faults.remove(next).1)
    }

    /// The saved answer of this key, else a new one; the flag says which.
    fn take(&mut self, call: &Call, fault: Option<Fault>) -> (Answer, bool) {
        let key = call.key();
        let conflict = if key.is_some() { "idempotency_key_in_use" } else { "lock_timeout" };
        match fault {
            Some(Fault::Unavailable) => return ((503, json!({"error": {"type": "api_error"}})), false),
            Some(Fault::TooMany) => {
                return (problem(429, "invalid_request_error", "rate_limit", "Too many requests"), false);
            }
            Some(Fault::Forbidden) => {
                let message = format!("The provided key '{KEY}' does not have the required permissions");
                return (problem(403, "invalid_request_error", "", &message), false);
            }
            Some(Fault::Conflict) => return (problem(409, "idempotency_error", conflict, "In use"), false),
            _ => {}
        }
        if let Some(saved) = key.as_ref().and_then(|key| self.answered.get(key)) {
            return (saved.clone(), true);
        }
        if call.headers["authorization"] != format!("Bearer {KEY}") {
            return (problem(401, "invalid_request_error", "", "Invalid API Key provided: sk_test_****ests"), false);
        }
        let broken = || problem(500, "api_error", "", "Something went wrong on our end");
        let answer = match fault {
            Some(Fault::Broken) => broken(),
            Some(Fault::Declined) => problem(402, "card_error", "card_declined", "Your card was declined."),
            Some(Fault::DoneButBroken) => {
                self.execute(call);
                broken()
            }
            _ => self.execute(call),
        };
        if let Some(key) = key {
            self.answered.insert(key, answer.clone());
        }
        (answer, false)
    }

    fn execute(&mut self, call: &Call) -> Answer {
        let (form, operation) = (&call.form, call.operation());
        let id = call.segments().get(1).copied().unwrap_or_default();
        match operation {
            Some(Operation::Create) => self.create(form),
            Some(Operation::Look) => self.with(id, |intent| Ok(intent.status)),
            Some(Operation::Confirm) => self.with(id, |intent| intent.confirm(form)),
            Some(Operation::Capture) => self.with(id, Intent::capture),
            Some(Operation::Cancel) => self.with(id, Intent::cancel),
            Some(Operation::Refund) => self.refund(form),
            Some(Operation::List) if id.is_empty() && call.path.ends_with("refunds") => self.list_refunds(form),
            Some(Operation::List) => self.list_intents(form),
            None => problem(404, "invalid_request_error", "", "Unrecognized request URL"),
        }
    }
}
