//! Stripe in miniature: a server of our own that speaks its wire format, because Stripe itself cannot be had.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::app::TestApp;

pub const KEY: &str = "sk_test_of_the_tests";

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// 503, and nothing was done.
    Unavailable,
    /// 429, and nothing was done.
    TooMany,
    /// 409: the first call under this key is still under way.
    KeyInUse,
    /// It was done, and the connection breaks off in an answer that cannot be read.
    DoneButUnanswered,
    /// It was done, and Stripe says 500, now and whenever it is asked under this key.
    DoneButBroken,
    /// It is done, and the answer takes so long.
    Late(Duration),
}

/// A call as it came.
#[derive(Clone, Debug)]
pub struct Call {
    pub path: String,
    pub headers: HeaderMap,
    pub form: HashMap<String, String>,
}

#[derive(Clone, Debug)]
struct Intent {
    id: String,
    status: &'static str,
    cents: i64,
    is_refunded: bool,
}

#[derive(Default)]
struct Stripe {
    faults: Vec<Fault>,
    calls: Vec<Call>,
    intents: Vec<Intent>,
    /// What was answered under each key.
    answered: HashMap<String, (u16, Value)>,
}

pub struct StripeDouble {
    pub url: String,
    stripe: Arc<Mutex<Stripe>>,
    server: AbortHandle,
}

impl Drop for StripeDouble {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl StripeDouble {
    pub async fn start() -> Self {
        let stripe = Arc::<Mutex<Stripe>>::default();
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(stripe.clone());
        let server = tokio::spawn(async move { axum::serve(socket, router).await.unwrap() }).abort_handle();
        Self { url, stripe, server }
    }

    /// The payments service with this as its provider.
    pub async fn payments(&self) -> TestApp {
        TestApp::start_with(&[("stripe-key", KEY), ("stripe-api-base", &self.url)]).await
    }

    /// Lets so many of the next calls go wrong.
    pub fn fail_next(&self, fault: Fault, calls: usize) {
        self.lock().faults.extend(std::iter::repeat_n(fault, calls));
    }

    /// Every call so far.
    pub fn calls(&self) -> Vec<Call> {
        self.lock().calls.clone()
    }

    /// Status and cents of every intent.
    pub fn intents(&self) -> Vec<(String, i64)> {
        self.lock().intents.iter().map(|intent| (intent.status.to_owned(), intent.cents)).collect()
    }

    /// Whether any intent was given back.
    pub fn has_refunded(&self) -> bool {
        self.lock().intents.iter().any(|intent| intent.is_refunded)
    }

    fn lock(&self) -> MutexGuard<'_, Stripe> {
        self.stripe.lock().unwrap()
    }
}

async fn answer(State(stripe): State<Arc<Mutex<Stripe>>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let call = Call { path: head.uri.path().to_owned(), headers: head.headers, form: parse_form(&body) };
    let (fault, (status, answer)) = {
        let mut stripe = stripe.lock().unwrap();
        stripe.calls.push(call.clone());
        let fault = (!stripe.faults.is_empty()).then(|| stripe.faults.remove(0));
        let answer = match fault {
            Some(Fault::Unavailable) => (503, json!({"error": {"type": "api_error"}})),
            Some(Fault::TooMany) => problem(429, "invalid_request_error", "rate_limit", "Too many requests"),
            Some(Fault::KeyInUse) => problem(409, "idempotency_error", "idempotency_key_in_use", "In use"),
            _ => stripe.take(&call, fault),
        };
        (fault, answer)
    };
    if let Some(Fault::Late(pause)) = fault {
        tokio::time::sleep(pause).await;
    }
    let status = StatusCode::from_u16(status).unwrap();
    match fault {
        Some(Fault::DoneButUnanswered) => (status, "{\"id\": ").into_response(),
        _ => (status, Json(answer)).into_response(),
    }
}

fn parse_form(body: &Bytes) -> HashMap<String, String> {
    reqwest::Url::parse(&format!("http://form/?{}", String::from_utf8_lossy(body)))
        .unwrap()
        .query_pairs()
        .into_owned()
        .collect()
}

fn problem(status: u16, kind: &str, code: &str, message: &str) -> (u16, Value) {
    (status, json!({"error": {"type": kind, "code": code, "message": message}}))
}

