use std::collections::BTreeSet;

use checks::environment::{arguments, environment};
use checks::network::Policies;
use checks::object::{list, selects};
use checks::{Container, Faults, Object, Overlay, Workload, overlays};
use serde_json::{Value, json};

/// A caller, a callee, and a port of the callee's pods.
type Edge = (String, String, u64);

fn name(workload: &Workload) -> String {
    workload.object.name().to_owned()
}

fn ports(workload: &Workload) -> BTreeSet<u64> {
    let ports = workload.containers().into_iter().flat_map(|container| container.list("/ports"));
    ports.filter_map(|port| port["containerPort"].as_u64()).collect()
}

/// What a caller's and a callee's policies say of every edge that there could be.
fn sides(overlay: &Overlay) -> Vec<(Edge, bool, bool)> {
    let policies = Policies::of(overlay);
    let mut sides = Vec::new();
    for caller in overlay.workloads() {
        for callee in overlay.workloads() {
            for port in ports(&callee) {
                let (from, to) = (caller.labels(), callee.labels());
                let edge = (name(&caller), name(&callee), port);
                sides.push((edge, policies.may_call(&from, &to, port), policies.may_be_called(&to, &from, port)));
            }
        }
    }
    sides
}

/// The edges that a workload's variables and arguments name: `host:port`, the host being a Service or a pod behind one.
fn needed(overlay: &Overlay, workload: &Workload) -> BTreeSet<Edge> {
    let texts =
        |container: &Container| environment(container).into_values().chain(arguments(container)).collect::<Vec<_>>();
    let texts: Vec<String> = workload.containers().iter().flat_map(texts).collect();
    let is_apart = |c: char| !(c.is_ascii_alphanumeric() || ".-:".contains(c));
    let addresses = texts.iter().flat_map(|text| text.split(is_apart)).filter_map(|word| word.rsplit_once(':'));
    let edges = addresses.filter_map(|(host, port)| {
        let port = port.parse().ok()?;
        let service = host.split('.').find_map(|part| overlay.of_kind("Service").find(|it| it.name() == part))?;
        let (callee, port) = behind(overlay, service, port);
        Some((name(workload), callee, port))
    });
    edges.collect()
}

/// Whom a Service leads to, and the pods' port behind this one of the Service's.
fn behind(overlay: &Overlay, service: &Object, port: u64) -> (String, u64) {
    let selector = json!({"matchLabels": service.at("/spec/selector")});
    let callee = overlay.workloads().find(|it| selects(&selector, &it.labels())).unwrap();
    let entry = service.list("/spec/ports").iter().find(|entry| entry["port"] == port);
    let entry = entry.unwrap_or_else(|| panic!("{service} has no port {port}, which somebody calls"));
    let target = callee.containers().iter().find_map(|container| container.port(&entry["targetPort"]));
    (name(&callee), target.unwrap())
}

#[test]
fn nothing_is_allowed_that_no_policy_allows() {
    for overlay in overlays() {
        let mut policies = overlay.of_kind("NetworkPolicy");
        let default = policies.find(|policy| policy.name() == "default-deny").unwrap();
        assert_eq!(*default.at("/spec"), json!({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}), "{default}");
    }
}

#[test]
fn every_policy_and_every_peer_in_it_is_for_pods_that_are_there() {
    let mut faults = Faults::default();
    for overlay in overlays() {
        let is_there = |selector: &Value| overlay.workloads().any(|workload| selects(selector, &workload.labels()));
        for policy in overlay.of_kind("NetworkPolicy") {
            faults.unless(is_there(policy.at("/spec/podSelector")), format_args!("{policy} is for nobody"));
            let ingress = policy.list("/spec/ingress").iter().flat_map(|rule| list(rule, "/from"));
            let egress = policy.list("/spec/egress").iter().flat_map(|rule| list(rule, "/to"));
            let ours =
                ingress.chain(egress).filter(|peer| peer["namespaceSelector"].is_null() && peer["ipBlock"].is_null());
            for peer in ours {
                faults.unless(is_there(&peer["podSelector"]), format_args!("{policy}: nobody is {peer}"));
            }
        }
    }
    faults.assert_none();
}

