//! The overlays, rendered once per process.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::Value;

use crate::repository::{read, root};
use crate::tools::{self, KUSTOMIZE};
use crate::{Object, Workload};

const OVERLAYS: &str = "infra/k8s/overlays";
const GATEWAY_API: &str = "infra/k8s/components/gateway-api";

/// The name under which `prod` is rendered with the routes as Gateway API.
pub const WITH_GATEWAY_API: &str = "prod with gateway-api";

/// A rendered overlay.
#[derive(Debug)]
pub struct Overlay {
    /// Its folder's name.
    pub name: String,
    /// As it would be sent to a cluster.
    pub text: String,
    /// Everything in it.
    pub objects: Vec<Object>,
}

impl Overlay {
    /// Its objects of this kind.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Object> {
        self.objects.iter().filter(move |object| object.kind() == kind)
    }

    /// Whatever makes pods.
    pub fn workloads(&self) -> impl Iterator<Item = Workload<'_>> {
        self.objects.iter().filter_map(Workload::of)
    }

    /// The workload with this name.
    ///
    /// # Panics
    /// When there is none.
    pub fn workload(&self, name: &str) -> Workload<'_> {
        let found = self.workloads().find(|workload| workload.object.name() == name);
        found.unwrap_or_else(|| panic!("{} has no {name}", self.name))
    }
}

/// Every overlay, and `prod` with the component `gateway-api`.
///
/// # Panics
/// When one does not render, or nothing is there to render it.
pub fn overlays() -> &'static [Overlay] {
    static RENDERED: LazyLock<Result<Vec<Overlay>>> = LazyLock::new(render_all);
    RENDERED.as_ref().unwrap_or_else(|error| panic!("{error:#}"))
}

/// The overlay with this name.
///
/// # Panics
/// When there is none.
pub fn overlay(name: &str) -> &'static Overlay {
    overlays().iter().find(|overlay| overlay.name == name).unwrap_or_else(|| panic!("there is no overlay {name}"))
}

fn render_all() -> Result<Vec<Overlay>> {
    let mut overlays = Vec::new();
    for folder in fs::read_dir(root().join(OVERLAYS))? {
        let folder = folder?;
        overlays.push(render(&folder.file_name().to_string_lossy(), &folder.path())?);
    }
    overlays.sort_by(|one, other| one.name.cmp(&other.name));
    overlays.push(with_gateway_api()?);
    Ok(overlays)
}

/// What somebody writes who has no ingress-nginx: an overlay over `prod` with the component.
fn with_gateway_api() -> Result<Overlay> {
    let folder = tempfile::tempdir()?;
    let folder = folder.path().canonicalize()?;
    // kustomize takes no absolute paths.
    let up: String = folder.components().skip(1).map(|_| "../").collect();
    let from_here = |path: &str| format!("{up}{}", root().join(path).display().to_string().trim_start_matches('/'));
    let kustomization = serde_json::json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [from_here("infra/k8s/overlays/prod")],
        "components": [from_here(GATEWAY_API)],
    });
    fs::write(folder.join("kustomization.yaml"), kustomization.to_string())?;
    render(WITH_GATEWAY_API, &folder)
}

fn render(name: &str, folder: &Path) -> Result<Overlay> {
    let program = tools::find(&KUSTOMIZE)?;
    let build = if program.ends_with("kubectl") { "kustomize" } else { "build" };
    let output = Command::new(&program).arg(build).arg(folder).output()?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the overlay {name} does not render: {}", complaint.trim());
    ensure!(complaint.trim().is_empty(), "the overlay {name} renders with a warning: {}", complaint.trim());
    let text = String::from_utf8(output.stdout)?;
    let objects = documents(&text).with_context(|| format!("the overlay {name} is no YAML"))?;
    let objects = objects.into_iter().map(|value| Object::new(name, value)).collect();
    Ok(Overlay { name: name.to_owned(), text, objects })
}

/// The documents of a YAML text.
///
/// # Errors
/// When it is none.
pub fn documents(text: &str) -> Result<Vec<Value>> {
    serde_norway::Deserializer::from_str(text).map(|document| Ok(Value::deserialize(document)?)).collect()
}

/// The only document of a YAML file of the repository.
///
/// # Panics
/// When it is not there, or is no YAML.
pub fn yaml(path: &str) -> Value {
    serde_norway::from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
