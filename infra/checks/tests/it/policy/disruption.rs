use checks::object::selects;
use checks::{Faults, Overlay, Workload, overlays};

/// The fewest replicas that a workload has.
fn replicas(overlay: &Overlay, workload: &Workload) -> u64 {
    let scales = |name: &str| name == workload.object.name();
    let mut autoscalers = overlay.of_kind("HorizontalPodAutoscaler");
    match autoscalers.find(|autoscaler| scales(autoscaler.text("/spec/scaleTargetRef/name"))) {
        Some(autoscaler) => autoscaler.at("/spec/minReplicas").as_u64().unwrap_or(1),
        None => workload.object.at("/spec/replicas").as_u64().unwrap_or(1),
    }
}

#[test]
fn every_budget_is_for_one_workload_and_lets_nodes_be_drained() {
    let mut faults = Faults::default();
    for overlay in overlays() {
        for budget in overlay.of_kind("PodDisruptionBudget") {
            let selector = budget.at("/spec/selector");
            let owners: Vec<Workload> = overlay.workloads().filter(|it| selects(selector, &it.labels())).collect();
            faults.unless(owners.len() == 1, format_args!("{budget} is for {} workloads", owners.len()));
            let spare = budget.at("/spec/maxUnavailable").as_u64().unwrap_or_default();
            faults.unless(spare > 0, format_args!("{budget} lets nothing be moved"));
        }
    }
    faults.assert_none();
}

#[test]
fn whatever_has_several_replicas_has_a_budget() {
    let mut faults = Faults::default();
    for overlay in overlays() {
        for workload in overlay.workloads().filter(Workload::is_long_running) {
            let mut budgets = overlay.of_kind("PodDisruptionBudget");
            let has_one = budgets.any(|budget| selects(budget.at("/spec/selector"), &workload.labels()));
            let needs_one = replicas(overlay, &workload) > 1;
            faults.unless(has_one || !needs_one, format_args!("{workload} may lose all its replicas at once"));
        }
    }
    faults.assert_none();
}
