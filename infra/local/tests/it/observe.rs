use std::collections::HashSet;
use std::fs;
use std::path::Path;

use infra_local::fleet::{Ports, observe};
use serde_json::{Value, json};

#[test]
fn what_is_mounted_into_the_container_exists_and_each_port_is_one_of_this_machine_only() {
    let generated = tempfile::tempdir().unwrap();
    let ports = Ports { edge: 4000 };
    observe::write_settings(generated.path(), ports).unwrap();
    let arguments = observe::arguments(generated.path(), ports);
    let values = |flag| arguments.iter().filter_map(move |argument| argument.strip_prefix(flag));

    let mounts: HashSet<&str> = values("--volume=")
        .map(|mount| {
            let [from, to, "ro"] = *mount.split(':').collect::<Vec<_>>() else { panic!("{mount}") };
            assert!(Path::new(from).exists(), "{from}");
            to
        })
        .collect();
    let wanted = [
        "/otel-lgtm/prometheus.yaml",
        "/otel-lgtm/grafana/conf/provisioning/dashboards/ticketing.yaml",
        "/otel-lgtm/ticketing",
        "/otel-lgtm/generated",
    ];
    assert_eq!(mounts, wanted.into());
    let published: Vec<_> = values("--publish=").collect();
    assert_eq!(published, ["127.0.0.1:4023:3000", "127.0.0.1:4024:4318"]);
    assert!(arguments.last().unwrap().starts_with("docker.io/grafana/otel-lgtm:"), "{arguments:?}");

    let targets = fs::read_to_string(generated.path().join("targets.json")).unwrap();
    let targets: Value = serde_json::from_str(&targets).unwrap();
    let orders = json!({
        "targets": ["host.docker.internal:4013"],
        "labels": {"job": "orders", "namespace": "ticketing", "pod": "orders"},
    });
    assert_eq!((targets.as_array().unwrap().len(), &targets[2]), (6, &orders));
}
