use checks::environment::environment;
use checks::{Faults, workloads};

/// What the relay may take after the drain, and some to spare.
const LAST_EVENTS_SECONDS: u64 = 5;

#[test]
fn a_pod_has_time_for_what_it_does_before_its_end() {
    let mut faults = Faults::default();
    for workload in workloads() {
        let grace = workload.pod("/terminationGracePeriodSeconds").as_u64().unwrap_or(30);
        for container in workload.containers() {
            let before = container.at("/lifecycle/preStop/sleep/seconds").as_u64().unwrap_or_default();
            let drain = environment(&container).get("DRAIN_SECONDS").map(|text| text.parse::<u64>().unwrap());
            let needed = before + drain.map_or(0, |drain| drain + LAST_EVENTS_SECONDS);
            let is_enough = grace >= needed && grace > before;
            faults.unless(is_enough, format_args!("{container} needs {needed} s to end and is killed after {grace} s"));
        }
    }
    faults.assert_none();
}

#[test]
fn a_service_waits_until_no_request_comes_any_more_before_it_ends() {
    let mut faults = Faults::default();
    for workload in workloads().filter(|workload| workload.service().is_some()) {
        for container in workload.containers() {
            let waits = container.at("/lifecycle/preStop/sleep/seconds").as_u64().is_some_and(|seconds| seconds > 0);
            faults.unless(waits, format_args!("{container} ends while requests are still sent to it (preStop)"));
            let drains = environment(&container).contains_key("DRAIN_SECONDS");
            faults.unless(drains, format_args!("{container} does not say how long it may drain"));
        }
    }
    faults.assert_none();
}

#[test]
fn a_rollout_takes_no_replica_away_before_its_successor_is_ready() {
    let mut faults = Faults::default();
    for workload in workloads().filter(|workload| workload.object.kind() == "Deployment") {
        let unavailable = workload.object.at("/spec/strategy/rollingUpdate/maxUnavailable");
        faults.unless(*unavailable == 0, format_args!("{workload}: maxUnavailable is {unavailable}"));
    }
    faults.assert_none();
}
