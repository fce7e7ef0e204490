//! `/healthz`, `/readyz` and `/metrics`, on a port of their own that the ingress never exposes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use futures::future::{BoxFuture, join_all};
use mongodb::Database;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::nats::Broker;
use crate::{mongo, telemetry};

/// How long a store may take to say that it is there.
const CHECK_LIMIT: Duration = Duration::from_secs(1);

/// Something that a service needs.
pub struct Check {
    name: &'static str,
    ask: Box<dyn Fn() -> BoxFuture<'static, Answer> + Send + Sync>,
}

/// What a check found.
enum Answer {
    Here,
    /// Away, and the service goes on without it.
    Missed(String),
    /// Away, and the service cannot answer without it.
    Needed(String),
}

impl Check {
    /// A store without which nothing can be answered.
    pub fn store<F>(name: &'static str, ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        let answer = move || -> BoxFuture<'static, Answer> {
            let asked = ask();
            Box::pin(async move {
                match tokio::time::timeout(CHECK_LIMIT, asked).await {
                    Ok(Ok(())) => Answer::Here,
                    Ok(Err(cause)) => Answer::Needed(cause),
                    Err(_) => Answer::Needed("no answer within a second".to_owned()),
                }
            })
        };
        Self { name, ask: Box::new(answer) }
    }

    /// The service's database.
    pub fn mongo(database: &Database) -> Self {
        let database = database.clone();
        Self::store("mongo", move || {
            let database = database.clone();
            async move { mongo::ping(&database).await }
        })
    }

    /// The broker. It must have answered once; later a broker that is away makes nobody unready, because sales go on
    /// without it and an unready replica would end them.
    pub fn broker(broker: &Broker) -> Self {
        let broker = broker.clone();
        let answer = move || -> BoxFuture<'static, Answer> {
            let broker = broker.clone();
            Box::pin(async move {
                let asked = tokio::time::timeout(CHECK_LIMIT, broker.ready()).await;
                match asked.unwrap_or_else(|_| Err("no answer within a second".to_owned())) {
                    Ok(()) => Answer::Here,
                    Err(cause) if broker.has_answered() => Answer::Missed(cause),
                    Err(cause) => Answer::Needed(cause),
                }
            })
        };
        Self { name: "broker", ask: Box::new(answer) }
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

/// 200 when the service can answer requests, 503 when not, and in both cases what it knows of each part.
async fn readyz(State(readiness): State<Arc<Readiness>>) -> (StatusCode, Json<Value>) {
    let mut ready = !readiness.stop.is_cancelled();
    let mut parts = BTreeMap::new();
    if !ready {
        parts.insert("process", "stopping".to_owned());
    }
    let asked = readiness.checks.iter().map(|check| async { (check.name, (check.ask)().await) });
    for (name, answer) in join_all(asked).await {
        let text = match answer {
            Answer::Here => "ok".to_owned(),
            Answer::Missed(cause) => format!("away: {cause}"),
            Answer::Needed(cause) => {
                ready = false;
                format!("away: {cause}")
            }
        };
        parts.insert(name, text);
    }
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({"ready": ready, "parts": parts})))
}
