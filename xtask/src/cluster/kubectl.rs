//! The `kubectl` program, on the current context.

use std::io::Write;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::NAMESPACE;

/// Runs kubectl and returns what it printed; what it complains of is the error.
pub fn ask(arguments: &[&str], input: Option<&str>) -> Result<String> {
    let mut child = Command::new("kubectl")
        .args(arguments)
        .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("`kubectl` cannot be run; is it installed?")?;
    if let (Some(input), Some(mut pipe)) = (input, child.stdin.take()) {
        pipe.write_all(input.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "kubectl {}: {}", arguments.join(" "), complaint.trim());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs kubectl for people to watch.
pub fn show(arguments: &[&str]) -> Result<()> {
    let status =
        Command::new("kubectl").args(arguments).status().context("`kubectl` cannot be run; is it installed?")?;
    ensure!(status.success(), "kubectl {} failed", arguments.join(" "));
    Ok(())
}

/// An object of our namespace.
pub fn get(kind: &str, name: &str) -> Result<Option<Value>> {
    let text = ask(&["--namespace", NAMESPACE, "get", kind, name, "--ignore-not-found", "--output=json"], None)?;
    if text.trim().is_empty() { Ok(None) } else { Ok(Some(serde_json::from_str(&text)?)) }
}

/// Creates an object that is not there, from a text that no process list shows.
pub fn create(object: &Value) -> Result<()> {
    ask(&["create", "--filename=-"], Some(&object.to_string())).map(drop)
}

/// The context's name, for people to see where they are.
pub fn context() -> Result<String> {
    Ok(ask(&["config", "current-context"], None)?.trim().to_owned())
}

/// Waits until a Job has succeeded.
///
/// # Errors
/// When it failed, or has not ended in time.
pub fn wait_for_job(name: &str, within: Duration) -> Result<()> {
    let started = Instant::now();
    loop {
        let job = get("job", name)?.with_context(|| format!("there is no Job {name}"))?;
        let conditions = job["status"]["conditions"].as_array().cloned().unwrap_or_default();
        let is = |kind| conditions.iter().any(|condition| condition["type"] == kind && condition["status"] == "True");
        if is("Complete") {
            return Ok(());
        }
        if is("Failed") {
            bail!("the Job {name} failed; `kubectl -n {NAMESPACE} logs job/{name}` says why");
        }
        ensure!(started.elapsed() < within, "the Job {name} has not ended within {} s", within.as_secs());
        sleep(Duration::from_millis(500));
    }
}
