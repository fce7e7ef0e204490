//! Deployments, StatefulSets and their pods.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::kubectl::{self, text};
use super::undo::Undo;

/// How long a workload may take until all of its pods are ready.
const READY_WITHIN: Duration = Duration::from_secs(300);

const PAUSE: Duration = Duration::from_millis(500);

/// A Deployment or a StatefulSet.
#[derive(Clone, Debug)]
pub struct Workload {
    /// `deployment/auth-depl`
    pub name: String,
    /// The label `app` of its pods.
    app: String,
    /// How many pods it was to have when it was read.
    pub replicas: u64,
}

impl Workload {
    /// Every workload of the platform.
    pub async fn all() -> Result<Vec<Self>> {
        let ours = "--selector=app.kubernetes.io/part-of=ticketing";
        Ok(kubectl::list(&["deployments,statefulsets", ours]).await?.iter().map(Self::read).collect())
    }

    /// The one of this name, `statefulset/tickets-mongo`.
    pub async fn named(name: &str) -> Result<Self> {
        let found = kubectl::get(&[name]).await?;
        ensure!(!found.is_null(), "there is no {name}: is the overlay applied?");
        Ok(Self::read(&found))
    }

    /// The Deployment of a service.
    pub async fn of_service(service: &str) -> Result<Self> {
        Self::named(&format!("deployment/{service}-depl")).await
    }

    fn read(object: &Value) -> Self {
        Self {
            name: format!("{}/{}", text(object, "/kind").to_lowercase(), text(object, "/metadata/name")),
            app: text(object, "/spec/selector/matchLabels/app"),
            replicas: object["spec"]["replicas"].as_u64().unwrap_or(1),
        }
    }

    /// Replaces its pods one after the other.
    pub async fn restart(&self) -> Result<()> {
        kubectl::run(&["rollout", "restart", &self.name]).await.map(drop)
    }

    /// Gives it another number of pods.
    pub async fn scale(&self, replicas: u64) -> Result<()> {
        kubectl::run(&["scale", &self.name, &format!("--replicas={replicas}")]).await.map(drop)
    }

    /// Plans to give it the number of pods that it had when it was read.
    pub fn plan_scale_back(&self, undo: &Undo) {
        undo.plan(&["scale", &self.name, &format!("--replicas={}", self.replicas)], "");
    }

    /// Gives it the number of pods that it had when it was read.
    pub async fn scale_back(&self) -> Result<()> {
        self.scale(self.replicas).await
    }

    /// The names of its pods.
    pub async fn pods(&self) -> Result<Vec<String>> {
        let pods = kubectl::list(&["pods", &format!("--selector=app={}", self.app)]).await?;
        Ok(pods.iter().map(|pod| text(pod, "/metadata/name")).collect())
    }

    /// Waits until a rollout is complete: its pods are ready, all of them new, and the old ones gone.
    pub async fn wait_until_ready(&self) -> Result<()> {
        let limit = format!("--timeout={}s", READY_WITHIN.as_secs());
        kubectl::run(&["rollout", "status", &self.name, &limit]).await?;
        self.wait_for_pods().await
    }

    /// Waits until it has as many pods as it is to have, all ready. A pod that is ending still counts as one too many.
    pub async fn wait_for_pods(&self) -> Result<()> {
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            let wanted = Self::named(&self.name).await?.replicas;
            let pods = kubectl::list(&["pods", &format!("--selector=app={}", self.app)]).await?;
            let is_usable = |pod: &Value| kubectl::is(pod, "Ready") && pod["metadata"]["deletionTimestamp"].is_null();
            if pods.len() as u64 == wanted && pods.iter().all(is_usable) {
                return Ok(());
            }
            let waited = READY_WITHIN.as_secs();
            ensure!(Instant::now() < deadline, "{} has no {wanted} ready pods within {waited} s", self.name);
            sleep(PAUSE).await;
        }
    }
}
