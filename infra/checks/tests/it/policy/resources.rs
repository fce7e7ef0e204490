use checks::{Faults, containers, overlays};

#[test]
fn every_container_asks_for_processor_and_memory_and_is_limited_in_both() {
    let mut faults = Faults::default();
    for container in containers() {
        for resource in ["requests/cpu", "requests/memory", "limits/cpu", "limits/memory"] {
            let is_given = !container.at(&format!("/resources/{resource}")).is_null();
            faults.unless(is_given, format_args!("{container} has no {resource}"));
        }
    }
    faults.assert_none();
}

#[test]
fn every_autoscaler_scales_a_deployment_that_leaves_its_replicas_to_it() {
    let mut faults = Faults::default();
    for overlay in overlays() {
        for autoscaler in overlay.of_kind("HorizontalPodAutoscaler") {
            let target = autoscaler.text("/spec/scaleTargetRef/name");
            let workload = overlay.workloads().find(|workload| workload.object.name() == target);
            let Some(workload) = workload else {
                faults.add(format_args!("{autoscaler}: there is no {target}"));
                continue;
            };
            // Otherwise every apply would set them back.
            let is_left = workload.object.at("/spec/replicas").is_null();
            faults
                .unless(is_left, format_args!("{workload} says how many replicas it has, and so does its autoscaler"));
        }
    }
    faults.assert_none();
}
