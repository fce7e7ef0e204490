//! Memory and processor time of the pods, as the kubelets measure them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use common::timestamp::Timestamp;
use serde_json::Value;

use super::kubectl::{self, NAMESPACE, text};
use super::report::{print_table, row};

/// One measurement of every pod, by name. A kubelet measures every ten seconds or so, and says when.
pub struct Usage(BTreeMap<String, Pod>);

#[derive(Clone, Copy)]
struct Pod {
    memory_bytes: u64,
    cpu_nanos: u64,
    at: Timestamp,
}

impl Usage {
    /// What the kubelets have measured last.
    pub async fn read() -> Result<Self> {
        let nodes = kubectl::run(&["get", "pods", "--output=jsonpath={.items[*].spec.nodeName}"]).await?;
        let mut found = BTreeMap::new();
        for node in nodes.split_whitespace().collect::<BTreeSet<_>>() {
            let path = format!("/api/v1/nodes/{node}/proxy/stats/summary");
            let summary: Value = serde_json::from_str(&kubectl::run(&["get", "--raw", &path]).await?)?;
            let pods = summary["pods"].as_array().into_iter().flatten();
            let ours = pods.filter(|pod| pod["podRef"]["namespace"] == NAMESPACE);
            found.extend(ours.filter_map(|pod| Some((text(pod, "/podRef/name"), measured(pod)?))));
        }
        Ok(Self(found))
    }

    /// Prints the memory at the end and the mean processor use since `first`. Returns the sums.
    pub fn print_since(&self, first: &Self) -> String {
        let mut table = vec![row(["pod", "memory MiB", "CPU millicores"])];
        let (mut memory, mut cpu) = (0.0, 0.0);
        for (name, pod) in &self.0 {
            let mebibytes = pod.memory_bytes as f64 / f64::from(1 << 20);
            let millicores = first.0.get(name).and_then(|first| millicores(first, pod));
            memory += mebibytes;
            cpu += millicores.unwrap_or(0.0);
            let millicores = millicores.map_or("new".to_owned(), |millicores| format!("{millicores:.0}"));
            table.push(vec![name.clone(), format!("{mebibytes:.1}"), millicores]);
        }
        print_table(&table);
        format!("{memory:.0} MiB, {cpu:.0} millicores in {} pods", self.0.len())
    }
}

/// The sum of a pod's containers.
fn measured(pod: &Value) -> Option<Pod> {
    let containers = pod["containers"].as_array()?.iter().filter_map(|container| {
        Some(Pod {
            memory_bytes: container["memory"]["workingSetBytes"].as_u64()?,
            cpu_nanos: container["cpu"]["usageCoreNanoSeconds"].as_u64()?,
            at: serde_json::from_value(container["cpu"]["time"].clone()).ok()?,
        })
    });
    containers.reduce(|sum, next| Pod {
        memory_bytes: sum.memory_bytes + next.memory_bytes,
        cpu_nanos: sum.cpu_nanos + next.cpu_nanos,
        at: sum.at.min(next.at),
    })
}

fn millicores(first: &Pod, last: &Pod) -> Option<f64> {
    let millis = (last.at.millis() - first.at.millis()) as f64;
    let used_micros = last.cpu_nanos.checked_sub(first.cpu_nanos)? as f64 / 1000.0;
    (millis > 0.0).then(|| used_micros / millis)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{measured, millicores};

    #[test]
    fn a_pod_that_uses_half_a_core_for_ten_seconds_has_five_hundred_millicores() {
        let pod = |nanos: u64, second: u32| {
            let cpu = json!({"usageCoreNanoSeconds": nanos, "time": format!("2026-01-01T00:00:{second:02}Z")});
            let container = json!({"memory": {"workingSetBytes": 1000}, "cpu": cpu});
            measured(&json!({"containers": [container, container]})).unwrap()
        };
        let (first, last) = (pod(0, 0), pod(2_500_000_000, 10));
        assert_eq!(last.memory_bytes, 2000);
        assert_eq!(millicores(&first, &last), Some(500.0));
        assert_eq!(millicores(&last, &last), None);
    }
}
