use checks::{Faults, containers, images};

/// Name, and the tag or digest behind it.
fn parts(image: &str) -> (&str, &str) {
    if let Some((name, digest)) = image.split_once('@') {
        return (name, digest);
    }
    match image.rsplit_once(':') {
        // A colon before a slash is a registry's port.
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (image, ""),
    }
}

#[test]
fn every_image_is_a_certain_one() {
    let mut faults = Faults::default();
    for container in containers() {
        let image = container.text("/image");
        let (_, version) = parts(image);
        let is_certain = !version.is_empty() && version != "latest";
        faults.unless(is_certain, format_args!("{container}: {image} is whatever was pushed last"));
    }
    faults.assert_none();
}

#[test]
fn every_image_of_ours_is_used_and_none_is_unknown() {
    for overlay in checks::overlays() {
        let all = overlay.workloads().flat_map(|workload| workload.containers());
        let names = all.map(|container| parts(container.text("/image")).0);
        let ours = names.filter(|name| !["mongo", "nats", "redis"].contains(name));
        let mut used: Vec<&str> = ours.map(|name| name.rsplit('/').next().unwrap()).collect();
        used.sort_unstable();
        used.dedup();
        let mut wanted = images();
        wanted.sort_unstable();
        assert_eq!(used, wanted, "{}", overlay.name);
    }
}

#[test]
fn a_services_deployment_container_image_and_label_have_its_name() {
    let mut faults = Faults::default();
    for overlay in checks::overlays() {
        for service in infra_local::fleet::SERVICES {
            let workload = overlay.workload(&format!("{service}-depl"));
            let label = workload.labels().get("app").cloned();
            faults.unless(label.as_deref() == Some(service), format_args!("{workload} has the label app: {label:?}"));
            for container in workload.containers() {
                let image = parts(container.text("/image")).0.rsplit('/').next().unwrap_or_default();
                let is_named = container.name() == service && image == service;
                faults.unless(is_named, format_args!("{container} runs the image {image}"));
            }
        }
    }
    faults.assert_none();
}
