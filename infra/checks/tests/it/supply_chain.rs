//! Who could change what we build and run: the workflows, the Dockerfile, the exceptions in `deny.toml`.

use std::fs;

use serde::Deserialize;
use serde_json::Value;

use crate::overlay::{assert_none, list, root, text};

/// What runs code of others: build scripts, macros, a Dockerfile.
const RUNS_OTHERS_CODE: [&str; 4] = ["cargo ", "docker build", "docker buildx build", "trivy "];

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// Every workflow, by its file's name.
fn workflows() -> Vec<(String, Value)> {
    let files = fs::read_dir(root().join(".github/workflows")).unwrap().map(|file| file.unwrap().path());
    files
        .map(|path| {
            let file = fs::File::open(&path).unwrap();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, Value::deserialize(serde_norway::Deserializer::from_reader(file)).unwrap())
        })
        .collect()
}

fn workflow(name: &str) -> Value {
    workflows().into_iter().find(|(file, _)| file == name).unwrap().1
}

fn jobs(workflow: &Value) -> impl Iterator<Item = (&String, &Value)> {
    workflow["jobs"].as_object().unwrap().iter()
}

fn steps(job: &Value) -> &[Value] {
    list(&job["steps"])
}

/// `2026-11-29: ` and what follows.
fn begins_with_a_date(text: &str) -> bool {
    let shape = |(at, c): (usize, char)| match at {
        4 | 7 => c == '-',
        10 => c == ':',
        _ => c.is_ascii_digit(),
    };
    text.chars().take(11).enumerate().all(shape) && text.len() > "2026-11-29: ".len()
}

#[test]
fn every_action_is_named_by_its_commit_and_says_its_version() {
    let mut problems = Vec::new();
    for (file, _) in workflows() {
        let text = read(&format!(".github/workflows/{file}"));
        for line in text.lines().filter_map(|line| line.trim_start_matches("- ").trim_start().split_once("uses: ")) {
            let is_pinned =
                line.1.split_once('@').and_then(|(_, pin)| pin.split_once(" # v")).is_some_and(|(commit, version)| {
                    let is_commit = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
                    is_commit && version.split('.').count() == 3
                });
            if !is_pinned {
                problems.push(format!("{file}: {}", line.1));
            }
        }
    }
    assert_none(problems);
}

#[test]
fn what_has_rights_runs_no_code_of_others() {
    let mut problems = Vec::new();
    for (file, workflow) in workflows() {
        if workflow["permissions"] != serde_json::json!({"contents": "read"}) {
            problems.push(format!("{file} has more rights than to read"));
        }
        for (name, job) in jobs(&workflow) {
            let has_secrets = job.to_string().contains("secrets.");
            let is_reader =
                job["permissions"].as_object().is_none_or(|rights| rights.values().all(|right| right == "read"));
            if is_reader && !has_secrets {
                continue;
            }
            for step in steps(job) {
                let command = text(&step["run"]);
                let runs_others = RUNS_OTHERS_CODE.iter().any(|program| command.contains(program));
                if runs_others || text(&step["uses"]).contains("rust") {
                    problems.push(format!("{file}: {name}: {}{command}", text(&step["uses"])));
                }
            }
        }
    }
    assert_none(problems);
}

#[test]
fn no_checkout_leaves_its_token_behind() {
    let mut problems = Vec::new();
    for (file, workflow) in workflows() {
        for (name, job) in jobs(&workflow) {
            let checkouts = steps(job).iter().filter(|step| text(&step["uses"]).starts_with("actions/checkout@"));
            let leaves = checkouts.filter(|step| step["with"]["persist-credentials"] != false);
            problems.extend(leaves.map(|_| format!("{file}: {name}")));
        }
    }
    assert_none(problems);
}

