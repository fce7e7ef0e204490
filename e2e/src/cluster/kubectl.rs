//! The `kubectl` program on the current context. Every call has a limit, and what kubectl complains of is the error.

mod forward;

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

pub use forward::Forward;

/// Where everything lives.
pub const NAMESPACE: &str = "ticketing";

/// How long a call may take that waits for nothing.
const LIMIT: Duration = Duration::from_secs(30);

/// kubectl on the platform's namespace. It goes with the future that waits for it.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new("kubectl");
    command.arg("--namespace").arg(NAMESPACE).args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Runs kubectl and returns what it printed.
pub async fn run(arguments: &[&str]) -> Result<String> {
    run_within(LIMIT, arguments).await
}

/// Likewise for one that waits for something.
pub async fn run_within(limit: Duration, arguments: &[&str]) -> Result<String> {
    finish(limit, arguments, None).await
}

/// Likewise with an input, which no list of processes shows.
pub async fn feed(arguments: &[&str], input: &str) -> Result<String> {
    finish(LIMIT, arguments, Some(input)).await
}

async fn finish(limit: Duration, arguments: &[&str], input: Option<&str>) -> Result<String> {
    let called = || format!("kubectl {}", arguments.join(" "));
    let ended = async {
        let mut command = command(arguments);
        command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        if let (Some(input), Some(mut pipe)) = (input, child.stdin.take()) {
            pipe.write_all(input.as_bytes()).await?;
        }
        child.wait_with_output().await
    };
    let ended = timeout(limit, ended).await;
    let ended = ended.with_context(|| format!("{} has not ended within {} s", called(), limit.as_secs()))?;
    let output = ended.context("`kubectl` cannot be run: is it installed?")?;
    if !output.status.success() {
        bail!("{}: {}", called(), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// An object of the namespace, `get(&["service", "auth-srv"])`; null if it is not there.
pub async fn get(arguments: &[&str]) -> Result<Value> {
    let text = run(&[&["get", "--ignore-not-found", "--output=json"], arguments].concat()).await?;
    if text.trim().is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_str(&text)?) }
}

/// Several objects of the namespace, `list(&["pods", "--selector=app=auth"])`.
pub async fn list(arguments: &[&str]) -> Result<Vec<Value>> {
    let mut list: Value = serde_json::from_str(&run(&[&["get", "--output=json"], arguments].concat()).await?)?;
    Ok(list["items"].as_array_mut().map(std::mem::take).unwrap_or_default())
}

/// What a Secret holds.
pub async fn secret(name: &str) -> Result<BTreeMap<String, String>> {
    let secret = get(&["secret", name]).await?;
    let data = secret["data"].as_object().with_context(|| format!("there is no Secret {name}"))?;
    let decoded = |(key, value): (&String, &Value)| {
        let value = STANDARD.decode(value.as_str().unwrap_or_default())?;
        Ok((key.clone(), String::from_utf8(value)?))
    };
    data.iter().map(decoded).collect()
}

/// The name of the current context.
pub async fn context() -> Result<String> {
    Ok(run(&["config", "current-context"]).await?.trim().to_owned())
}

/// A text in a JSON object, empty if it is not there.
pub fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}
