//! The repository's own files.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

/// The repository's root.
pub fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the repository is where it was built")
}

/// The text of a file.
pub fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The Rust that the workspace wants: `1.95`
pub fn rust_version() -> String {
    let manifest = read("Cargo.toml");
    let line = manifest.lines().find_map(|line| line.strip_prefix("rust-version = "));
    line.expect("the workspace says which Rust it wants").trim_matches('"').to_owned()
}

/// Every file that git knows, or would if it were told: those that it ignores are none of ours.
pub fn files() -> Vec<String> {
    let list = ["ls-files", "--cached", "--others", "--exclude-standard"];
    let output = Command::new("git").args(list).current_dir(root()).output().expect("git runs");
    assert!(output.status.success(), "git ls-files: {}", String::from_utf8_lossy(&output.stderr));
    let listed = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect::<Vec<_>>();
    // A file that was deleted is listed until that is committed.
    listed.into_iter().filter(|path| root().join(path).exists()).collect()
}

/// A crate of the workspace.
#[derive(Clone, Debug)]
pub struct Crate {
    /// Its name.
    pub name: String,
    /// Its folder, from the root.
    pub folder: String,
    /// The crates of the workspace that its programs are made of.
    pub uses: Vec<String>,
}

/// Every crate of the workspace.
pub fn crates() -> Vec<Crate> {
    let metadata = ["metadata", "--no-deps", "--format-version=1", "--offline"];
    let output = infra_local::cargo::command().args(metadata).output().expect("cargo runs");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Metadata = serde_json::from_slice(&output.stdout).expect("cargo's own format");
    metadata.packages.into_iter().map(Package::into_crate).collect()
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
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
    path: Option<PathBuf>,
    kind: Option<String>,
    optional: bool,
}

impl Package {
    fn into_crate(self) -> Crate {
        let folder =
            self.manifest_path.parent().expect("a manifest is in a folder").canonicalize().expect("it is there");
        let folder = folder.strip_prefix(root()).expect("every member is in the repository").display().to_string();
        let of_its_programs = |it: &Dependency| it.path.is_some() && it.kind.is_none() && !it.optional;
        let uses = self.dependencies.into_iter().filter(of_its_programs).map(|it| it.name).collect();
        Crate { name: self.name, folder, uses }
    }
}
