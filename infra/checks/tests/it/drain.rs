use crate::overlay::{assert_none, containers};

/// How long the relay may take for the last events, after the drain (`common::service`).
const LAST_EVENTS_SECONDS: u64 = 5;

/// How long the last spans of traces may take after that (`common::telemetry`).
const LAST_SPANS_SECONDS: u64 = 2;

#[test]
fn a_pod_is_not_killed_before_it_has_drained() {
    let mut problems = Vec::new();
    for container in containers() {
        let grace = container.pod["spec"]["terminationGracePeriodSeconds"].as_u64().unwrap_or(30);
        let pre_stop = container.value["lifecycle"]["preStop"]["sleep"]["seconds"].as_u64().unwrap_or_default();
        let drain = container.environment().get("DRAIN_SECONDS").map(|seconds| seconds.parse::<u64>().unwrap());
        let needed = pre_stop + drain.map_or(0, |drain| drain + LAST_EVENTS_SECONDS + LAST_SPANS_SECONDS);
        if grace <= needed {
            problems.push(format!("{} needs {needed} s to end and is killed after {grace} s", container.place()));
        }
        let is_service = container.workload["kind"] == "Deployment";
        if is_service && (pre_stop == 0 || drain.is_none()) {
            problems.push(format!("{} has no preStop or no DRAIN_SECONDS", container.place()));
        }
    }
    assert_none(problems);
}
