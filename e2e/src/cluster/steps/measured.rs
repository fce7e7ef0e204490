//! Memory and processor time of the pods, as the kubelets measure them: at rest, and under load.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::Result;
use common::timestamp::Timestamp;
use serde_json::Value;
use tokio::time::sleep;

use crate::cluster::kubectl::{self, NAMESPACE, text};
use crate::cluster::load::Figures;
use crate::cluster::platform::Platform;
use crate::cluster::report::{Verdict, print_table, row, say};

const AT_REST: Duration = Duration::from_secs(30);

/// Connections and caches are not measured.
const WARM_UP: Duration = Duration::from_secs(5);

pub async fn at_rest() -> Result<Verdict> {
    let first = usage().await?;
    say(&format!("measuring for {} s", AT_REST.as_secs()));
    sleep(AT_REST).await;
    Ok(Verdict::new(print_usage(&first, &usage().await?), []))
}

pub async fn under_load(platform: &Platform) -> Result<Verdict> {
    let load = platform.load(platform.arguments.rate).await?;
    sleep(WARM_UP).await;
    let first = usage().await?;
    sleep(Duration::from_secs(platform.arguments.seconds)).await;
    print_usage(&first, &usage().await?);
    let record = load.stop().await?;
    let all = record.all();
    let mut table = vec![row(["request"].into_iter().chain(Figures::COLUMNS))];
    for (kind, figures) in record.by_kind() {
        table.push([kind.to_owned()].into_iter().chain(figures.row()).collect());
    }
    table.push(["all".to_owned()].into_iter().chain(all.row()).collect());
    print_table(&table);
    all.unusual().iter().for_each(|line| println!("  {line}"));
    let failed = (all.failed > 0).then(|| format!("{} requests failed", all.failed));
    let violations = platform.violations(Some(&record.acknowledged)).await?;
    Ok(Verdict::new(all.to_string(), failed.into_iter().chain(violations)))
}

/// What the kubelets say of each pod, by its name. They measure every ten seconds or so, and say when.
async fn usage() -> Result<BTreeMap<String, Value>> {
    let nodes = kubectl::run(&["get", "pods", "--output=jsonpath={.items[*].spec.nodeName}"]).await?;
    let mut found = BTreeMap::new();
    for node in nodes.split_whitespace().collect::<BTreeSet<_>>() {
        let path = format!("/api/v1/nodes/{node}/proxy/stats/summary");
        let summary: Value = serde_json::from_str(&kubectl::run(&["get", "--raw", &path]).await?)?;
        let pods = summary["pods"].as_array().into_iter().flatten();
        let ours = pods.filter(|pod| pod["podRef"]["namespace"] == NAMESPACE);
        found.extend(ours.map(|pod| (text(pod, "/podRef/name"), pod.clone())));
    }
    Ok(found)
}

/// Prints the memory of every pod at the end and its mean processor use since `first`. Returns the sums.
fn print_usage(first: &BTreeMap<String, Value>, last: &BTreeMap<String, Value>) -> String {
    let mut table = vec![row(["pod", "memory MiB", "CPU millicores"])];
    let (mut memory, mut cpu) = (0.0, 0.0);
    for (name, pod) in last {
        let mebibytes = pod["memory"]["workingSetBytes"].as_f64().unwrap_or_default() / f64::from(1 << 20);
        let millicores = first.get(name).and_then(|first| millicores(first, pod));
        memory += mebibytes;
        cpu += millicores.unwrap_or_default();
        let millicores = millicores.map_or("new".to_owned(), |millicores| format!("{millicores:.0}"));
        table.push(vec![name.clone(), format!("{mebibytes:.1}"), millicores]);
    }
    print_table(&table);
    format!("{memory:.0} MiB, {cpu:.0} millicores in {} pods", last.len())
}

/// The mean between two measurements, unless the pod was replaced or not measured again.
fn millicores(first: &Value, last: &Value) -> Option<f64> {
    let measured = |pod: &Value| {
        let at: Timestamp = serde_json::from_value(pod["cpu"]["time"].clone()).ok()?;
        Some((at.millis(), pod["cpu"]["usageCoreNanoSeconds"].as_u64()?))
    };
    let ((from, used_before), (to, used)) = (measured(first)?, measured(last)?);
    let used_micros = used.checked_sub(used_before)? as f64 / 1000.0;
    (to > from).then(|| used_micros / (to - from) as f64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::millicores;

    #[test]
    fn a_pod_that_uses_half_a_core_for_ten_seconds_has_five_hundred_millicores() {
        let pod = |nanos: u64, second: u32| json!({"cpu": {"usageCoreNanoSeconds": nanos, "time": format!("2026-01-01T00:00:{second:02}Z")}});
        let (first, last) = (pod(0, 0), pod(5_000_000_000, 10));
        assert_eq!(millicores(&first, &last), Some(500.0));
        assert_eq!(millicores(&last, &last), None);
    }
}
