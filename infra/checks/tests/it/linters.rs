//! What linters find in the manifests, the workflows and the Dockerfile.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use crate::overlay::{Overlay, overlay, overlays, root};
use crate::tools::{ACTIONLINT, HADOLINT, KUBE_SCORE, KUBECONFORM, ZIZMOR, skip};

/// Checks of kube-score that do not fit, each with the reason.
const IGNORED: [(&str, &str); 6] = [
    (
        "container-ephemeral-storage-request-and-limit",
        "root file systems are read-only, and every emptyDir has a limit",
    ),
    (
        "container-image-pull-policy",
        "tags and digests are fixed, and a pod starts without the registry if its node can",
    ),
    ("container-security-context-user-group-id", "mongo, nats and redis run as their images' own users"),
    ("deployment-has-host-podantiaffinity", "topologySpreadConstraints spread the copies"),
    ("statefulset-has-host-podantiaffinity", "topologySpreadConstraints spread the copies"),
    ("pod-probes-identical", "mongod and redis-server have one command that tells whether they answer"),
];

/// The same for `dev`, which has one copy of everything.
const IGNORED_IN_DEV: [&str; 2] = ["deployment-has-poddisruptionbudget", "deployment-replicas"];

/// Kinds that Kubernetes itself does not have.
const EXTENSIONS: &str = "HTTPRoute,Gateway,ClientTrafficPolicy,BackendTrafficPolicy,Issuer,Certificate";

/// Runs a linter in the repository's root: it must find nothing.
#[track_caller]
pub fn assert_clean<A: AsRef<OsStr>>(program: &Path, arguments: impl IntoIterator<Item = A>) {
    let output = Command::new(program).args(arguments).current_dir(root()).output().unwrap();
    let messages = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "\n{}", String::from_utf8_lossy(&messages));
}

/// The overlay as a file.
fn file(overlay: &Overlay) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
    file.write_all(overlay.text.as_bytes()).unwrap();
    file
}

#[test]
fn kubeconform_finds_nothing_in_the_overlays() {
    let what = "the overlays against the schemas of the Kubernetes API";
    let Ok(schemas) = std::env::var("KUBECONFORM_SCHEMAS") else {
        return skip(what, "KUBECONFORM_SCHEMAS does not say where the schemas are");
    };
    let Some(kubeconform) = KUBECONFORM.find_or_skip(what) else { return };
    for version in versions(&schemas) {
        let files: Vec<_> = overlays().iter().map(file).collect();
        let flags = ["-strict", "-skip", EXTENSIONS, "-schema-location", &schemas, "-kubernetes-version", &version];
        assert_clean(
            &kubeconform,
            flags.iter().map(OsStr::new).chain(files.iter().map(|file| file.path().as_os_str())),
        );
    }
}

/// The versions of the API whose schemas are in the folder before the template's first placeholder, or the newest.
fn versions(schemas: &str) -> Vec<String> {
    let Some((folder, _)) = schemas.split_once("{{").filter(|(folder, _)| Path::new(folder).is_dir()) else {
        return vec!["master".to_owned()];
    };
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter_map(|name| name.strip_prefix('v')?.strip_suffix("-strict").map(str::to_owned)).collect()
}

#[test]
fn kube_score_finds_nothing_in_the_overlays() {
    let Some(kube_score) = KUBE_SCORE.find_or_skip("the overlays by kube-score") else { return };
    for (overlay, ignored) in [(overlay("dev"), IGNORED_IN_DEV.as_slice()), (overlay("prod"), &[])] {
        let file = file(overlay);
        let mut arguments = vec!["score", "--output-format=ci", "--exit-one-on-warning", "--kubernetes-version=v1.34"];
        arguments.extend(["--enable-optional-test=container-seccomp-profile"]);
        for check in IGNORED.iter().map(|(check, _)| check).chain(ignored) {
            arguments.extend(["--ignore-test", check]);
        }
        arguments.push(file.path().to_str().unwrap());
        assert_clean(&kube_score, arguments);
    }
}

#[test]
fn actionlint_finds_nothing_in_the_workflows() {
    let Some(actionlint) = ACTIONLINT.find_or_skip("the workflows by actionlint") else { return };
    let workflows = fs::read_dir(root().join(".github/workflows")).unwrap().map(|file| file.unwrap().path());
    assert_clean(&actionlint, ["-no-color".into()].into_iter().chain(workflows));
}

#[test]
fn zizmor_finds_nothing_in_the_workflows() {
    let Some(zizmor) = ZIZMOR.find_or_skip("the workflows by zizmor") else { return };
    assert_clean(&zizmor, ["--offline", "--quiet", "--color=never", ".github"]);
}

#[test]
fn hadolint_finds_nothing_in_the_dockerfile() {
    let Some(hadolint) = HADOLINT.find_or_skip("the Dockerfile by hadolint") else { return };
    assert_clean(&hadolint, ["--no-color", "infra/docker/Dockerfile"]);
}
