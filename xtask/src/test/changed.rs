//! Which crates a change concerns.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::workspace::Workspace;

/// Tested whatever changed, unless it was only words: the stories of the whole platform.
const STORIES: &str = "e2e";

/// Tested whatever changed: what must be true of the files that are in no crate.
const CHECKS: &str = "checks";

/// Files outside the crates that they are compiled into.
const COMPILED_IN: [(&str, &str); 3] = [
    ("infra/k8s/base/ingress.yaml", "infra-local"),
    ("infra/k8s/overlays/prod/kustomization.yaml", "xtask"),
    ("infra/k8s/secrets.json", "xtask"),
];

/// Files that `checks` is about and no crate is made of.
const CHECKED: [&str; 4] = ["infra/", ".github/", "skaffold.yaml", ".dockerignore"];

/// What is to be tested, with the reasons.
#[derive(Debug, PartialEq)]
pub enum Scope {
    /// All crates, for this reason.
    Everything(String),
    /// These crates, each for its reason.
    Crates(BTreeMap<String, String>),
}

impl Scope {
    /// The crates that somebody named.
    pub fn only(names: &[String]) -> Self {
        Self::Crates(names.iter().map(|name| (name.clone(), "named".to_owned())).collect())
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything(reason) => writeln!(f, "everything: {reason}"),
            Self::Crates(crates) => crates.iter().try_for_each(|(name, reason)| writeln!(f, "{name:<12} {reason}")),
        }
    }
}

/// What is to be tested because of the changes since a commit, those included that are in no commit yet.
///
/// # Errors
/// When git cannot be run.
pub fn since(commit: &str, workspace: &Workspace) -> Result<Scope> {
    // A branch that is new to the server has no commit before it; a shallow clone has only one.
    if git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{commit}^{{commit}}")])?.is_none() {
        return Ok(Scope::Everything(format!("there is no commit `{commit}` here to compare with")));
    }
    let Some(committed) = git(&["diff", "--name-only", "--no-renames", &format!("{commit}...HEAD"), "--"])? else {
        return Ok(Scope::Everything(format!("`{commit}` and this have no commit in common here")));
    };
    let changed = git(&["diff", "--name-only", "--no-renames", "HEAD", "--"])?.unwrap_or_default();
    let new = git(&["ls-files", "--others", "--exclude-standard"])?.unwrap_or_default();
    Ok(scope(&[committed, changed, new].concat(), workspace))
}

/// The lines that git prints; nothing if it fails.
fn git(arguments: &[&str]) -> Result<Option<Vec<String>>> {
    // In the root, from where all names are told.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let output = Command::new("git").args(["-c", "core.quotePath=off"]).args(arguments).current_dir(root).output();
    let output = output.context("git cannot be run")?;
    let lines = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    Ok(output.status.success().then_some(lines))
}

fn scope(files: &[String], workspace: &Workspace) -> Scope {
    let mut changed: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut only_words = true;
    for file in files {
        let compiled_in = COMPILED_IN.iter().find(|(path, _)| path == file).map(|(_, name)| *name);
        if let Some(name) = workspace.owner(file).or(compiled_in) {
            changed.entry(name.to_owned()).or_default().insert(file);
            only_words = false;
        } else if file.ends_with(".md") || file == "LICENSE" {
            continue;
        } else if CHECKED.iter().any(|start| file.starts_with(start)) {
            only_words = false;
        } else {
            return Scope::Everything(format!("{file} concerns every crate"));
        }
    }
    let changed = changed.into_iter().map(|(name, files)| (name, reason(&files))).collect();
    let mut crates = workspace.concerned(changed);
    let always = if only_words { vec![CHECKS] } else { vec![CHECKS, STORIES] };
    for name in always {
        crates.entry(name.to_owned()).or_insert_with(|| "always".to_owned());
    }
    Scope::Crates(crates)
}

