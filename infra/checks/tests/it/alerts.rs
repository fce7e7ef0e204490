//! The rules of Prometheus, checked and played by its own tool.

use std::collections::BTreeSet;
use std::fs;

use infra_local::fleet::{Ports, observe};
use serde_json::Value;

use crate::linters::assert_clean;
use crate::overlay::root;
use crate::tools::PROMTOOL;

const CASES: &str = include_str!("alerts.yaml");

/// The alerts that a case expects, or expects not to fire.
fn alerts(cases: &Value, fires: bool) -> BTreeSet<&str> {
    let expectations =
        cases["tests"].as_array().unwrap().iter().flat_map(|case| case["alert_rule_test"].as_array().unwrap());
    let wanted = expectations.filter(|expected| expected["exp_alerts"].as_array().unwrap().is_empty() != fires);
    wanted.map(|expected| expected["alertname"].as_str().unwrap()).collect()
}

#[test]
fn there_is_a_case_in_which_each_alert_fires_and_one_in_which_it_does_not() {
    let rules = fs::read_to_string(root().join("infra/k8s/components/metrics/rules.yaml")).unwrap();
    let rules: Value = serde_norway::from_str(&rules).unwrap();
    let rules = rules["spec"]["groups"][0]["rules"].as_array().unwrap();
    let all: BTreeSet<&str> = rules.iter().map(|rule| rule["alert"].as_str().unwrap()).collect();
    let cases: Value = serde_norway::from_str(CASES).unwrap();
    assert_eq!(alerts(&cases, true), all);
    assert_eq!(alerts(&cases, false), all);
}

#[test]
fn alerts_fire_when_they_should_and_promtool_finds_nothing_in_what_up_observe_gives_to_prometheus() {
    let Some(promtool) = PROMTOOL.find_or_skip("the alerts by promtool") else { return };
    let folder = tempfile::tempdir().unwrap();
    let in_folder = |name: &str| folder.path().join(name).display().to_string();
    // As it is mounted into the container.
    fs::create_dir(in_folder("generated")).unwrap();
    observe::write_settings(&folder.path().join("generated"), Ports { edge: 3000 }).unwrap();
    fs::copy(root().join("infra/local/observe/prometheus.yaml"), in_folder("prometheus.yaml")).unwrap();
    assert_clean(&promtool, ["check", "config", "--lint=all", "--lint-fatal", &in_folder("prometheus.yaml")]);

    fs::write(in_folder("generated/cases.yaml"), CASES).unwrap();
    assert_clean(&promtool, ["test", "rules", &in_folder("generated/cases.yaml")]);
}