impl Stripe {
    /// The saved answer of this key, else a new one.
    fn take(&mut self, call: &Call, fault: Option<Fault>) -> (u16, Value) {
        let key = call.headers.get("idempotency-key").map(|key| key.to_str().unwrap().to_owned());
        if let Some(saved) = key.as_ref().and_then(|key| self.answered.get(key)) {
            return saved.clone();
        }
        if call.headers["authorization"] != format!("Bearer {KEY}") {
            return problem(401, "invalid_request_error", "", "Invalid API Key provided: sk_test_****ests");
        }
        let mut answer = self.execute(call);
        if matches!(fault, Some(Fault::DoneButBroken)) {
            answer = problem(500, "api_error", "", "Something went wrong on our end");
        }
        if let Some(key) = key {
            self.answered.insert(key, answer.clone());
        }
        answer
    }

    fn execute(&mut self, call: &Call) -> (u16, Value) {
        let segments: Vec<&str> = call.path.trim_start_matches("/v1/").split('/').collect();
        match segments[..] {
            ["payment_intents"] => self.create(&call.form),
            ["payment_intents", id] => self.with(id, |intent| Ok(intent.status)),
            ["payment_intents", id, "capture"] => self.with(id, |intent| intent.turn("requires_capture", "succeeded")),
            ["payment_intents", id, "cancel"] if self.is_waiting_for_action(id) => {
                self.with(id, |intent| intent.turn("requires_action", "canceled"))
            }
            ["payment_intents", id, "cancel"] => self.with(id, |intent| intent.turn("requires_capture", "canceled")),
            ["refunds"] => self.refund(&call.form),
            _ => problem(404, "invalid_request_error", "", "Unrecognized request URL"),
        }
    }

    fn create(&mut self, form: &HashMap<String, String>) -> (u16, Value) {
        let card = form.get("payment_method_data[card][token]").or_else(|| form.get("payment_method")).unwrap();
        let status = match card.as_str() {
            "tok_visa" | "pm_card_visa" => "requires_capture",
            "tok_threeDSecureRequired" => "requires_action",
            "tok_chargeDeclined" => return problem(402, "card_error", "card_declined", "Your card was declined."),
            other => {
                let message = format!("No such token: '{other}'");
                let param = "payment_method_data[card][token]";
                let error = json!({"type": "invalid_request_error", "code": "resource_missing", "param": param, "message": message});
                return (400, json!({ "error": error }));
            }
        };
        let id = format!("pi_{}", self.intents.len() + 1);
        let cents = form["amount"].parse().unwrap();
        self.intents.push(Intent { id: id.clone(), status, cents, is_refunded: false });
        (200, json!({"id": id, "object": "payment_intent", "status": status, "amount": cents}))
    }

    fn is_waiting_for_action(&self, id: &str) -> bool {
        self.intents.iter().any(|intent| intent.id == id && intent.status == "requires_action")
    }

    fn with(&mut self, id: &str, act: impl FnOnce(&mut Intent) -> Result<&'static str, (u16, Value)>) -> (u16, Value) {
        let Some(intent) = self.intents.iter_mut().find(|intent| intent.id == id) else {
            return problem(404, "invalid_request_error", "resource_missing", "No such payment_intent");
        };
        match act(intent) {
            Ok(status) => (200, json!({"id": id, "object": "payment_intent", "status": status})),
            Err(problem) => problem,
        }
    }

    fn refund(&mut self, form: &HashMap<String, String>) -> (u16, Value) {
        // A charge of the original is older than this double and always there.
        if form.contains_key("charge") {
            return (200, json!({"id": "re_1", "object": "refund", "status": "succeeded"}));
        }
        let intent = self.intents.iter_mut().find(|intent| intent.id == form["payment_intent"]).unwrap();
        if intent.is_refunded {
            return problem(400, "invalid_request_error", "charge_already_refunded", "It has already been refunded.");
        }
        intent.is_refunded = true;
        (200, json!({"id": "re_1", "object": "refund", "status": "succeeded"}))
    }
}

impl Intent {
    fn turn(&mut self, from: &str, to: &'static str) -> Result<&'static str, (u16, Value)> {
        if self.status != from {
            let message = format!("This PaymentIntent has a status of {}", self.status);
            return Err(problem(400, "invalid_request_error", "payment_intent_unexpected_state", &message));
        }
        self.status = to;
        Ok(to)
    }
}