#[test]
fn holes_are_looked_for_every_day_in_every_lock_file() {
    let workflow = workflow("dependencies.yaml");
    assert!(!list(&workflow["on"]["schedule"]).is_empty());
    let (_, job) = jobs(&workflow).next().unwrap();
    let commands: Vec<&str> = steps(job).iter().map(|step| text(&step["run"])).collect();
    for command in [
        "cargo deny --locked check",
        "cargo deny --locked --manifest-path fuzz/Cargo.toml --config deny.toml check",
        "cargo deny --locked --manifest-path load/Cargo.toml --config deny.toml check",
    ] {
        assert!(commands.iter().any(|line| line.starts_with(command)), "{commands:?}");
    }
}

#[test]
fn every_program_of_an_image_carries_the_list_of_its_crates() {
    let dockerfile = read("infra/docker/Dockerfile");
    assert!(dockerfile.contains("cargo auditable build --release --locked"));
    assert!(!dockerfile.contains("cargo build"));
}

#[test]
fn a_base_image_is_named_by_an_exact_version() {
    let dockerfile = read("infra/docker/Dockerfile");
    let images = dockerfile.lines().filter_map(|line| line.strip_prefix("FROM ")?.split(' ').next()?.split_once(':'));
    let inexact = images.filter(|(name, tag)| {
        let is_exact = tag.split('-').next().is_some_and(|version| version.split('.').count() == 3);
        // Its tags have no versions.
        !is_exact && !name.starts_with("gcr.io/distroless/")
    });
    assert_none(inexact.map(|(name, tag)| format!("{name}:{tag}")).collect());
}

#[test]
fn every_exception_has_a_reason_and_a_date() {
    let deny = read("deny.toml");
    let ignored = deny.lines().filter(|line| line.contains("RUSTSEC-"));
    let without = ignored.filter(|line| {
        let reason = line.split_once("reason = \"").map(|(_, reason)| reason);
        !reason.is_some_and(begins_with_a_date)
    });
    assert_none(without.map(str::to_owned).collect());
    assert!(!deny.contains("skip = ["), "a skipped crate needs a reason and a date as well");
}

#[test]
fn a_bot_raises_the_versions_of_crates_actions_and_base_images() {
    let config: Value = serde_norway::from_str(&read(".github/dependabot.yml")).unwrap();
    let of = |ecosystem: &str| {
        let update = list(&config["updates"]).iter().find(|update| update["package-ecosystem"] == ecosystem).unwrap();
        assert!(update["cooldown"]["default-days"].as_u64().unwrap() >= 7, "{ecosystem}");
        update
    };
    assert_eq!(list(&of("cargo")["directories"]), ["/", "/fuzz", "/load"]);
    assert_eq!(of("github-actions")["directory"], "/");
    assert_eq!(of("docker")["directory"], "/infra/docker");
}

#[test]
fn every_target_of_the_fuzzer_runs_in_the_workflow() {
    let workflow = workflow("fuzz.yaml");
    let targets = &workflow["jobs"]["fuzz"]["strategy"]["matrix"]["target"];
    let mut targets: Vec<&str> = list(targets).iter().map(text).collect();
    let files = fs::read_dir(root().join("fuzz/fuzz_targets")).unwrap().map(|file| file.unwrap().path());
    let mut found: Vec<String> = files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    targets.sort_unstable();
    found.sort_unstable();
    assert_eq!(targets, found);
}

#[test]
fn what_security_md_names_as_evidence_is_there() {
    let text = read("SECURITY.md");
    let links = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link);
    let paths = links.map(|link| link.split('#').next().unwrap()).filter(|path| !path.is_empty());
    let missing = paths.filter(|path| !root().join(path).exists());
    assert_none(missing.map(str::to_owned).collect());
}

#[test]
fn every_chapter_of_the_standard_has_its_part_of_security_md() {
    let text = read("SECURITY.md");
    let missing = (1..=17).map(|chapter| format!("\n### V{chapter} ")).filter(|heading| !text.contains(heading));
    assert_none(missing.collect());
}
