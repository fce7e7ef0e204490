//! The crates of the workspace, and which of them stand on which.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// Every crate, as cargo tells.
pub struct Workspace(pub Vec<Member>);

/// A crate of the workspace.
pub struct Member {
    pub name: String,
    /// From the root, with a slash at its end.
    pub folder: String,
    /// What its programs are made of.
    pub uses: BTreeSet<String>,
    /// What only its tests are made of.
    pub tested_with: BTreeSet<String>,
}

impl Workspace {
    pub fn read() -> Result<Self> {
        let arguments = ["metadata", "--no-deps", "--format-version=1"];
        let output = infra_local::cargo::command().args(arguments).output().context("cargo cannot be run")?;
        ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim());
        let metadata: Metadata = serde_json::from_slice(&output.stdout)?;
        let members = metadata.packages.into_iter().map(|package| package.into_member(&metadata.workspace_root));
        Ok(Self(members.collect::<Result<_>>()?))
    }

    /// The crate that a file belongs to.
    pub fn owner(&self, file: &str) -> Option<&str> {
        let owner = self.0.iter().find(|member| file.starts_with(&member.folder));
        owner.map(|member| member.name.as_str())
    }

    /// The crates that changed, and all whose programs or tests they are a part of, each with the reason.
    pub fn concerned(&self, changed: BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut concerned = changed;
        // Whoever uses a crate that is another one is another one too.
        loop {
            let users = self.others(&concerned, "uses", |member| &member.uses);
            if users.is_empty() {
                break;
            }
            concerned.extend(users);
        }
        // Whoever is only tested with it is the same as before to those who use it, so this goes one step.
        concerned.extend(self.others(&concerned, "is tested with", |member| &member.tested_with));
        concerned
    }

    /// The crates that are not among these and have one of them as a part.
    fn others(
        &self,
        known: &BTreeMap<String, String>,
        how: &str,
        parts: fn(&Member) -> &BTreeSet<String>,
    ) -> BTreeMap<String, String> {
        let others = self.0.iter().filter(|member| !known.contains_key(&member.name));
        let with_part = others.filter_map(|member| {
            let part = parts(member).iter().find(|part| known.contains_key(*part))?;
            Some((member.name.clone(), format!("{how} {part}")))
        });
        with_part.collect()
    }
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_root: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// Set for those in the workspace.
    path: Option<PathBuf>,
    /// `dev`, `build`, or nothing.
    kind: Option<String>,
}

impl Package {
    fn into_member(self, root: &Path) -> Result<Member> {
        let folder = self.manifest_path.parent().and_then(|folder| folder.strip_prefix(root).ok());
        let folder = folder.with_context(|| format!("{} is not in the workspace's folder", self.name))?;
        // A crate may be tested with more features of itself.
        let own = self.dependencies.into_iter().filter(|it| it.path.is_some() && it.name != self.name);
        let (dev, uses): (Vec<_>, Vec<_>) = own.partition(|dependency| dependency.kind.as_deref() == Some("dev"));
        let names = |list: Vec<Dependency>| list.into_iter().map(|dependency| dependency.name).collect();
        Ok(Member {
            name: self.name,
            folder: format!("{}/", folder.display()),
            uses: names(uses),
            tested_with: names(dev),
        })
    }
}
