use checks::object::{labels, selects};
use checks::{Faults, Object, Overlay, Workload, overlays, workloads};
use serde_json::json;

/// The workloads whose pods a Service sends to.
fn behind<'a>(overlay: &'a Overlay, service: &Object) -> Vec<Workload<'a>> {
    let selector = json!({"matchLabels": service.at("/spec/selector")});
    assert!(service.at("/spec/selector").is_object(), "{service} selects nothing");
    overlay.workloads().filter(|workload| selects(&selector, &workload.labels())).collect()
}

#[test]
fn every_workload_selects_its_own_pods_and_nobody_elses() {
    let mut faults = Faults::default();
    for overlay in overlays() {
        for owner in overlay.workloads().filter(Workload::is_long_running) {
            let selector = owner.object.at("/spec/selector");
            let is_given = !labels(&selector["matchLabels"]).is_empty();
            faults.unless(is_given, format_args!("{owner} selects everything"));
            for other in overlay.workloads() {
                let is_own = other.object.name() == owner.object.name();
                let takes = selects(selector, &other.labels());
                faults.unless(takes == is_own, format_args!("{owner}: its selector on the pods of {other} is {takes}"));
            }
        }
    }
    faults.assert_none();
}

#[test]
fn every_service_leads_to_one_workload_and_to_ports_that_it_has() {
    let mut faults = Faults::default();
    for overlay in overlays() {
        for service in overlay.of_kind("Service") {
            let behind = behind(overlay, service);
            let [workload] = behind.as_slice() else {
                let names: Vec<&str> = behind.iter().map(|workload| workload.object.name()).collect();
                faults.add(format_args!("{service} leads to {names:?}"));
                continue;
            };
            for port in service.list("/spec/ports") {
                let target = &port["targetPort"];
                let is_there = workload.containers().iter().any(|container| container.port(target).is_some());
                faults.unless(is_there, format_args!("{service}: {workload} has no port {target}"));
            }
        }
    }
    faults.assert_none();
}

#[test]
fn every_stateful_sets_own_service_is_there_and_leads_to_it() {
    let mut faults = Faults::default();
    for overlay in overlays() {
        for set in overlay.workloads().filter(|workload| workload.object.kind() == "StatefulSet") {
            let name = set.object.text("/spec/serviceName");
            let service = overlay.of_kind("Service").find(|service| service.name() == name);
            let leads = service.is_some_and(|service| behind(overlay, service)[0].object.name() == set.object.name());
            faults.unless(leads, format_args!("{set}: there is no Service {name} that leads to it"));
        }
    }
    faults.assert_none();
}

#[test]
fn pods_are_spread_among_their_like() {
    let mut faults = Faults::default();
    for workload in workloads() {
        for constraint in workload.pod("/topologySpreadConstraints").as_array().into_iter().flatten() {
            let is_own = selects(&constraint["labelSelector"], &workload.labels());
            faults.unless(is_own, format_args!("{workload} is spread among pods that it is none of"));
            let keys = constraint["matchLabelKeys"].as_array().into_iter().flatten().filter_map(|key| key.as_str());
            for key in keys {
                let has_it = workload.labels().contains_key(key);
                faults.unless(has_it, format_args!("{workload} is spread by a label {key} that it has not"));
            }
        }
    }
    faults.assert_none();
}
