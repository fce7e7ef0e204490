//! The alerts and the dashboard against what a running fleet measures.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use common::testing::{HttpClient, eventually};
use e2e::story;
use infra_local::fleet::SERVICES;
use serde_json::Value;

use crate::platform::Platform;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

/// The values of a key in a file that has each on a line of its own.
fn values<'a>(file: &'a str, key: &str) -> Vec<&'a str> {
    file.lines().filter_map(|line| line.trim().strip_prefix(key)).map(str::trim).collect()
}

/// The metrics in a query of Prometheus: what is left without labels, times and functions. Those of Prometheus itself have no `_`.
fn metrics(query: &str) -> BTreeSet<String> {
    let mut plain = query.to_owned();
    for (begin, end) in [("{", "}"), ("[", "]"), (" by (", ")")] {
        while let Some(from) = plain.find(begin) {
            let to = plain[from..].find(end).unwrap() + from;
            plain.replace_range(from..=to, " ");
        }
    }
    let is_none = |letter: char| !letter.is_ascii_lowercase() && letter != '_';
    let words = plain.split_inclusive(is_none).filter(|word| word.contains('_') && !word.ends_with('('));
    words.map(|word| word.trim_end_matches(is_none).to_owned()).collect()
}

/// Every value of this key, at any depth.
fn all<'a>(value: &'a Value, key: &str) -> Vec<&'a Value> {
    match value {
        Value::Object(fields) => {
            fields.get(key).into_iter().chain(fields.values().flat_map(|it| all(it, key))).collect()
        }
        Value::Array(values) => values.iter().flat_map(|value| all(value, key)).collect(),
        _ => Vec::new(),
    }
}

fn dashboard() -> Value {
    serde_json::from_str(&read("infra/k8s/components/metrics/dashboard.json")).unwrap()
}

#[test]
fn every_alert_has_its_entry_in_the_runbook_and_every_entry_its_alert() {
    let (rules, runbook) = (read("infra/k8s/components/metrics/rules.yaml"), read("docs/runbook.md"));
    assert_eq!(values(&rules, "- alert:"), values(&runbook, "## "));
}

#[test]
fn the_dashboard_asks_whichever_prometheus_a_grafana_has() {
    let dashboard = dashboard();
    let sources = all(&dashboard["panels"], "datasource");
    assert!(!sources.is_empty() && sources.iter().all(|source| source["uid"] == "${source}"), "{sources:?}");
    let source = &dashboard["templating"]["list"][0];
    assert_eq!(
        (&source["name"], &source["type"], &source["query"]),
        (&"source".into(), &"datasource".into(), &"prometheus".into())
    );
}

#[tokio::test]
async fn alerts_and_dashboard_are_made_of_what_a_running_fleet_measures() {
    let rules = read("infra/k8s/components/metrics/rules.yaml");
    let dashboard = dashboard();
    let queries = all(&dashboard, "expr").into_iter().map(|query| query.as_str().unwrap());
    let wanted: BTreeSet<String> = values(&rules, "expr:").into_iter().chain(queries).flat_map(metrics).collect();
    assert!(wanted.contains("outbox_oldest_seconds") && !wanted.contains("http_route"), "{wanted:?}");

    let platform = Platform::start(&[]).await;
    story::sale(&platform.site()).await;
    eventually(&format!("all of these are measured: {wanted:?}"), async || {
        let mut measured = String::new();
        for service in SERVICES {
            measured += HttpClient::new(&platform.fleet.admin_url(service)).get("/metrics").await.message();
        }
        let is_measured = |name: &String| {
            measured
                .lines()
                .any(|line| line.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with(['{', ' '])))
        };
        wanted.iter().all(is_measured).then_some(())
    })
    .await;
    platform.stop().await;
}
