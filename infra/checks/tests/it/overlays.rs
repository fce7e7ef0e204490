use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use checks::overlay::WITH_GATEWAY_API;
use checks::tools::{KUBECONFORM, find_or_leave_out, leave_out};
use checks::{Faults, Overlay, overlays};

/// Kinds that do not belong to Kubernetes itself.
const OF_OTHER_PROJECTS: &str = "HTTPRoute";

#[test]
fn every_overlay_renders() {
    let names: Vec<&str> = overlays().iter().map(|overlay| overlay.name.as_str()).collect();
    assert_eq!(names, ["dev", "prod", WITH_GATEWAY_API]);
}

#[test]
fn everything_is_in_the_namespace_and_belongs_to_the_platform() {
    let mut faults = Faults::default();
    for object in overlays().iter().flat_map(|overlay| &overlay.objects) {
        let is_at_home = object.kind() == "Namespace" || object.text("/metadata/namespace") == "ticketing";
        faults.unless(is_at_home, format_args!("{object} is not in the namespace ticketing"));
        let part_of = object.text("/metadata/labels/app.kubernetes.io~1part-of");
        faults
            .unless(part_of == "ticketing", format_args!("{object} has no label app.kubernetes.io/part-of: ticketing"));
    }
    faults.assert_none();
}

#[test]
fn no_object_is_there_twice() {
    for overlay in overlays() {
        let mut seen = BTreeSet::new();
        for object in &overlay.objects {
            assert!(seen.insert((object.kind(), object.name())), "{object} is there twice");
        }
    }
}

#[test]
fn the_kubernetes_api_takes_every_overlay() {
    let what = "overlays against the schemas of the Kubernetes API";
    let Ok(schemas) = std::env::var("KUBECONFORM_SCHEMAS") else {
        return leave_out(what, "KUBECONFORM_SCHEMAS does not say where the schemas are");
    };
    let Some(kubeconform) = find_or_leave_out(&KUBECONFORM, what) else { return };
    for version in versions(&schemas) {
        for overlay in overlays() {
            validate(&kubeconform, &schemas, &version, overlay);
        }
    }
}

/// The versions of the API whose schemas are in the folder before the template's first placeholder; the newest for
/// kubeconform's own schemas, which it fetches.
fn versions(schemas: &str) -> BTreeSet<String> {
    if schemas == "default" {
        return ["master".to_owned()].into();
    }
    let folder = schemas.split("{{").next().unwrap_or_default();
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("KUBECONFORM_SCHEMAS: {folder}: {error}"));
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let versions: BTreeSet<String> =
        names.filter_map(|name| Some(name.strip_prefix('v')?.split('-').next()?.to_owned())).collect();
    assert!(!versions.is_empty(), "KUBECONFORM_SCHEMAS: {folder} has no folder such as v1.34.0");
    versions
}

fn validate(kubeconform: &Path, schemas: &str, version: &str, overlay: &Overlay) {
    let mut child = Command::new(kubeconform)
        .args(["-strict", "-schema-location", schemas, "-kubernetes-version", version, "-skip", OF_OTHER_PROJECTS, "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(overlay.text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{} on {version}:\n{}", overlay.name, String::from_utf8_lossy(&said));
}
