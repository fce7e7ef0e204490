//! `/healthz`, `/readyz` and `/metrics`, on a port of their own that the ingress never exposes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use mongodb::Database;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::nats::Broker;
use crate::{mongo, telemetry};

/// How long a store may take to answer for the first time.
const CHECK_LIMIT: Duration = Duration::from_secs(1);

/// How long it is waited for afterwards, when the answer is only reported: a store that is slow must not make the probe late, for a
/// replica that misses some of them counts as gone.
const REPORT_LIMIT: Duration = Duration::from_millis(200);

/// Something that a service needs. A replica becomes ready once each has answered. Later it stays ready without them: all replicas
/// share them, and if every one became unready, the ingress would answer in our place, and sales that can go on would end.
pub struct Check {
    name: &'static str,
    ask: Box<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>,
    has_answered: AtomicBool,
}

impl Check {
    /// Asks this way whether it is there.
    pub fn new<F>(name: &'static str, ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        Self { name, ask: Box::new(move || ask().boxed()), has_answered: AtomicBool::new(false) }
    }

    /// The service's database.
    pub fn mongo(database: &Database) -> Self {
        let database = database.clone();
        Self::new("mongo", move || {
            let database = database.clone();
            async move { mongo::ping(&database).await }
        })
    }

    /// The broker, with its streams.
    pub fn broker(broker: &Broker) -> Self {
        let broker = broker.clone();
        Self::new("broker", move || {
            let broker = broker.clone();
            async move { broker.ready().await }
        })
    }

    async fn answer(&self) -> Result<(), String> {
        let limit = if self.has_answered.load(Ordering::Relaxed) { REPORT_LIMIT } else { CHECK_LIMIT };
        let answer = timeout(limit, (self.ask)()).await;
        let answer = answer.unwrap_or_else(|_| Err(format!("no answer within {limit:?}")));
        self.has_answered.fetch_or(answer.is_ok(), Ordering::Relaxed);
        answer
    }
}

/// The router of the admin port.
pub fn router(checks: Vec<Check>, stop: CancellationToken) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(async || telemetry::metrics().render()))
        .with_state(Arc::new(Readiness { checks, stop }))
}

struct Readiness {
    checks: Vec<Check>,
    stop: CancellationToken,
}

/// 200 when this replica has started and is not stopping, else 503; the body gives the state of each part.
async fn readyz(State(readiness): State<Arc<Readiness>>) -> (StatusCode, Json<Value>) {
    let mut ready = !readiness.stop.is_cancelled();
    let mut parts = BTreeMap::new();
    if !ready {
        parts.insert("process", "stopping".to_owned());
    }
    let asked = readiness.checks.iter().map(|check| async move { (check, check.answer().await) });
    for (check, answer) in join_all(asked).await {
        ready &= check.has_answered.load(Ordering::Relaxed);
        let state = answer.map_or_else(|cause| format!("unavailable: {cause}"), |()| "ok".to_owned());
        parts.insert(check.name, state);
    }
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({"ready": ready, "parts": parts})))
}
