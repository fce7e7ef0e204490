use std::fs;
use std::process::Command;

use checks::object::list;
use checks::overlay::yaml;
use checks::repository::{root, rust_version};
use checks::tools::{ACTIONLINT, find_or_leave_out};
use checks::{Faults, images};
use clap::Parser;
use serde_json::Value;

const FOLDER: &str = ".github/workflows";

/// Every workflow, with its file's name.
fn workflows() -> Vec<(String, Value)> {
    let files = fs::read_dir(root().join(FOLDER)).unwrap();
    let mut names: Vec<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names.into_iter().map(|name| (name.clone(), yaml(&format!("{FOLDER}/{name}")))).collect()
}

/// Every job of every workflow, with a name for it.
fn jobs() -> Vec<(String, Value)> {
    let of_a_workflow = |(file, workflow): (String, Value)| {
        let jobs = workflow["jobs"].as_object().unwrap().clone();
        jobs.into_iter().map(move |(name, job)| (format!("{file}: {name}"), job))
    };
    workflows().into_iter().flat_map(of_a_workflow).collect()
}

/// What is run, and where: `(tests.yaml: test, cargo xtask test)`
fn commands() -> Vec<(String, String)> {
    let of_a_job = |(name, job): (String, Value)| {
        let commands =
            list(&job, "/steps").iter().filter_map(|step| step["run"].as_str().map(str::to_owned)).collect::<Vec<_>>();
        commands.into_iter().map(move |command| (name.clone(), command))
    };
    jobs().into_iter().flat_map(of_a_job).collect()
}

/// The words of a command, with a sample for each variable.
fn words(command: &str) -> Vec<String> {
    let words = command.split_whitespace().map(|word| word.trim_matches('"'));
    words.map(|word| if word.contains('$') { "sample".to_owned() } else { word.to_owned() }).collect()
}

#[test]
fn there_are_three_workflows() {
    let names: Vec<String> = workflows().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["images.yaml", "release.yaml", "tests.yaml"]);
}

#[test]
fn every_step_is_one_recipe() {
    let mut faults = Faults::default();
    for (job, command) in commands() {
        let is_one = command.trim().lines().count() == 1 && !command.contains(['|', ';', '&', '>', '`']);
        let is_recipe = command.starts_with("cargo xtask ");
        faults.unless(is_one && is_recipe, format_args!("{job}: {command}"));
        // A name that somebody else chose must not become part of a shell's command line.
        faults.unless(!command.contains("${{"), format_args!("{job}: give {command} its values by `env`"));
    }
    faults.assert_none();
}

#[test]
fn every_recipe_is_there_and_takes_its_arguments() {
    let mut faults = Faults::default();
    for (job, command) in commands() {
        let words = words(&command);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let refusal = match words.as_slice() {
            ["cargo", "xtask", "cluster", "test", arguments @ ..] => {
                let line = ["cluster"].iter().chain(arguments);
                e2e::cluster::Arguments::try_parse_from(line).err().map(|error| error.to_string())
            }
            ["cargo", "xtask", arguments @ ..] => refused(arguments),
            _ => Some("it is no recipe".to_owned()),
        };
        if let Some(refusal) = refusal {
            faults.add(format_args!("{job}: {command}: {refusal}"));
        }
    }
    faults.assert_none();
}

/// Why xtask does not take these arguments. Asked for its help at their end, it reads them and does nothing.
fn refused(arguments: &[&str]) -> Option<String> {
    let xtask = ["run", "--quiet", "--package", "xtask", "--"];
    let output = infra_local::cargo::command().args(xtask).args(arguments).arg("--help").output().unwrap();
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn every_job_has_few_rights_and_an_end() {
    let mut faults = Faults::default();
    for (file, workflow) in workflows() {
        faults.unless(
            workflow["permissions"]["contents"] == "read",
            format_args!("{file}: permissions are not contents: read"),
        );
        faults.unless(workflow["concurrency"]["group"].is_string(), format_args!("{file} may run beside itself"));
    }
    for (name, job) in jobs() {
        faults.unless(job["timeout-minutes"].is_u64(), format_args!("{name} has no timeout-minutes"));
        let may_write = job["permissions"].as_object().into_iter().flatten().filter(|(_, right)| *right == "write");
        for (right, _) in may_write {
            let allowed = [
                "release.yaml: sign id-token",
                "release.yaml: propose contents",
                "release.yaml: propose pull-requests",
            ];
            let is_needed = allowed.contains(&format!("{name} {right}").as_str());
            faults.unless(is_needed, format_args!("{name} may write {right}"));
        }
    }
    faults.assert_none();
}

#[test]
fn every_action_is_of_a_certain_version_and_no_registry_is_named() {
    let mut faults = Faults::default();
    for (name, job) in jobs() {
        for action in list(&job, "/steps").iter().filter_map(|step| step["uses"].as_str()) {
            let version = action.split_once('@').map(|(_, version)| version).unwrap_or_default();
            let is_tag = version.strip_prefix('v').is_some_and(|tag| tag.starts_with(|c: char| c.is_ascii_digit()));
            let is_commit = version.len() == 40 && version.bytes().all(|byte| byte.is_ascii_hexdigit());
            let is_certain = is_tag || is_commit;
            faults.unless(is_certain, format_args!("{name}: {action}"));
        }
        let text = job.to_string();
        for registry in ["ghcr.io", "docker.io", "quay.io", "gcr.io", "amazonaws.com", "azurecr.io"] {
            faults.unless(!text.contains(registry), format_args!("{name} names the registry {registry}"));
        }
    }
    faults.assert_none();
}

#[test]
fn every_job_has_the_rust_that_the_workspace_wants() {
    for (name, job) in jobs() {
        let steps = list(&job, "/steps").iter();
        let toolchains: Vec<&Value> = steps.map(|step| &step["with"]["toolchain"]).filter(|it| !it.is_null()).collect();
        assert_eq!(toolchains, [rust_version().as_str()], "{name}");
    }
}

#[test]
fn the_release_writes_every_image_into_the_overlay() {
    let kustomization = yaml("infra/k8s/overlays/prod/kustomization.yaml");
    let mut names: Vec<&str> =
        list(&kustomization, "/images").iter().filter_map(|image| image["name"].as_str()).collect();
    names.sort_unstable();
    let mut wanted: Vec<String> = images().into_iter().map(|name| format!("ticketing/{name}")).collect();
    wanted.sort();
    assert_eq!(names, wanted);
}

#[test]
fn actionlint_finds_nothing_in_the_workflows() {
    let Some(actionlint) = find_or_leave_out(&ACTIONLINT, FOLDER) else { return };
    let files = workflows().into_iter().map(|(name, _)| format!("{FOLDER}/{name}"));
    // Nothing but `cargo xtask` is run, so the shell's own checker has nothing to do.
    let output = Command::new(actionlint)
        .args(["-no-color", "-shellcheck=", "-pyflakes="])
        .args(files)
        .current_dir(root())
        .output();
    let output = output.unwrap();
    assert!(output.status.success(), "\n{}", String::from_utf8_lossy(&output.stdout));
}
