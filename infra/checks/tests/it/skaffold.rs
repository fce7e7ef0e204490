use std::collections::BTreeSet;
use std::process::Command;

use checks::object::list;
use checks::overlay::yaml;
use checks::repository::{crates, files, root};
use checks::tools::{SKAFFOLD, find_or_leave_out};
use checks::{Faults, images};
use serde_json::Value;

/// An artifact: what image, and the paths that make it new.
struct Artifact {
    name: String,
    command: String,
    paths: Vec<String>,
}

fn artifacts() -> Vec<Artifact> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let artifact = |artifact: &Value| Artifact {
        name: text(&artifact["image"]).strip_prefix("ticketing/").unwrap().to_owned(),
        command: text(&artifact["custom"]["buildCommand"]),
        paths: list(artifact, "/custom/dependencies/paths").iter().map(text).collect(),
    };
    list(&yaml("skaffold.yaml"), "/build/artifacts").iter().map(artifact).collect()
}

/// A path of skaffold's: a file, or `folder/**`.
fn covers(path: &str, file: &str) -> bool {
    path == file || path.strip_suffix("**").is_some_and(|folder| file.starts_with(folder))
}

/// The crates that a program is made of, itself included.
fn made_of(name: &str) -> BTreeSet<String> {
    let crates = crates();
    let mut found = BTreeSet::new();
    let mut wanted = vec![name.to_owned()];
    while let Some(name) = wanted.pop() {
        let uses = &crates.iter().find(|it| it.name == name).unwrap().uses;
        wanted.extend(uses.iter().filter(|it| !found.contains(*it)).cloned());
        found.insert(name);
    }
    found
}

/// What cargo reads of a crate for its program.
fn sources(name: &str) -> Vec<String> {
    let folder = crates().into_iter().find(|it| it.name == name).unwrap().folder;
    let of_the_program = |path: &String| {
        let rest = path.strip_prefix(&format!("{folder}/"));
        rest.is_some_and(|rest| rest == "Cargo.toml" || rest.starts_with("src/") || rest.starts_with("assets/"))
    };
    files().into_iter().filter(of_the_program).collect()
}

#[test]
fn every_image_is_an_artifact_that_its_recipe_builds() {
    let artifacts = artifacts();
    assert_eq!(artifacts.iter().map(|it| it.name.as_str()).collect::<BTreeSet<_>>(), images().into_iter().collect());
    for Artifact { name, command, .. } in artifacts {
        assert_eq!(command, format!("cargo xtask images {name}"));
    }
}

#[test]
fn an_image_is_built_again_when_anything_changes_that_it_is_made_of() {
    let mut faults = Faults::default();
    for artifact in artifacts() {
        let of_all = ["Cargo.toml", "Cargo.lock", "infra/docker/Dockerfile"].map(str::to_owned);
        let sources = made_of(&artifact.name).into_iter().flat_map(|name| sources(&name));
        for file in sources.chain(of_all) {
            let is_covered = artifact.paths.iter().any(|path| covers(path, &file));
            faults.unless(is_covered, format_args!("{} is not built again when {file} changes", artifact.name));
        }
    }
    faults.assert_none();
}

#[test]
fn an_image_is_not_built_again_for_the_sake_of_others_or_of_nothing() {
    let mut faults = Faults::default();
    let (crates, files) = (crates(), files());
    for artifact in artifacts() {
        let made_of = made_of(&artifact.name);
        for path in &artifact.paths {
            let is_there = files.iter().any(|file| covers(path, file));
            faults.unless(is_there, format_args!("{}: there is no {path}", artifact.name));
            let others = crates.iter().filter(|it| !made_of.contains(&it.name));
            for other in others.filter(|it| path.starts_with(&format!("{}/", it.folder))) {
                faults.add(format_args!("{}: {path} is of {}, which is not in it", artifact.name, other.name));
            }
        }
    }
    faults.assert_none();
}

#[test]
fn every_profile_deploys_an_overlay_that_there_is() {
    let skaffold = yaml("skaffold.yaml");
    let profiles: Vec<&Value> = list(&skaffold, "/profiles").iter().map(|profile| &profile["name"]).collect();
    assert_eq!(profiles, ["dev", "prod", "ci"]);
    let all = [&skaffold].into_iter().chain(list(&skaffold, "/profiles"));
    for path in all.flat_map(|it| list(it, "/manifests/kustomize/paths")) {
        assert!(root().join(path.as_str().unwrap()).join("kustomization.yaml").exists(), "{path}");
    }
}

#[test]
fn skaffold_understands_every_profile() {
    let Some(skaffold) = find_or_leave_out(&SKAFFOLD, "skaffold.yaml by skaffold itself") else { return };
    let home = tempfile::tempdir().unwrap();
    for profile in ["dev", "prod", "ci"] {
        let output = Command::new(&skaffold)
            .args(["diagnose", "--yaml-only", "--profile", profile, "--config"])
            .arg(home.path().join("config"))
            .env("SKAFFOLD_UPDATE_CHECK", "false")
            .env("SKAFFOLD_INTERACTIVE", "false")
            .env("HOME", home.path())
            .current_dir(root())
            .output()
            .unwrap();
        assert!(output.status.success(), "{profile}: {}", String::from_utf8_lossy(&output.stderr));
        let understood: Value = serde_norway::from_slice(&output.stdout).unwrap();
        assert_eq!(list(&understood, "/build/artifacts").len(), images().len(), "{profile}");
    }
}