#[test]
fn what_a_caller_may_call_takes_its_calls_and_nobody_elses() {
    let mut faults = Faults::default();
    for overlay in overlays() {
        for ((caller, callee, port), may_call, may_be_called) in sides(overlay) {
            let edge = format!("{}: {caller} to {callee}:{port}", overlay.name);
            faults.unless(
                may_call == may_be_called,
                format_args!("{edge} is open on one side only (callee's: {may_be_called})"),
            );
        }
    }
    faults.assert_none();
}

#[test]
fn the_open_edges_are_those_that_somebody_uses() {
    for overlay in overlays() {
        let needed: BTreeSet<Edge> = overlay.workloads().flat_map(|workload| needed(overlay, &workload)).collect();
        let open = sides(overlay).into_iter().filter(|(_, may_call, may_be_called)| *may_call && *may_be_called);
        // The members of a store talk among themselves, if there are several.
        let (own, open): (Vec<Edge>, Vec<Edge>) =
            open.map(|(edge, ..)| edge).partition(|(caller, callee, _)| caller == callee);
        let between = |(caller, callee, _): &&Edge| caller != callee;
        assert_eq!(
            open.into_iter().collect::<BTreeSet<_>>(),
            needed.iter().filter(between).cloned().collect(),
            "{}",
            overlay.name
        );
        let missing: Vec<&Edge> = needed.iter().filter(|edge| !between(edge) && !own.contains(edge)).collect();
        assert!(missing.is_empty(), "{}: closed among themselves: {missing:?}", overlay.name);
    }
}

#[test]
fn from_outside_only_what_is_behind_the_ingress_is_reached_and_only_by_the_ingress() {
    let mut faults = Faults::default();
    for overlay in overlays() {
        let policies = Policies::of(overlay);
        let routed: BTreeSet<Edge> = crate::routes::table(overlay)
            .into_iter()
            .map(|route| overlay.of_kind("Service").find(|service| service.name() == route.service).unwrap())
            .map(|service| behind(overlay, service, 3000))
            .map(|(callee, port)| ("outside".to_owned(), callee, port))
            .collect();
        let open: BTreeSet<Edge> = overlay
            .workloads()
            .flat_map(|workload| {
                let ports = policies.open_to_outside(&workload.labels());
                ports.into_iter().map(move |port| ("outside".to_owned(), name(&workload), port))
            })
            .collect();
        assert_eq!(open, routed, "{}", overlay.name);
        let who = match overlay.of_kind("Ingress").count() {
            0 => json!({"matchLabels": {"ticketing.dev/gateway": "true"}}),
            _ => json!({"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}),
        };
        for policy in overlay.of_kind("NetworkPolicy") {
            let peers = policy.list("/spec/ingress").iter().flat_map(|rule| list(rule, "/from"));
            for peer in peers.filter(|peer| !peer["namespaceSelector"].is_null()) {
                faults.unless(peer["namespaceSelector"] == who, format_args!("{policy} is open to {peer}"));
            }
        }
    }
    faults.assert_none();
}

/// Out of the cluster there is one way: payments to Stripe, on the overlays that take money.
#[test]
fn only_payments_may_leave_the_cluster() {
    for overlay in overlays() {
        let leaving = |policy: &&Object| {
            let peers = policy.list("/spec/egress").iter().flat_map(|rule| list(rule, "/to"));
            peers.filter(|peer| !peer["ipBlock"].is_null()).count() > 0
        };
        let selectors: Vec<&Value> =
            overlay.of_kind("NetworkPolicy").filter(leaving).map(|policy| policy.at("/spec/podSelector")).collect();
        let payments = json!({"matchLabels": {"app": "payments"}});
        let expected: &[&Value] = if overlay.name == "dev" { &[] } else { &[&payments] };
        assert_eq!(selectors, expected, "{}", overlay.name);
    }
}
