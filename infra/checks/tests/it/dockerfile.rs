use std::collections::BTreeSet;
use std::process::Command;

use checks::repository::{read, root, rust_version};
use checks::tools::{HADOLINT, find_or_leave_out};
use checks::{images, workloads};

const DOCKERFILE: &str = "infra/docker/Dockerfile";

/// One stage of the Dockerfile.
#[derive(Debug)]
struct Stage {
    name: String,
    from: String,
    /// Instruction and what follows it, continued lines joined.
    instructions: Vec<(String, String)>,
}

impl Stage {
    fn last(&self, instruction: &str) -> Option<&str> {
        self.instructions.iter().rfind(|(name, _)| name == instruction).map(|(_, rest)| rest.as_str())
    }
}

fn stages() -> Vec<Stage> {
    let text = read(DOCKERFILE).replace("\\\n", " ");
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut stages: Vec<Stage> = Vec::new();
    for (instruction, rest) in lines.filter_map(|line| line.split_once(' ')) {
        if instruction == "FROM" {
            let (from, name) = rest.split_once(" AS ").expect("every stage has a name");
            stages.push(Stage { name: name.to_owned(), from: from.to_owned(), instructions: Vec::new() });
        } else {
            let stage = stages.last_mut().expect("a stage comes first");
            stage.instructions.push((instruction.to_owned(), rest.to_owned()));
        }
    }
    stages
}

/// What a stage says, or the one that it is made from.
fn inherited<'a>(stages: &'a [Stage], name: &str, instruction: &str) -> Option<&'a str> {
    let stage = stages.iter().find(|stage| stage.name == name)?;
    stage.last(instruction).or_else(|| inherited(stages, &stage.from, instruction))
}

#[test]
fn every_image_has_a_target_that_starts_its_program() {
    let stages = stages();
    let targets: BTreeSet<&str> =
        stages.iter().map(|stage| stage.name.as_str()).filter(|name| !["build", "base"].contains(name)).collect();
    assert_eq!(targets, images().into_iter().collect());
    let build = stages.iter().find(|stage| stage.name == "build").unwrap().last("RUN").unwrap();
    for name in images() {
        let stage = stages.iter().find(|stage| stage.name == name).unwrap();
        assert_eq!(stage.last("ENTRYPOINT"), Some(format!(r#"["/{name}"]"#).as_str()));
        assert_eq!(stage.last("COPY"), Some(format!("--from=build /programs/{name} /{name}").as_str()));
        assert!(build.contains(&format!("--package {name} ")), "{name} is not built");
    }
}

#[test]
fn no_image_runs_as_root_and_each_runs_as_the_user_that_the_manifests_say() {
    let stages = stages();
    for workload in workloads() {
        for container in workload.containers().into_iter().filter(|it| images().contains(&it.name())) {
            let user = workload.pod("/securityContext/runAsUser");
            assert_eq!(
                inherited(&stages, container.name(), "USER"),
                Some(format!("{user}:{user}").as_str()),
                "{container}"
            );
            assert_ne!(*user, 0, "{container}");
        }
    }
}

#[test]
fn every_image_that_a_stage_is_made_from_is_a_certain_one() {
    let stages = stages();
    let names: BTreeSet<&str> = stages.iter().map(|stage| stage.name.as_str()).collect();
    for stage in stages.iter().filter(|stage| !names.contains(stage.from.as_str())) {
        let tag = stage.from.rsplit_once(':').map(|(_, tag)| tag);
        assert!(tag.is_some_and(|tag| tag != "latest" && !tag.contains('/')), "{}", stage.from);
    }
}

#[test]
fn the_images_are_built_with_the_rust_that_the_workspace_wants() {
    let wanted = rust_version();
    let stages = stages();
    let build = stages.iter().find(|stage| stage.name == "build").unwrap();
    assert!(build.from.starts_with(&format!("rust:{wanted}-")), "{} is not Rust {wanted}", build.from);
}

#[test]
fn hadolint_finds_nothing_in_the_dockerfile() {
    let Some(hadolint) = find_or_leave_out(&HADOLINT, DOCKERFILE) else { return };
    let output = Command::new(hadolint).args(["--no-color", DOCKERFILE]).current_dir(root()).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "\n{}", String::from_utf8_lossy(&said));
}