fn reason(files: &BTreeSet<&str>) -> String {
    match files.first() {
        Some(file) if files.len() == 1 => format!("{file} changed"),
        Some(file) => format!("{file} and {} more changed", files.len() - 1),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Component, Path, PathBuf};

    use super::{COMPILED_IN, Scope, git, scope};
    use crate::test::workspace::{Member, Workspace};

    fn member(name: &str, folder: &str, uses: &[&str], tested_with: &[&str]) -> Member {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Member { name: name.into(), folder: folder.into(), uses: set(uses), tested_with: set(tested_with) }
    }

    fn workspace() -> Workspace {
        Workspace(vec![
            member("common", "common/", &["infra-local"], &[]),
            member("tickets", "tickets/", &["common"], &["infra-local"]),
            member("client", "client/", &["common"], &["tickets"]),
            member("infra-local", "infra/local/", &[], &[]),
            member("xtask", "xtask/", &["common"], &[]),
            member("stand", "stand/", &["client"], &[]),
            member("e2e", "e2e/", &["common"], &[]),
            member("checks", "infra/checks/", &[], &["tickets"]),
        ])
    }

    fn chosen(files: &[&str]) -> Vec<String> {
        match scope(&files.iter().map(|file| (*file).to_owned()).collect::<Vec<_>>(), &workspace()) {
            Scope::Crates(crates) => crates.into_keys().collect(),
            Scope::Everything(reason) => vec![reason],
        }
    }

    #[test]
    fn a_changed_crate_brings_those_that_are_tested_with_it_but_not_their_users() {
        assert_eq!(chosen(&["tickets/src/lib.rs", "tickets/README.md"]), ["checks", "client", "e2e", "tickets"]);
    }

    #[test]
    fn a_changed_crate_brings_all_that_are_made_of_it() {
        let all = ["checks", "client", "common", "e2e", "stand", "tickets", "xtask"];
        assert_eq!(chosen(&["common/src/nats.rs"]), all);
    }

    #[test]
    fn a_file_of_the_root_concerns_everything() {
        for file in ["Cargo.lock", "Cargo.toml", "clippy.toml", ".cargo/config.toml", "something.new"] {
            assert_eq!(chosen(&["tickets/src/lib.rs", file]), [format!("{file} concerns every crate")]);
        }
    }

    #[test]
    fn manifests_and_workflows_are_checked_and_tried() {
        for file in
            ["infra/k8s/base/auth.yaml", "infra/docker/Dockerfile", ".github/workflows/tests.yaml", "skaffold.yaml"]
        {
            assert_eq!(chosen(&[file]), ["checks", "e2e"]);
        }
    }

    #[test]
    fn words_and_nothing_at_all_are_checked_only() {
        assert_eq!(chosen(&["README.md", "infra/README.md", "LICENSE"]), ["checks"]);
        assert_eq!(chosen(&[]), ["checks"]);
    }

    #[test]
    fn a_file_that_is_compiled_in_changes_its_crate() {
        assert_eq!(chosen(&["infra/k8s/secrets.json"]), ["checks", "e2e", "xtask"]);
        assert!(chosen(&["infra/k8s/base/ingress.yaml"]).contains(&"infra-local".to_owned()));
    }

    #[test]
    fn every_file_that_is_compiled_into_another_crate_is_listed() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let workspace = Workspace::read().unwrap();
        let sources = git(&["ls-files", "--cached", "--others", "--exclude-standard", "*.rs"]);
        let mut found = Vec::new();
        for source in sources.unwrap().unwrap() {
            let Ok(text) = fs::read_to_string(root.join(&source)) else { continue };
            for included in text.split("include_str!(\"").chain(text.split("include_bytes!(\"")).skip(1) {
                let path = included.split('"').next().unwrap();
                let file = normal(&Path::new(&source).with_file_name("").join(path)).display().to_string();
                if root.join(&file).is_file() && workspace.owner(&file).is_none() {
                    found.push((file, workspace.owner(&source).unwrap().to_owned()));
                }
            }
        }
        found.sort();
        found.dedup();
        assert_eq!(found, COMPILED_IN.map(|(file, name)| (file.to_owned(), name.to_owned())));
    }

    /// Without `..`
    fn normal(path: &Path) -> PathBuf {
        path.components().fold(PathBuf::new(), |mut whole, part| {
            match part {
                Component::ParentDir => drop(whole.pop()),
                part => whole.push(part),
            }
            whole
        })
    }

    #[test]
    fn a_commit_that_is_not_here_means_everything() {
        for commit in ["0000000000000000000000000000000000000000", "", "no-such-branch"] {
            assert!(matches!(super::since(commit, &workspace()).unwrap(), Scope::Everything(_)), "{commit}");
        }
    }
}
