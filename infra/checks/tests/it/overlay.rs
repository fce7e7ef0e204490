//! The overlays as kustomize renders them, once per process, and what the pods in them are given.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::tools::{KUSTOMIZE, on_path};

/// The name under which `prod` is rendered with the routes as Gateway API.
pub const WITH_GATEWAY_API: &str = "prod with gateway-api";

/// The name under which `dev` is rendered as the load of the cluster test needs it.
pub const WITH_LOAD: &str = "dev with load";

/// The name under which `prod` is rendered with a collector of traces.
pub const WITH_TRACES: &str = "prod with traces";
const WITH_METRICS: &str = "prod with metrics";

/// A rendered overlay.
pub struct Overlay {
    /// Its folder's name.
    pub name: &'static str,
    /// As it would be sent to a cluster.
    pub text: String,
    objects: Vec<Value>,
}

/// A container of an overlay.
#[derive(Clone, Copy)]
pub struct Container<'a> {
    overlay: &'a Overlay,
    /// The Deployment, StatefulSet, Job or CronJob.
    pub workload: &'a Value,
    /// The pod template.
    pub pod: &'a Value,
    /// The container itself.
    pub value: &'a Value,
}

/// Every overlay, and those to which components were added.
pub fn overlays() -> &'static [Overlay] {
    static RENDERED: LazyLock<Vec<Overlay>> = LazyLock::new(|| {
        let folder = |name| root().join("infra/k8s/overlays").join(name);
        vec![
            render("dev", &folder("dev")),
            render("prod", &folder("prod")),
            with_components(WITH_GATEWAY_API, "prod", &["gateway-api", "envoy-gateway"]),
            with_components(WITH_LOAD, "dev", &["load"]),
            with_components(WITH_TRACES, "prod", &["traces"]),
            with_components(WITH_METRICS, "prod", &["metrics"]),
        ]
    });
    &RENDERED
}

/// The overlay with this name.
pub fn overlay(name: &str) -> &'static Overlay {
    overlays().iter().find(|overlay| overlay.name == name).unwrap()
}

/// Every container of every overlay.
pub fn containers() -> impl Iterator<Item = Container<'static>> {
    overlays().iter().flat_map(Overlay::containers)
}

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// What somebody writes who needs more than an overlay has: one over it, with components.
fn with_components(name: &'static str, overlay: &str, components: &[&str]) -> Overlay {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    // kustomize takes no absolute paths.
    let up = "../".repeat(path.components().count() - 1);
    let k8s = root().join("infra/k8s").display().to_string();
    let from_here = |path: &str| format!("{up}{}/{path}", k8s.trim_start_matches('/'));
    let kustomization = json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [from_here(&format!("overlays/{overlay}"))],
        "components": components.iter().map(|name| from_here(&format!("components/{name}"))).collect::<Vec<_>>(),
    });
    fs::write(path.join("kustomization.yaml"), kustomization.to_string()).unwrap();
    render(name, &path)
}

fn render(name: &'static str, folder: &Path) -> Overlay {
    // kubectl has kustomize built in.
    let mut command = if on_path("kubectl") {
        Command::new("kubectl")
    } else {
        Command::new(KUSTOMIZE.find().expect("kubectl, kustomize or Go is needed to render overlays"))
    };
    let subcommand = if command.get_program() == "kubectl" { "kustomize" } else { "build" };
    let output = command.arg(subcommand).arg(folder).output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && message.is_empty(), "the overlay {name}: {message}");
    let text = String::from_utf8(output.stdout).unwrap();
    let documents = serde_norway::Deserializer::from_str(&text);
    let objects = documents.map(|document| Value::deserialize(document).unwrap()).collect();
    Overlay { name, text, objects }
}

