//! What makes pods, and the containers in them.

use std::fmt;

use serde_json::Value;

use crate::object::{self, Labels};
use crate::{Object, overlays};

/// A Deployment, StatefulSet, Job or CronJob.
#[derive(Clone, Copy, Debug)]
pub struct Workload<'a> {
    /// The object itself.
    pub object: &'a Object,
    template: &'a Value,
}

/// A container of a workload, or an init container.
#[derive(Clone, Copy, Debug)]
pub struct Container<'a> {
    /// Whose it is.
    pub workload: Workload<'a>,
    /// Whether it runs before the others, and ends.
    pub is_init: bool,
    value: &'a Value,
}

impl<'a> Workload<'a> {
    /// The object as a workload, if it is one.
    pub fn of(object: &'a Object) -> Option<Self> {
        let template = match object.kind() {
            "Deployment" | "StatefulSet" | "Job" => "/spec/template",
            "CronJob" => "/spec/jobTemplate/spec/template",
            _ => return None,
        };
        Some(Self { object, template: object.at(template) })
    }

    /// The pods' labels.
    pub fn labels(&self) -> Labels {
        object::labels(object::at(self.template, "/metadata/labels"))
    }

    /// What stands at a JSON pointer in the pods' `spec`.
    pub fn pod(&self, pointer: &str) -> &'a Value {
        object::at(self.template, &format!("/spec{pointer}"))
    }

    /// Every container, the init containers first.
    pub fn containers(&self) -> Vec<Container<'a>> {
        let of = |list, is_init| {
            let values = object::list(self.template, list).iter();
            values.map(move |value| Container { workload: *self, is_init, value })
        };
        of("/spec/initContainers", true).chain(of("/spec/containers", false)).collect()
    }

    /// Whether it is to run for ever.
    pub fn is_long_running(&self) -> bool {
        matches!(self.object.kind(), "Deployment" | "StatefulSet")
    }

    /// The service that it runs, if it is one of ours.
    pub fn service(&self) -> Option<&'a str> {
        self.object.name().strip_suffix("-depl")
    }
}

impl fmt::Display for Workload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.object.fmt(f)
    }
}

impl<'a> Container<'a> {
    /// Its name.
    pub fn name(&self) -> &'a str {
        self.text("/name")
    }

    /// What stands at a JSON pointer: null if nothing does.
    pub fn at(&self, pointer: &str) -> &'a Value {
        object::at(self.value, pointer)
    }

    /// The text at a JSON pointer: empty if there is none.
    pub fn text(&self, pointer: &str) -> &'a str {
        self.at(pointer).as_str().unwrap_or_default()
    }

    /// The list at a JSON pointer: empty if there is none.
    pub fn list(&self, pointer: &str) -> &'a [Value] {
        object::list(self.value, pointer)
    }

    /// The number of a port, given by its name or itself, if the container has it.
    pub fn port(&self, port: &Value) -> Option<u64> {
        let is_it = |own: &&Value| own["containerPort"] == *port || (port.is_string() && own["name"] == *port);
        self.list("/ports").iter().find(is_it)?["containerPort"].as_u64()
    }
}

/// `prod: Deployment auth-depl, container auth`
impl fmt::Display for Container<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, container {}", self.workload, self.name())
    }
}

/// Every workload of every overlay.
pub fn workloads() -> impl Iterator<Item = Workload<'static>> {
    overlays().iter().flat_map(|overlay| overlay.workloads())
}

/// Every container of every workload of every overlay.
pub fn containers() -> impl Iterator<Item = Container<'static>> {
    workloads().flat_map(|workload| workload.containers())
}
