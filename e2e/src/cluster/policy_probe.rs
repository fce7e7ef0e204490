//! A pod with a service's label, so that the policies take it for one, that tries to reach others.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::kubectl;
use super::undo::Undo;

const LIMIT: Duration = Duration::from_secs(180);
const PAUSE: Duration = Duration::from_secs(1);

/// Who tries to reach whom.
pub struct Probe {
    /// The service in whose place the probe stands.
    pub from: &'static str,
    /// Addresses that must answer.
    pub allowed: &'static [&'static str],
    /// Addresses that must not.
    pub forbidden: &'static [&'static str],
}

impl Probe {
    /// Every address, and whether it must answer.
    pub fn targets(&self) -> impl Iterator<Item = (&'static str, bool)> {
        let allowed = self.allowed.iter().map(|target| (*target, true));
        allowed.chain(self.forbidden.iter().map(|target| (*target, false)))
    }

    /// Which of the addresses answer, in their order.
    pub async fn run(&self, image: &str, undo: &Undo) -> Result<Vec<bool>> {
        let name = format!("reach-from-{}", self.from);
        let delete = ["delete", "pod", name.as_str(), "--ignore-not-found", "--wait=false"];
        kubectl::run(&["delete", "pod", &name, "--ignore-not-found"]).await?;
        undo.plan(&name, &delete, "");
        kubectl::feed(&["create", "--filename=-"], &self.pod(&name, image).to_string()).await?;
        let until = Instant::now() + LIMIT;
        let reached = loop {
            let pod = kubectl::get(&["pod", &name]).await?;
            if let Some(reached) = self.reached(&pod)? {
                break reached;
            }
            if Instant::now() > until {
                bail!("{name} has not ended within {} s: {}", LIMIT.as_secs(), pod["status"]);
            }
            sleep(PAUSE).await;
        };
        kubectl::run(&delete).await?;
        undo.forget(&name);
        Ok(reached)
    }

    /// What the exit codes say, once there are all of them.
    fn reached(&self, pod: &Value) -> Result<Option<Vec<bool>>> {
        let code = |status: &Value| status["state"]["terminated"]["exitCode"].as_i64();
        let statuses = |kind: &str| pod["status"][kind].as_array().cloned().unwrap_or_default();
        if statuses("initContainerStatuses").first().and_then(code).is_some_and(|code| code != 0) {
            bail!("{} does not reach {}", self.from, self.allowed[0]);
        }
        let containers = statuses("containerStatuses");
        let ended = self.targets().enumerate().map(|(number, _)| {
            let status = containers.iter().find(|status| status["name"] == container_name(number));
            status.and_then(code).map(|code| code == 0)
        });
        Ok(ended.collect())
    }

    /// A pod that never becomes an endpoint of the real service. A policy takes a moment to know a new pod, so it begins
    /// with a way that is open, and waits for it.
    fn pod(&self, name: &str, image: &str) -> Value {
        let containers = self.targets().enumerate().map(|(number, (target, allowed))| {
            container(&container_name(number), image, target, if allowed { 15 } else { 3 })
        });
        let first = self.allowed.first().context("nothing is allowed").unwrap_or(&"");
        json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "labels": {"app": self.from, "app.kubernetes.io/component": "probe"}},
            "spec": {
                "restartPolicy": "Never",
                "readinessGates": [{"conditionType": "ticketing.dev/never"}],
                "automountServiceAccountToken": false,
                "enableServiceLinks": false,
                "terminationGracePeriodSeconds": 1,
                "securityContext": {
                    "runAsNonRoot": true,
                    "runAsUser": 65532,
                    "runAsGroup": 65532,
                    "seccompProfile": {"type": "RuntimeDefault"},
                },
                "initContainers": [container("first", image, first, 60)],
                "containers": containers.collect::<Vec<_>>(),
            },
        })
    }
}

fn container_name(number: usize) -> String {
    format!("target-{number}")
}

fn container(name: &str, image: &str, target: &str, within_seconds: u32) -> Value {
    json!({
        "name": name,
        "image": image,
        "command": ["/ops"],
        "args": ["reach", target, "--within", within_seconds.to_string()],
        "securityContext": {
            "allowPrivilegeEscalation": false,
            "readOnlyRootFilesystem": true,
            "capabilities": {"drop": ["ALL"]},
        },
        "resources": {"requests": {"cpu": "5m", "memory": "8Mi"}, "limits": {"cpu": "200m", "memory": "32Mi"}},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROBE: Probe = Probe { from: "auth", allowed: &["a:1"], forbidden: &["b:2"] };

    fn ended(name: &str, code: i64) -> Value {
        json!({"name": name, "state": {"terminated": {"exitCode": code}}})
    }

    #[test]
    fn the_exit_codes_say_who_was_reached_once_there_are_all_of_them() {
        let mut pod =
            json!({"status": {"containerStatuses": [ended("target-1", 1), {"name": "target-0", "state": {}}]}});
        assert_eq!(PROBE.reached(&pod).unwrap(), None);
        pod["status"]["containerStatuses"][1] = ended("target-0", 0);
        assert_eq!(PROBE.reached(&pod).unwrap(), Some(vec![true, false]));
    }

    #[test]
    fn a_probe_that_reaches_nobody_says_so() {
        let pod = json!({"status": {"initContainerStatuses": [ended("first", 1)]}});
        assert_eq!(PROBE.reached(&pod).unwrap_err().to_string(), "auth does not reach a:1");
    }
}
