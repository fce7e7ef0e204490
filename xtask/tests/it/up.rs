use std::fs;
use std::process::Command;

#[test]
fn up_observe_says_in_one_sentence_that_no_container_engine_runs_and_starts_nothing() {
    let (state, empty) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut up = Command::new(env!("CARGO_BIN_EXE_xtask"));
    // With no program on PATH, anything else that was started would be what fails.
    up.args(["up", "--observe"]).env("PATH", empty.path()).env("XDG_STATE_HOME", state.path());
    let output = up.output().unwrap();
    let sentence = "error: --observe needs a container engine, and neither docker nor podman runs here\n";
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(1), sentence));
    assert_eq!(fs::read_dir(state.path()).unwrap().count(), 0);
}
