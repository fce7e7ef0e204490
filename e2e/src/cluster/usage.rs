//! Memory and processor time of the pods, as the kubelets measure them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Result, ensure};
use common::timestamp::Timestamp;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::kubectl::{self, NAMESPACE, text};
use super::report::Table;
use super::workloads;

/// A kubelet measures every ten seconds or so.
const NEWS_LIMIT: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_secs(2);

/// One measurement of every pod, by name.
pub struct Reading(BTreeMap<String, Pod>);

#[derive(Clone, Copy)]
struct Pod {
    working_set_bytes: u64,
    cpu_nanos: u64,
    at: Timestamp,
}

impl Reading {
    /// What the kubelets have measured last.
    pub async fn take() -> Result<Self> {
        let pods = workloads::pods().await?;
        let nodes: BTreeSet<&str> = pods.iter().map(|pod| pod.node.as_str()).collect();
        let mut found = BTreeMap::new();
        for node in nodes {
            let path = format!("/api/v1/nodes/{node}/proxy/stats/summary");
            let summary: Value = serde_json::from_str(&kubectl::run(&["get", "--raw", &path]).await?)?;
            let stats = summary["pods"].as_array().map(Vec::as_slice).unwrap_or_default();
            let ours = stats.iter().filter(|stats| stats["podRef"]["namespace"] == NAMESPACE);
            found.extend(ours.filter_map(|stats| Some((text(stats, "/podRef/name"), measured(stats)?))));
        }
        let is_workload = |name: &String| pods.iter().any(|pod| pod.name == *name);
        found.retain(|name, _| is_workload(name));
        Ok(Self(found))
    }

    /// Waits until every pod of this reading that is still there has been measured again.
    pub async fn next(&self) -> Result<Self> {
        let until = Instant::now() + NEWS_LIMIT;
        loop {
            let next = Self::take().await?;
            let is_newer = |(name, pod): (&String, &Pod)| next.0.get(name).is_none_or(|next| next.at > pod.at);
            if self.0.iter().all(is_newer) {
                return Ok(next);
            }
            ensure!(Instant::now() < until, "no kubelet has measured anew within {} s", NEWS_LIMIT.as_secs());
            sleep(PAUSE).await;
        }
    }
}

/// The whole pod, or the sum of its containers where the kubelet does not say.
fn measured(stats: &Value) -> Option<Pod> {
    one(stats).or_else(|| {
        let containers = stats["containers"].as_array()?.iter().filter_map(one);
        containers.reduce(|sum, next| Pod {
            working_set_bytes: sum.working_set_bytes + next.working_set_bytes,
            cpu_nanos: sum.cpu_nanos + next.cpu_nanos,
            at: sum.at.min(next.at),
        })
    })
}

fn one(stats: &Value) -> Option<Pod> {
    Some(Pod {
        working_set_bytes: stats["memory"]["workingSetBytes"].as_u64()?,
        cpu_nanos: stats["cpu"]["usageCoreNanoSeconds"].as_u64()?,
        at: serde_json::from_value(stats["cpu"]["time"].clone()).ok()?,
    })
}

/// Prints the memory at the end and the mean processor use in between; the sums, for a headline.
pub fn print(first: &Reading, last: &Reading) -> String {
    let mut table = Table::new(&["pod", "memory MiB", "CPU millicores"]);
    let (mut memory, mut cpu) = (0.0, 0.0);
    for (name, pod) in &last.0 {
        let mebibytes = pod.working_set_bytes as f64 / f64::from(1 << 20);
        let millicores = first.0.get(name).and_then(|first| millicores(first, pod));
        memory += mebibytes;
        cpu += millicores.unwrap_or(0.0);
        let millicores = millicores.map_or("new".to_owned(), |millicores| format!("{millicores:.0}"));
        table.row([name.clone(), format!("{mebibytes:.1}"), millicores]);
    }
    table.row(["all".to_owned(), format!("{memory:.1}"), format!("{cpu:.0}")]);
    table.print();
    format!("{memory:.0} MiB, {cpu:.0} millicores in {} pods", last.0.len())
}

fn millicores(first: &Pod, last: &Pod) -> Option<f64> {
    let micros = (last.at.millis() - first.at.millis()) as f64 * 1000.0;
    let used_micros = last.cpu_nanos.checked_sub(first.cpu_nanos)? as f64 / 1000.0;
    (micros > 0.0).then(|| used_micros / micros * 1000.0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{measured, millicores};

    fn stats(nanos: u64, second: u32) -> serde_json::Value {
        json!({"memory": {"workingSetBytes": 1000}, "cpu": {"usageCoreNanoSeconds": nanos, "time": format!("2026-01-01T00:00:{second:02}Z")}})
    }

    #[test]
    fn half_a_core_for_ten_seconds_is_five_hundred_millicores() {
        let (first, last) = (measured(&stats(0, 0)).unwrap(), measured(&stats(5_000_000_000, 10)).unwrap());
        assert_eq!(millicores(&first, &last), Some(500.0));
        assert_eq!(millicores(&last, &last), None);
    }

    #[test]
    fn a_pod_without_figures_of_its_own_is_the_sum_of_its_containers() {
        let pod = measured(&json!({"containers": [stats(1, 1), stats(2, 2)]})).unwrap();
        assert_eq!((pod.working_set_bytes, pod.cpu_nanos), (2000, 3));
    }
}
