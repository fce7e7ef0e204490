//! `/healthz`, `/readyz` and `/metrics`, on a port of their own that the ingress never exposes.

use std::collections::BTreeMap;
use std::sync::Arc;
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

/// How long a store may take to answer.
const CHECK_LIMIT: Duration = Duration::from_secs(1);

/// Something that a service needs.
pub struct Check {
    name: &'static str,
    ask: Box<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>,
    /// Whether the service can answer requests while this is unavailable.
    can_miss: Box<dyn Fn() -> bool + Send + Sync>,
}

impl Check {
    /// A store without which no request can be answered.
    pub fn store<F>(name: &'static str, ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        Self { name, ask: Box::new(move || ask().boxed()), can_miss: Box::new(|| false) }
    }

    /// The service's database.
    pub fn mongo(database: &Database) -> Self {
        let database = database.clone();
        Self::store("mongo", move || {
            let database = database.clone();
            async move { mongo::ping(&database).await }
        })
    }

    /// The broker. A replica becomes ready only after the broker has answered once. Later it stays ready without the
    /// broker, because sales go on and unready replicas would stop them.
    pub fn broker(broker: &Broker) -> Self {
        let (asked, known) = (broker.clone(), broker.clone());
        let ask = move || {
            let broker = asked.clone();
            async move { broker.ready().await }
        };
        Self { can_miss: Box::new(move || known.has_answered()), ..Self::store("broker", ask) }
    }

    async fn answer(&self) -> Result<(), String> {
        timeout(CHECK_LIMIT, (self.ask)()).await.unwrap_or_else(|_| Err("no answer within a second".to_owned()))
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

/// 200 when the service can answer requests, else 503; the body gives the state of each part.
async fn readyz(State(readiness): State<Arc<Readiness>>) -> (StatusCode, Json<Value>) {
    let mut ready = !readiness.stop.is_cancelled();
    let mut parts = BTreeMap::new();
    if !ready {
        parts.insert("process", "stopping".to_owned());
    }
    let asked = readiness.checks.iter().map(|check| async move { (check, check.answer().await) });
    for (check, answer) in join_all(asked).await {
        ready &= answer.is_ok() || (check.can_miss)();
        let state = answer.map_or_else(|cause| format!("unavailable: {cause}"), |()| "ok".to_owned());
        parts.insert(check.name, state);
    }
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({"ready": ready, "parts": parts})))
}
