//! What `.dockerignore` lets into a build.

use checks::repository::{crates, files, read};

/// A pattern of `.dockerignore`: the last one that matches a path or a folder above it decides.
struct Pattern {
    elements: Vec<String>,
    lets_in: bool,
}

fn patterns() -> Vec<Pattern> {
    let text = read(".dockerignore");
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let pattern = |line: &str| {
        let lets_in = line.starts_with('!');
        let elements = line.trim_start_matches('!').trim_matches('/').split('/').map(str::to_owned).collect();
        Pattern { elements, lets_in }
    };
    lines.map(pattern).collect()
}

fn is_let_in(patterns: &[Pattern], path: &str) -> bool {
    let elements: Vec<&str> = path.split('/').collect();
    let matches = |pattern: &&Pattern| (1..=elements.len()).any(|depth| matches(&pattern.elements, &elements[..depth]));
    patterns.iter().rfind(matches).is_none_or(|pattern| pattern.lets_in)
}

/// `**` is any number of elements, `*` any one; nothing here needs more.
fn matches(pattern: &[String], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((first, rest)), _) if first == "**" => {
            matches(rest, path) || path.split_first().is_some_and(|(_, below)| matches(pattern, below))
        }
        (Some((first, rest)), Some((element, below))) => (first == "*" || first == element) && matches(rest, below),
        _ => false,
    }
}

#[test]
fn whatever_cargo_needs_is_in_the_builds_context() {
    let patterns = patterns();
    let crates = crates();
    let of_a_crate = |path: &str| crates.iter().any(|it| path.starts_with(&format!("{}/", it.folder)));
    let files = files();
    let needed: Vec<&String> =
        files.iter().filter(|path| of_a_crate(path) || ["Cargo.toml", "Cargo.lock"].contains(&path.as_str())).collect();
    assert!(needed.len() > 100, "{needed:?}");
    let missing: Vec<_> = needed.into_iter().filter(|path| !is_let_in(&patterns, path)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn what_changes_without_changing_a_program_is_not_in_the_context() {
    let patterns = patterns();
    for path in [
        ".git/HEAD",
        "target/debug/auth",
        "orders/target/x",
        "README.md",
        "infra/docker/Dockerfile",
        "infra/k8s/overlays/dev/kustomization.yaml",
    ] {
        assert!(!is_let_in(&patterns, path), "{path}");
    }
}
