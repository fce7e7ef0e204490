//! Stripe in miniature, with a hook: a call is carried out, and its answer is held back while the test kills who waits for it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::timeout;

const HELD_WITHIN: Duration = Duration::from_secs(30);

pub const KEY: &str = "sk_test_of_the_tests";

#[derive(Default)]
struct Account {
    intents: BTreeMap<String, Value>,
    /// The intents that were refunded.
    refunded: Vec<String>,
    /// What was answered under each idempotency key.
    answered: HashMap<String, Value>,
    /// The last word of the path of the call whose answer is to be held back.
    held_back: Option<&'static str>,
}

#[derive(Default)]
struct Shared {
    account: Mutex<Account>,
    is_held: Notify,
}

pub struct Stripe {
    pub url: String,
    shared: Arc<Shared>,
    server: AbortHandle,
}

impl Drop for Stripe {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Stripe {
    pub async fn start() -> Self {
        let shared = Arc::<Shared>::default();
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(shared.clone());
        let server = tokio::spawn(async move { axum::serve(socket, router).await.unwrap() }).abort_handle();
        Self { url, shared, server }
    }

    /// The next call whose path ends so is carried out and never answered.
    pub fn hold_back(&self, call: &'static str) {
        self.lock().held_back = Some(call);
    }

    /// Waits until such a call was carried out.
    pub async fn has_held_back(&self) {
        let held = timeout(HELD_WITHIN, self.shared.is_held.notified()).await;
        held.unwrap_or_else(|_| panic!("no such call came, but the intents are {:?}", self.lock().intents));
    }

    /// The statuses of the intents of an order.
    pub fn intents(&self, order: &str) -> Vec<String> {
        let account = self.lock();
        let own = account.intents.values().filter(|intent| intent["metadata"]["order_id"] == order);
        own.map(|intent| intent["status"].as_str().unwrap().to_owned()).collect()
    }

    /// How often the money of these intents was refunded.
    pub fn refunds(&self) -> usize {
        self.lock().refunded.len()
    }

    fn lock(&self) -> MutexGuard<'_, Account> {
        self.shared.account.lock().unwrap()
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let form = reqwest::Url::parse(&format!("http://form/?{}", String::from_utf8_lossy(&body))).unwrap();
    let form: HashMap<String, String> = form.query_pairs().into_owned().collect();
    let key = head.headers.get("idempotency-key").map(|key| key.to_str().unwrap().to_owned());
    let path: Vec<&str> = head.uri.path().trim_start_matches("/v1/").split('/').collect();
    let (answer, is_replayed, is_held) = {
        let mut account = shared.account.lock().unwrap();
        let saved = key.as_ref().and_then(|key| account.answered.get(key)).cloned();
        let is_replayed = saved.is_some();
        let answer = saved.unwrap_or_else(|| account.execute(head.method.as_str(), &path, &form));
        if let Some(key) = key {
            account.answered.insert(key, answer.clone());
        }
        let is_held = head.method == "POST" && account.held_back.take_if(|call| path.last() == Some(call)).is_some();
        (answer, is_replayed, is_held)
    };
    if is_held {
        shared.is_held.notify_one();
        std::future::pending::<()>().await;
    }
    let status = answer["error"]["status"].as_u64().unwrap_or(200);
    let replayed = [("idempotent-replayed", is_replayed.to_string())];
    (StatusCode::from_u16(status as u16).unwrap(), replayed, Json(answer)).into_response()
}

impl Account {
    fn execute(&mut self, method: &str, path: &[&str], form: &HashMap<String, String>) -> Value {
        match (method, path) {
            ("POST", ["payment_intents"]) => {
                let id = format!("pi_{}", self.intents.len() + 1);
                let metadata = form.iter().filter_map(|(name, value)| {
                    let name = name.strip_prefix("metadata[")?.strip_suffix(']')?;
                    Some((name.to_owned(), Value::from(value.as_str())))
                });
                let metadata: serde_json::Map<String, Value> = metadata.collect();
                let amount: i64 = form["amount"].parse().unwrap();
                let intent = json!({"id": id, "object": "payment_intent", "status": "requires_payment_method",
                    "amount": amount, "amount_received": 0, "created": 0, "metadata": metadata, "client_secret": "secret"});
                self.intents.insert(id, intent.clone());
                intent
            }
            ("GET", ["payment_intents"]) => {
                json!({"object": "list", "has_more": false, "data": self.intents.values().collect::<Vec<_>>()})
            }
            ("GET", ["payment_intents", id]) => self.turn(id, &[], ""),
            ("POST", ["payment_intents", id, "confirm"]) => {
                self.turn(id, &["requires_payment_method"], "requires_capture")
            }
            ("POST", ["payment_intents", id, "capture"]) => self.turn(id, &["requires_capture"], "succeeded"),
            ("POST", ["payment_intents", id, "cancel"]) => {
                self.turn(id, &["requires_payment_method", "requires_action", "requires_capture"], "canceled")
            }
            ("POST", ["refunds"]) => self.refund(&form["payment_intent"]),
            ("GET", ["refunds"]) => json!({"object": "list", "has_more": false, "data": []}),
            _ => problem(404, "", &format!("Unrecognized request URL ({method} {})", path.join("/"))),
        }
    }

    fn refund(&mut self, intent: &str) -> Value {
        if self.refunded.iter().any(|refunded| refunded == intent) {
            return problem(400, "charge_already_refunded", "It has already been refunded");
        }
        self.refunded.push(intent.to_owned());
        json!({"id": format!("re_{}", self.refunded.len()), "object": "refund", "status": "succeeded"})
    }

    /// The intent in its new status; unchanged when there is none.
    fn turn(&mut self, id: &str, from: &[&str], to: &str) -> Value {
        let Some(intent) = self.intents.get_mut(id) else {
            return problem(404, "resource_missing", "No such payment_intent");
        };
        let status = intent["status"].as_str().unwrap();
        if from.contains(&status) {
            intent["status"] = to.into();
        } else if !to.is_empty() {
            return problem(
                400,
                "payment_intent_unexpected_state",
                &format!("This PaymentIntent has a status of {status}"),
            );
        }
        intent.clone()
    }
}

fn problem(status: u16, code: &str, message: &str) -> Value {
    json!({"error": {"status": status, "type": "invalid_request_error", "code": code, "message": message}})
}
