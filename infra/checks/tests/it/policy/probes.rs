use checks::{Container, Faults, containers};

const PROBES: [&str; 3] = ["startupProbe", "readinessProbe", "livenessProbe"];

fn of_long_running() -> impl Iterator<Item = Container<'static>> {
    containers().filter(|container| container.workload.is_long_running() && !container.is_init)
}

#[test]
fn every_long_running_container_has_all_three_probes_on_a_port_that_it_has() {
    let mut faults = Faults::default();
    for container in of_long_running() {
        for probe in PROBES {
            let port = ["httpGet", "tcpSocket"].map(|how| container.at(&format!("/{probe}/{how}/port")));
            let is_known = port.iter().any(|port| container.port(port).is_some());
            faults.unless(is_known, format_args!("{container} has no {probe}, or not on a port of its own"));
        }
    }
    faults.assert_none();
}

#[test]
fn services_are_probed_on_the_admin_port_which_knows_life_from_readiness() {
    let mut faults = Faults::default();
    for container in of_long_running().filter(|container| container.workload.service().is_some()) {
        for (probe, path) in PROBES.into_iter().zip(["/healthz", "/readyz", "/healthz"]) {
            let get = container.at(&format!("/{probe}/httpGet"));
            let is_right = get["path"] == path && get["port"] == "admin";
            faults.unless(is_right, format_args!("{container}: its {probe} is {get}, not {path} on the admin port"));
        }
    }
    faults.assert_none();
}
