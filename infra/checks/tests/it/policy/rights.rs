use checks::{Faults, containers, overlays, workloads};
use serde_json::json;

#[test]
fn no_pod_runs_as_root_or_may_call_the_kubernetes_api() {
    let mut faults = Faults::default();
    for workload in workloads() {
        let pod = |pointer: &str| workload.pod(pointer);
        let is_root = pod("/securityContext/runAsNonRoot") != true || pod("/securityContext/runAsUser") == 0;
        faults.unless(!is_root, format_args!("{workload} may run as root"));
        let is_filtered = pod("/securityContext/seccompProfile/type") == "RuntimeDefault";
        faults.unless(is_filtered, format_args!("{workload} may make any system call (seccompProfile)"));
        let has_no_token = pod("/automountServiceAccountToken") == false;
        faults.unless(has_no_token, format_args!("{workload} is given a token of its service account"));
        for host in ["hostNetwork", "hostPID", "hostIPC"] {
            let is_apart = pod(&format!("/{host}")).is_null();
            faults.unless(is_apart, format_args!("{workload} has {host}"));
        }
        let volumes = pod("/volumes").as_array().into_iter().flatten();
        let host_paths = volumes.filter(|volume| !volume["hostPath"].is_null()).count();
        faults.unless(host_paths == 0, format_args!("{workload} mounts a folder of the node"));
    }
    faults.assert_none();
}

#[test]
fn no_container_has_a_capability_or_writes_outside_its_volumes() {
    let mut faults = Faults::default();
    for container in containers() {
        let own = |pointer: &str| container.at(&format!("/securityContext{pointer}"));
        let is_bound = own("/allowPrivilegeEscalation") == false && own("/privileged").is_null();
        faults.unless(is_bound, format_args!("{container} may gain privileges"));
        let has_none = *own("/capabilities") == json!({"drop": ["ALL"]});
        faults.unless(has_none, format_args!("{container} keeps capabilities"));
        faults.unless(own("/readOnlyRootFilesystem") == true, format_args!("{container} may write into its image"));
        // Set for the pod; a container must not undo it.
        let is_as_its_pod = ["/runAsNonRoot", "/runAsUser", "/seccompProfile"].iter().all(|it| own(it).is_null());
        faults.unless(is_as_its_pod, format_args!("{container} is no longer what its pod says"));
    }
    faults.assert_none();
}

#[test]
fn the_namespace_takes_restricted_pods_only() {
    for overlay in overlays() {
        let namespaces: Vec<_> = overlay.of_kind("Namespace").collect();
        let [namespace] = namespaces.as_slice() else { panic!("{}: {namespaces:?}", overlay.name) };
        assert_eq!(namespace.name(), "ticketing");
        assert_eq!(namespace.text("/metadata/labels/pod-security.kubernetes.io~1enforce"), "restricted");
    }
}
