//! Deployments, StatefulSets and their pods.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::kubectl::{self, text};
use super::undo::Undo;

/// How long a workload may take until all of its pods are ready.
const READY_LIMIT: Duration = Duration::from_secs(300);

const PAUSE: Duration = Duration::from_millis(500);

/// A Deployment or a StatefulSet.
#[derive(Clone, Debug)]
pub struct Workload {
    /// `deployment/auth-depl`
    pub name: String,
    /// The label `app` of its pods.
    pub app: String,
    replicas: u64,
}

/// A pod of a workload.
#[derive(Clone, Debug)]
pub struct Pod {
    /// Its name.
    pub name: String,
    /// Where it runs.
    pub node: String,
    /// Its address.
    pub ip: String,
    app: String,
    is_ready: bool,
    is_ending: bool,
}

/// Every workload of the platform.
pub async fn all() -> Result<Vec<Workload>> {
    let found = kubectl::list(&["deployments,statefulsets", "--selector=app.kubernetes.io/part-of=ticketing"]).await?;
    Ok(found.iter().map(Workload::read).collect())
}

/// Every pod of a workload, those of Jobs and probes not included.
pub async fn pods() -> Result<Vec<Pod>> {
    let found = kubectl::list(&["pods"]).await?;
    let is_ours = |pod: &&Value| {
        let owners = pod["metadata"]["ownerReferences"].as_array().map(Vec::as_slice).unwrap_or_default();
        owners.iter().any(|owner| owner["kind"] == "ReplicaSet" || owner["kind"] == "StatefulSet")
    };
    Ok(found.iter().filter(is_ours).map(Pod::read).collect())
}

impl Workload {
    fn read(object: &Value) -> Self {
        let kind = text(object, "/kind").to_lowercase();
        Self {
            name: format!("{kind}/{}", text(object, "/metadata/name")),
            app: text(object, "/spec/selector/matchLabels/app"),
            replicas: object["spec"]["replicas"].as_u64().unwrap_or(1),
        }
    }

    /// The Deployment of a service.
    pub async fn of_service(service: &str) -> Result<Self> {
        let found = kubectl::get(&["deployment", &format!("{service}-depl")]).await?;
        ensure!(!found.is_null(), "there is no Deployment {service}-depl");
        Ok(Self::read(&found))
    }

    /// Its pods.
    pub async fn pods(&self) -> Result<Vec<Pod>> {
        Ok(pods().await?.into_iter().filter(|pod| pod.app == self.app).collect())
    }

    /// Replaces its pods one after the other.
    pub async fn restart(&self) -> Result<()> {
        kubectl::run(&["rollout", "restart", &self.name]).await.map(drop)
    }

    /// Waits until a rollout is complete: its pods are ready, all of them new, and the old ones gone.
    pub async fn wait_until_ready(&self) -> Result<()> {
        let limit = format!("--timeout={}s", READY_LIMIT.as_secs());
        kubectl::run_within(READY_LIMIT * 2, &["rollout", "status", &self.name, &limit]).await?;
        self.wait_for_pods().await
    }

    /// Waits until it has as many pods as it is to have, ready and not ending.
    async fn wait_for_pods(&self) -> Result<()> {
        let until = Instant::now() + READY_LIMIT;
        loop {
            let wanted = kubectl::get(&[&self.name]).await?["spec"]["replicas"].as_u64().unwrap_or(1);
            let pods = self.pods().await?;
            if pods.len() as u64 == wanted && pods.iter().all(|pod| pod.is_ready && !pod.is_ending) {
                return Ok(());
            }
            let limit = READY_LIMIT.as_secs();
            ensure!(Instant::now() < until, "{} has no {wanted} ready pods within {limit} s", self.name);
            sleep(PAUSE).await;
        }
    }

    /// Gives it another number of pods, waits until it has them, and notes how many it had.
    pub async fn scale(&self, replicas: u64, undo: &Undo) -> Result<()> {
        undo.plan(&self.undoing(), &["scale", &self.name, &format!("--replicas={}", self.replicas)], "");
        kubectl::run(&["scale", &self.name, &format!("--replicas={replicas}")]).await?;
        self.wait_for_pods().await
    }

    /// Gives it the number of pods that it had before it was scaled.
    pub async fn scale_back(&self, undo: &Undo) -> Result<()> {
        kubectl::run(&["scale", &self.name, &format!("--replicas={}", self.replicas)]).await?;
        undo.forget(&self.undoing());
        self.wait_for_pods().await
    }

    fn undoing(&self) -> String {
        format!("{} with {} replicas", self.name, self.replicas)
    }
}

impl Pod {
    fn read(object: &Value) -> Self {
        let conditions = object["status"]["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
        Self {
            name: text(object, "/metadata/name"),
            node: text(object, "/spec/nodeName"),
            ip: text(object, "/status/podIP"),
            app: text(object, "/metadata/labels/app"),
            is_ready: conditions.iter().any(|condition| condition["type"] == "Ready" && condition["status"] == "True"),
            is_ending: object["metadata"]["deletionTimestamp"].is_string(),
        }
    }

    /// Whether it is one of this name and ready.
    pub fn is_usable_for(&self, app: &str) -> bool {
        self.app == app && self.is_ready && !self.is_ending
    }

    /// Deletes it, and waits until it is gone.
    pub async fn delete(&self) -> Result<()> {
        let limit = format!("--timeout={}s", READY_LIMIT.as_secs());
        kubectl::run_within(READY_LIMIT * 2, &["delete", "pod", &self.name, "--ignore-not-found", &limit])
            .await
            .map(drop)
    }
}