impl Overlay {
    /// Its objects of this kind.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.objects.iter().filter(move |object| object["kind"] == kind)
    }

    /// The object of this kind and name.
    pub fn object(&self, kind: &str, name: &Value) -> &Value {
        let found = self.of_kind(kind).find(|object| object["metadata"]["name"] == *name);
        found.unwrap_or_else(|| panic!("{} has no {kind} {name}", self.name))
    }

    /// Every container in it.
    pub fn containers(&self) -> impl Iterator<Item = Container<'_>> {
        self.objects.iter().flat_map(move |workload| {
            let template = match workload["kind"].as_str().unwrap() {
                "Deployment" | "StatefulSet" | "Job" => &workload["spec"]["template"],
                "CronJob" => &workload["spec"]["jobTemplate"]["spec"]["template"],
                _ => &Value::Null,
            };
            let pod = &template["spec"];
            let values = list(&pod["initContainers"]).iter().chain(list(&pod["containers"]));
            values.map(move |value| Container { overlay: self, workload, pod: template, value })
        })
    }

    /// The container with this name.
    pub fn container(&self, name: &str) -> Container<'_> {
        self.containers().find(|container| container.name() == name).unwrap()
    }
}

impl Container<'_> {
    /// Its name: for a service, the service's.
    pub fn name(&self) -> &str {
        text(&self.value["name"])
    }

    /// Where it is, for messages: `prod: Deployment auth-depl`.
    pub fn place(&self) -> String {
        let Value::String(kind) = &self.workload["kind"] else { unreachable!() };
        format!("{}: {kind} {}", self.overlay.name, text(&self.workload["metadata"]["name"]))
    }

    /// Its variables as the cluster would fill them in, with a sample for each Secret.
    pub fn environment(&self) -> BTreeMap<String, String> {
        let mut environment = BTreeMap::new();
        for variable in list(&self.value["env"]) {
            let value = match &variable["value"] {
                Value::String(value) => filled_in(value, &environment),
                _ => self.referred(&variable["valueFrom"]),
            };
            environment.insert(text(&variable["name"]).to_owned(), value);
        }
        environment
    }

    fn referred(&self, from: &Value) -> String {
        let (secret, config_map) = (&from["secretKeyRef"], &from["configMapKeyRef"]);
        if secret.is_object() {
            // Letters and digits, as those that are made, and as many as a key of sessions needs.
            let name = format!("k{:0>32}{}", text(&secret["name"]), text(&secret["key"]));
            return name.chars().filter(char::is_ascii_alphanumeric).collect();
        }
        if config_map.is_object() {
            let map = self.overlay.object("ConfigMap", &config_map["name"]);
            return text(&map["data"][text(&config_map["key"])]).to_owned();
        }
        let path = text(&from["fieldRef"]["fieldPath"]);
        match path.strip_prefix("metadata.labels['") {
            Some(label) => text(&self.pod["metadata"]["labels"][label.trim_end_matches("']")]).to_owned(),
            None => format!("sample-of-{path}"),
        }
    }

    /// Writes the files that a ConfigMap puts into this folder of the container.
    pub fn write_files(&self, mount_path: &str, folder: &Path) {
        let mount = list(&self.value["volumeMounts"]).iter().find(|mount| mount["mountPath"] == mount_path).unwrap();
        let volumes = list(&self.pod["spec"]["volumes"]);
        let volume = volumes.iter().find(|volume| volume["name"] == mount["name"]).unwrap();
        let map = self.overlay.object("ConfigMap", &volume["configMap"]["name"]);
        for (file, content) in map["data"].as_object().unwrap() {
            fs::write(folder.join(file), text(content)).unwrap();
        }
    }
}

/// Replaces `$(NAME)` by the variable. One that refers to nothing known stays as it stands, as on the cluster.
fn filled_in(value: &str, environment: &BTreeMap<String, String>) -> String {
    environment.iter().fold(value.to_owned(), |value, (name, known)| value.replace(&format!("$({name})"), known))
}

/// A list, which may be missing.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// A text, which may be missing.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Fails with every problem, rather than with the first.
#[track_caller]
pub fn assert_none(problems: Vec<String>) {
    assert!(problems.is_empty(), "\n  {}\n", problems.join("\n  "));
}
